// The images as containerd keeps them, unpacked once for a lab. Each node gets a copy that shares the files' bytes: they
// are only read, and importing 100 MB takes each node a second of both cores.
import { mkdirSync, readdirSync, renameSync, copyFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Made } from '../lab/record.js';
import { containerdConfig } from '../node/config/containerd.js';
import { run } from '../processes/run.js';
import { startProcess } from '../processes/start.js';
import { waitFor } from '../processes/wait.js';
import { references, writeLabImages } from './lab-images.js';

/** Makes the store with a containerd of its own, which is gone afterwards. Gives the store's folder. */
export async function makeImageStore(folder: string, made: (made: Made) => void): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const [store, state] = [join(folder, 'store'), join(folder, 'state')];
  const [archive, socket, config] = [
    join(folder, 'images.tar'),
    join(state, 'socket'),
    join(folder, 'containerd.toml'),
  ];
  writeFileSync(config, containerdConfig({ root: store, state, socket, sandboxImage: references.pause }));
  const containerd = startProcess({
    name: 'containerd of the image store',
    // Unpacking mounts; a mount namespace of its own takes all mounts along.
    command: ['unshare', '--mount', 'containerd', '--config', config],
    logFile: join(folder, 'containerd.log'),
  });
  made({ kind: 'process', name: containerd.name, ...containerd.identity });
  try {
    await writeLabImages(archive);
    const ctr = ['ctr', '--address', socket, '--namespace', 'k8s.io'];
    await waitFor(`${containerd.name} answers`, async () => (await run([...ctr, 'version'])) !== '', {
      deadlineMs: 20_000,
      processes: [containerd],
    });
    await run([...ctr, 'images', 'import', archive]);
  } finally {
    await containerd.kill();
    rmSync(archive, { force: true });
  }
  return store;
}

/** Copies the store: databases as they are, everything else as another link to the same file. */
export async function copyImageStore(store: string, target: string): Promise<void> {
  await run(['cp', '--archive', '--link', '--no-target-directory', store, target]);
  for (const name of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.db')) continue;
    const file = join(target, name);
    copyFileSync(file, `${file}.own`);
    renameSync(`${file}.own`, file);
  }
}
