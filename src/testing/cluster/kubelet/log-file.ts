// A pod's log: a plain file that its processes append to, kept short by the kubelet.
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, readSync, fstatSync, writeSync } from 'node:fs';

const longestLogBytes = 4 * 1024 * 1024;
const keptLogBytes = 1024 * 1024;

/** Drops all but the last MiB of a log that is over 4 MiB. What is appended in the meantime may be lost. */
export function trimLog(file: string): void {
  if (!existsSync(file)) return;
  const log = openSync(file, 'r+');
  try {
    const { size } = fstatSync(log);
    if (size <= longestLogBytes) return;
    const kept = Buffer.alloc(keptLogBytes);
    const length = readSync(log, kept, 0, keptLogBytes, size - keptLogBytes);
    ftruncateSync(log, 0);
    writeSync(log, kept, 0, length, 0);
  } finally {
    closeSync(log);
  }
}

/** The whole log or its last lines; empty when there is none. */
export function readLog(file: string, tailLines?: number): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return '';
  }
  if (tailLines === undefined) return text;
  const lines = text.split('\n');
  const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return last
    .slice(Math.max(0, last.length - tailLines))
    .map((line) => `${line}\n`)
    .join('');
}
