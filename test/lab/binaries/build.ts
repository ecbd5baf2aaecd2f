import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { LabError } from '../lab-error.js';
import { goEnvironment, moduleFolder, readRecipe } from './recipe.js';

export interface Built {
  readonly path: string;
  /** It was there already. */
  readonly cached: boolean;
  readonly seconds: number;
  readonly sizeBytes: number;
}

async function packageCount(): Promise<number> {
  const { stdout } = await promisify(execFile)('go', ['list', '-deps', '.'], {
    cwd: moduleFolder,
    env: goEnvironment(),
    maxBuffer: 1 << 24,
  });
  return stdout.trim().split('\n').length;
}

/** Builds the binary unless it is cached. `say` gets a line of progress every `everyMs`. */
export async function buildBinary(say: (line: string) => void, everyMs = 15_000): Promise<Built> {
  const { kubernetesVersion, goVersion, flags, target } = readRecipe();
  const start = Date.now();
  const done = (cached: boolean): Built => ({
    path: target,
    cached,
    seconds: Math.round((Date.now() - start) / 1000),
    sizeBytes: statSync(target).size,
  });
  if (existsSync(target)) return done(true);

  say(
    `building Kubernetes ${kubernetesVersion} with ${goVersion}; about 5 minutes on two cores when nothing is cached`,
  );
  const total = await packageCount();
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  let compiled = 0;
  let latest = '';
  const other: string[] = [];
  const go = spawn('nice', ['go', 'build', '-v', ...flags, '-o', draft, '.'], {
    cwd: moduleFolder,
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
  }, everyMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => go.on('error', reject).on('close', resolve));
    if (code !== 0)
      throw new LabError(
        `go build ended with ${String(code)}:\n${other.slice(-30).join('\n')}`,
        'its modules come from the Go module proxy that GOPROXY names',
      );
    renameSync(draft, target);
  } finally {
    clearInterval(progress);
    rmSync(draft, { force: true });
  }
  return done(false);
}
