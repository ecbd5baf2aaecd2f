// The lab's images in the three layers of an app's image: OS, runtime, application.
import { mkdirSync, readFileSync, readdirSync, realpathSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entrypointTools } from '../../../src/rich-container/index.js';
import { writeArchive, type Image } from './archive.js';
import { makeLayer, type Blob, type Entry } from './layer.js';
import { sharedLibrariesOf } from './shared-libraries.js';

export const references = {
  /** What every pod's sandbox runs. */
  pause: 'lab.local/pause:1',
  /** A shell and its tools. */
  busybox: 'lab.local/busybox:1',
  /** Node, and the demo's app in /app. */
  node: 'lab.local/node:1',
} as const;

/** The user that an image has beside root. */
export const unprivilegedUser = { id: 1000, name: 'app' } as const;

/** The programs that the images have, all one static busybox. Its shell finds the other ones of busybox, too. */
const tools = [
  ...new Set([...entrypointTools, 'sh', 'cat', 'chmod', 'cp', 'dd', 'echo', 'env', 'grep', 'head', 'hostname', 'id']),
  ...['ip', 'kill', 'ls', 'nc', 'ping', 'printf', 'ps', 'sed', 'seq', 'stat', 'tail', 'test', 'touch', 'tr', 'true'],
];

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const file = (path: string, from = path, mode = 0o755): Entry => ({
  type: 'file',
  path,
  content: readFileSync(from),
  mode,
});
const text = (path: string, content: string): Entry => ({ type: 'file', path, content });

function osLayer(): Promise<Blob> {
  const { id, name } = unprivilegedUser;
  return makeLayer([
    file('/bin/busybox', '/bin/busybox'),
    ...tools.map((tool): Entry => ({ type: 'symlink', path: `/bin/${tool}`, target: 'busybox' })),
    text('/etc/passwd', `root:x:0:0:root:/root:/bin/sh\n${name}:x:${id}:${id}::/app:/bin/sh\n`),
    text('/etc/group', `root:x:0:\n${name}:x:${id}:\n`),
    { type: 'directory', path: '/root', mode: 0o700 },
    { type: 'directory', path: '/tmp', mode: 0o1777 },
  ]);
}

/** This machine's own Node, at a place in the search path. */
function runtimeLayer(): Promise<Blob> {
  const node = realpathSync(process.execPath);
  return makeLayer([
    file('/usr/local/bin/node', node),
    ...sharedLibrariesOf(node).map((library) => file(library, realpathSync(library))),
  ]);
}

/** The demo's programs at the places that they have in the repository. */
function appLayer(): Promise<Blob> {
  const folder = 'examples/demo';
  const programs = readdirSync(join(repository, folder)).filter((name) => name.endsWith('.mjs'));
  return makeLayer(programs.map((name) => file(`/app/${folder}/${name}`, join(repository, folder, name), 0o644)));
}

const searchPath = 'PATH=/usr/local/bin:/bin';

async function labImages(): Promise<readonly Image[]> {
  const [os, runtime, app] = await Promise.all([osLayer(), runtimeLayer(), appLayer()]);
  // Process 1 of a pod whose containers share their processes: it reaps.
  const pause = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];
  return [
    { reference: references.pause, layers: [os], entrypoint: pause, environment: [searchPath] },
    { reference: references.busybox, layers: [os], command: ['/bin/sh'], environment: [searchPath] },
    {
      reference: references.node,
      layers: [os, runtime, app],
      command: ['node'],
      environment: [searchPath],
      workingFolder: '/app',
    },
  ];
}

/** Writes all images into one archive. */
export async function writeLabImages(archive: string): Promise<void> {
  mkdirSync(dirname(archive), { recursive: true });
  const draft = `${archive}.draft`;
  await writeArchive(draft, await labImages());
  renameSync(draft, archive);
}
