import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTest } from './stands.js';

/** A folder that ends with its test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-test-'));
  endWithTest(() => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  });
  return folder;
}

/** Writes a file anew and gives it another time than it had: two writes may fall into one tick of the file system. */
export function rewrite(file: string, text: string): void {
  const before = statSync(file).mtime;
  writeFileSync(file, text);
  const later = new Date(before.getTime() + 1000);
  utimesSync(file, later, later);
}
