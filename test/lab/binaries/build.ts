import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { LabError } from '../lab-error.js';
import { namedProgram } from './locate.js';
import type { ModuleName } from './modules.js';
import { goEnvironment, readRecipe, type Recipe } from './recipe.js';

export interface Built {
  readonly path: string;
  /** It was there already. */
  readonly cached: boolean;
  readonly seconds: number;
  readonly sizeBytes: number;
}

async function packageCount({ module }: Recipe): Promise<number> {
  const { stdout } = await promisify(execFile)('go', ['list', '-deps', module.package], {
    cwd: module.folder,
    env: goEnvironment(),
    maxBuffer: 1 << 24,
  });
  return stdout.trim().split('\n').length;
}

const progressEveryMs = 15_000;

/** Builds a module's binary unless it is cached. `say` gets lines of progress. */
export async function buildBinary(name: ModuleName, say: (line: string) => void): Promise<Built> {
  const recipe = readRecipe(name);
  const { module, version, goVersion, flags, target } = recipe;
  const start = Date.now();
  const done = (cached: boolean): Built => ({
    path: target,
    cached,
    seconds: Math.round((Date.now() - start) / 1000),
    sizeBytes: statSync(target).size,
  });
  if (existsSync(target)) return done(true);

  const { title, coldMinutes } = module;
  const time = `${coldMinutes} minute${coldMinutes === 1 ? '' : 's'}`;
  say(`building ${title} ${version} with ${goVersion}; about ${time} on two cores when nothing is cached`);
  const total = await packageCount(recipe);
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  let compiled = 0;
  let latest = '';
  const other: string[] = [];
  const go = spawn('nice', ['go', 'build', '-v', ...flags, '-o', draft, module.package], {
    cwd: module.folder,
    env: goEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  createInterface({ input: go.stderr }).on('line', (line) => {
    if (/\s/.test(line)) other.push(line);
    else {
      compiled += 1;
      latest = line;
    }
  });
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - start) / 1000);
    say(`  ${seconds} s: ${compiled} of at most ${total} packages compiled${latest === '' ? '' : `, at ${latest}`}`);
  }, progressEveryMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => go.on('error', reject).on('close', resolve));
    if (code !== 0)
      throw new LabError(
        `building ${title}: go build ended with ${String(code)}:\n${other.slice(-30).join('\n')}`,
        'its modules come from the Go module proxy that GOPROXY names',
      );
    renameSync(draft, target);
  } finally {
    clearInterval(progress);
    rmSync(draft, { force: true });
  }
  return done(false);
}

/** The program of that name: the one that the environment names, or the cached one, or one that is built now. */
export const provideProgram = async (
  name: Exclude<ModuleName, 'kubernetes'>,
  say: (line: string) => void,
): Promise<string> => namedProgram(name) ?? (await buildBinary(name, say)).path;
