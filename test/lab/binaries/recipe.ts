// What goes into the built binary, and so into the key that it is cached under.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../lab-error.js';

/** The Go module of the multi-call binary. */
export const moduleFolder = fileURLToPath(new URL('.', import.meta.url));

export interface Recipe {
  readonly kubernetesVersion: string;
  readonly goVersion: string;
  readonly flags: readonly string[];
  /** Where the built binary is or will be. */
  readonly target: string;
}

function goVersion(): string {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], {
      cwd: moduleFolder,
      encoding: 'utf8',
      env: goEnvironment(),
    }).trim();
  } catch (cause) {
    throw new LabError(
      'Go is not installed: it builds the Kubernetes binaries of the lab',
      'install Go 1.24 or newer, or name existing binaries with YOUZAN_KUBE_LAB_BIN or KUBEBUILDER_ASSETS',
      { cause },
    );
  }
}

/** The installed Go, whatever it is, and a static binary. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
}

function linkerFlags(version: string): string {
  const [major, minor] = version.replace(/^v/, '').split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((name) =>
    Object.entries(values).map(([field, value]) => `-X ${name}.${field}=${String(value)}`),
  );
  return ['-s', '-w', ...settings].join(' ');
}

export function readRecipe(): Recipe {
  const files = ['go.mod', 'go.sum', 'main.go'].map((name) => readFileSync(join(moduleFolder, name), 'utf8'));
  const kubernetesVersion = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(files[0] ?? '')?.[1];
  if (kubernetesVersion === undefined) throw new LabError(`${moduleFolder}go.mod does not require k8s.io/kubernetes`);
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(kubernetesVersion)];
  const version = goVersion();
  const key = createHash('sha256')
    .update(JSON.stringify([...files, flags, version, process.arch]))
    .digest('hex')
    .slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return { kubernetesVersion, goVersion: version, flags, target: join(cache, 'youzan-kube-lab', key, 'kubernetes') };
}
