export { entrypointTools } from '../conventions/entrypoint-tools.js';

/** A code with which the entrypoint itself fails. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
}

/**
 * The entrypoint's own exit codes. Any other code is the main process's: its own, or 128 + n when signal n ended it.
 * Stopped by TERM before main was started, it is 143.
 */
export const exitCodes = {
  stateDirectory: {
    code: 110,
    meaning: 'the state directory can not be written; set YOUZAN_STATE_DIR to a writable one (emptyDir)',
  },
  toolMissing: { code: 111, meaning: 'a program that the entrypoint needs is not in the image' },
  gateFailed: { code: 112, meaning: 'a process was not ready by the deadline of its gate' },
  noProbeTool: {
    code: 113,
    meaning: 'an http or tcp gate, and no program in the image that can ask; use a file or exec gate',
  },
} as const satisfies Readonly<Record<string, ExitCode>>;
