import type { SyncLogger } from '../k8s-sync/index.js';
import { describeError } from './run-command.js';

/**
 * A logger of one cluster's syncer for people: a line with the cluster's name, then the error with what to do. The same
 * words again are not written a second time, so that a retry every two seconds fills no screen.
 */
export function syncLogger(cluster: string, write: (text: string) => void): SyncLogger {
  let last = '';
  const say = (fields: object, message: string): void => {
    const error = 'error' in fields ? `\n${describeError(fields.error)}` : '';
    const text = `${message.startsWith(cluster) ? message : `${cluster}: ${message}`}${error}\n`;
    if (text === last) return;
    last = text;
    write(text);
  };
  return { info: say, warn: say, error: say };
}
