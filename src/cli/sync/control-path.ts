import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where `youzan-kube sync` takes commands, and where its subcommands look for it, when no other place is named: in the
 * user's own runtime folder, else in the folder for temporary files, as in a pod.
 */
export function defaultControlPath(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_RUNTIME_DIR: folder = '' } = environment;
  return join(folder === '' ? tmpdir() : folder, 'youzan-kube-sync.sock');
}
