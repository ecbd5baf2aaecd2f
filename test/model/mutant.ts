// Shipped code with one rule taken away: a copy of the sources beside the original, in a folder of its own.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import type { Mutation } from './mutations.js';
import type { Shipped } from './process.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What core and barrier need, and no more. */
const rooms = ['conventions', 'members', 'publish', 'k8s-sync'];

/** @throws when the text that is to be replaced does not stand in the file exactly once. */
export function mutate({ name, file, find, replace }: Mutation, text: string): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${name}: ${file} has the text ${count} times, it must have it once: ${find}`);
  return text.replace(find, () => replace);
}

export const sourceOf = ({ file }: Mutation): Promise<string> => readFile(join(root, 'src', file), 'utf8');

/** Loads the mutant, and hands it over; what was copied goes when that is done. */
export async function withMutant<T>(mutation: Mutation, use: (shipped: Shipped) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'youzan-kube-mutant-'));
  try {
    for (const room of rooms) await cp(join(root, 'src', room), join(folder, 'src', room), { recursive: true });
    await cp(join(root, 'package.json'), join(folder, 'package.json'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'src', mutation.file), mutate(mutation, await sourceOf(mutation)));
    return use(await load(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function load(folder: string): Promise<Shipped> {
  const from = pathToFileURL(join(folder, 'src', 'index.ts')).href;
  const core = (await tsImport('./k8s-sync/core/index.ts', from)) as Pick<Shipped, 'step' | 'initialState'>;
  const barrier = (await tsImport('./publish/compare.ts', from)) as Pick<Shipped, 'comparePublished'>;
  return { step: core.step, initialState: core.initialState, comparePublished: barrier.comparePublished };
}
