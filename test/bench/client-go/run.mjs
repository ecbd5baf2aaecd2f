// client-go's informer beside ours: built once, outside the checkout.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };

function versionOfGo() {
  try {
    return execFileSync('go', ['env', 'GOVERSION'], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}

/** The program, or why there is none. */
export function clientGo() {
  const go = versionOfGo();
  if (go === undefined) return { missing: 'Go 1.24 or newer is not installed' };
  const files = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(join(folder, file), 'utf8'));
  const key = createHash('sha256')
    .update(JSON.stringify([...files, go, process.arch]))
    .digest('hex')
    .slice(0, 16);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const program = join(cache, 'youzan-kube-bench', key, 'client-go-informer');
  if (existsSync(program)) return { program };
  console.log('building client-go; about two minutes on two cores when nothing is cached');
  const draft = `${program}.${process.pid}`;
  mkdirSync(dirname(program), { recursive: true });
  try {
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];
    execFileSync('go', ['build', ...flags, '-o', draft, '.'], { cwd: folder, env, stdio: 'pipe' });
  } catch (error) {
    return { missing: `client-go can't be built: ${String(error.stderr).trim().split('\n').at(-1)}` };
  }
  renameSync(draft, program);
  return { program };
}

export const informer = (program, url) => JSON.parse(execFileSync(program, [url], { encoding: 'utf8' }));
