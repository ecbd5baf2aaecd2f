// What goes into a built binary, and so into the key that it is cached under.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { modules, type GoModule, type ModuleName } from './modules.js';

export interface Recipe {
  readonly module: GoModule;
  readonly version: string;
  readonly goVersion: string;
  readonly flags: readonly string[];
  /** Where the built binary is or will be. */
  readonly target: string;
}

function goVersion(folder: string): string {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { cwd: folder, encoding: 'utf8', env: goEnvironment() }).trim();
  } catch (cause) {
    throw new LabError(
      'Go is not installed: it builds the binaries of the lab',
      'install Go 1.24 or newer, or name existing binaries with YOUZAN_KUBE_LAB_BIN or KUBEBUILDER_ASSETS',
      { cause },
    );
  }
}

/** The installed Go, whatever it is, and a static binary. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
}

function linkerFlags(version: string, packages: readonly string[]): string {
  const [major, minor] = version.replace(/^v/, '').split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const settings = packages.flatMap((name) =>
    Object.entries(values).map(([field, value]) => `-X ${name}.${field}=${String(value)}`),
  );
  return ['-s', '-w', ...settings].join(' ');
}

/** The version at which a go.mod requires a module. */
export function requiredVersion(goMod: string, path: string): string | undefined {
  const lines = goMod.split('\n').map((line) => line.trim().replace(/^require /, ''));
  return lines.find((line) => line.startsWith(`${path} v`))?.split(' ')[1];
}

export function readRecipe(name: ModuleName): Recipe {
  const module: GoModule = modules[name];
  const { folder, sources, requires, stamped } = module;
  const files = ['go.mod', 'go.sum', ...sources].map((file) => readFileSync(join(folder, file), 'utf8'));
  const version = requiredVersion(files[0] ?? '', requires);
  if (version === undefined) throw new LabError(`${folder}go.mod does not require ${requires}`);
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(version, stamped)];
  const go = goVersion(folder);
  const key = createHash('sha256')
    .update(JSON.stringify([...files, flags, go, process.arch]))
    .digest('hex')
    .slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return { module, version, goVersion: go, flags, target: join(cache, 'youzan-kube-lab', key, name) };
}
