import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { YouzanKubeError } from '../../conventions/index.js';
import { describeError } from '../run-command.js';

/** Appends to a cluster's journal in a folder. A journal that can't be written is said, and stops no syncer. */
export function openJournal(folder: string, cluster: string) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${cluster}.ndjson`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => {
    process.stderr.write(
      `${describeError(new YouzanKubeError('CLI_JOURNAL', `can't write the journal ${file}: ${error.message}`, { path: file }))}\n`,
    );
  });
  return (line: string): void => void stream.write(line);
}

/** The lines of a journal. One that ends with a newline has an empty last line: so a torn one is told from a damaged one. */
export async function* readJournal(file: string): AsyncGenerator<string, void, undefined> {
  let pieces: string[] = [];
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>) {
      const [first = '', ...more] = chunk.split('\n');
      pieces.push(first);
      for (const next of more) {
        yield pieces.join('');
        pieces = [next];
      }
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new YouzanKubeError('CLI_UNREADABLE_FILE', `can't read ${file}: ${reason}`, { path: file, cause });
  }
  yield pieces.join('');
}
