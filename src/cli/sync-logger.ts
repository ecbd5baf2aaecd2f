import type { SyncLogger } from '../k8s-sync/index.js';
import { describeError } from './run-command.js';

/**
 * A logger of one cluster's syncer for people: a line with the cluster's name, then the error with what to do. A trouble
 * is said again only when its words change or something else has happened, so that a retry every two seconds fills no
 * screen.
 */
export function syncLogger(cluster: string, write: (text: string) => void): SyncLogger {
  const troubles = new Map<string, string>();
  const say = (fields: object, message: string): void => {
    const error = 'error' in fields ? `\n${describeError(fields.error)}` : '';
    const text = `${message.startsWith(cluster) ? message : `${cluster}: ${message}`}${error}\n`;
    if ('error' in fields || 'failure' in fields) {
      if (troubles.get(message) === text) return;
      troubles.set(message, text);
    } else troubles.clear();
    write(text);
  };
  return { info: say, warn: say, error: say };
}
