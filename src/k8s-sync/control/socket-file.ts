// A Unix socket that only its user can open, from the moment that it can be seen.
import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { YouzanKubeError } from '../../conventions/index.js';

const probeMs = 1000;
/** What Linux has room for; with a longer path nobody could connect. */
const longestPath = 107;

/**
 * Listens in a folder that nobody else can enter, then moves the socket to its place. A socket that a dead process left
 * there is replaced; one that answers, or a file of another kind, never is. The answer takes it away again.
 */
export async function listenAtSocket(server: Server, path: string): Promise<() => void> {
  await refuseUnfit(path);
  const folder = mkdtempSync(join(dirname(path), '.yk'));
  const hidden = join(folder, 's');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(hidden, resolve);
    });
    chmodSync(hidden, 0o600);
    renameSync(hidden, path);
  } finally {
    rmSync(hidden, { force: true });
    rmdirSync(folder);
  }
  const own = lstatSync(path);
  return () => {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present?.ino === own.ino && present.dev === own.dev) rmSync(path, { force: true });
  };
}

async function refuseUnfit(path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestPath) throw refused(path, `a socket's path has at most ${longestPath} bytes`);
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return;
  if (!present.isSocket()) throw refused(path, 'a file that is no socket is there');
  if (await answers(path)) throw refused(path, 'another syncer listens there');
}

const refused = (path: string, why: string): YouzanKubeError =>
  new YouzanKubeError('CONTROL_ADDRESS', `can't take commands at ${path}: ${why}`, {
    path,
    hint: 'name another place',
  });

/** Only a refusal says that nobody is there: one that is busy, or that is another user's, is somebody's. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(probeMs, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) => end(!['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')));
  });
}
