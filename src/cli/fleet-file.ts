import { readFileSync } from 'node:fs';
import { YouzanKubeError } from '../conventions/index.js';
import { type Fleet, parseFleetYaml } from '../fleet/index.js';

/** Reads and checks a fleet.yaml; throws with every finding and its place. */
export function readFleet(file: string): Fleet {
  return parseFleetYaml(readInput(file), { file });
}

/** Reads a file that the user named. */
export function readInput(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new YouzanKubeError(
      'CLI_UNREADABLE_FILE',
      `can't read ${file}: ${error instanceof Error ? error.message : String(error)}`,
      {
        path: file,
        cause: error,
      },
    );
  }
}
