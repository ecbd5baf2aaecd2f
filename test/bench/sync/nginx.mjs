// The yz7 reference gateway, real nginx, as a benchmark starts and ends it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../../../examples/yz7-nginx/', import.meta.url));
const needed = { nginx: '/usr/sbin/nginx', 'libnginx-mod-http-lua': '/usr/lib/nginx/modules/ngx_http_lua_module.so' };

export const missingForNginx = () => Object.keys(needed).filter((name) => !existsSync(needed[name]));

/** How often a worker looks for what is new. */
export function pollMs() {
  const [, seconds] = /poll_seconds\s*=\s*([\d.]+)/.exec(readFileSync(join(home, 'lua/yz7/config.lua'), 'utf8')) ?? [];
  return Number(seconds) * 1000;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startNginx() {
  const dir = mkdtempSync(join(tmpdir(), 'yz7-bench-'));
  const token = 'bench';
  writeFileSync(join(dir, 'tokens.json'), JSON.stringify([{ token, sources: ['*'] }]));
  const [admin, data] = [await freePort(), await freePort()];
  const flags = ['--idc', 'bc', '--tokens', join(dir, 'tokens.json'), '--dir', dir, '--workers', '2'];
  const ports = ['--admin-port', String(admin), '--data-port', String(data)];
  const child = spawn('sh', [join(home, 'start.sh'), ...flags, ...ports], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${admin}`;
  for (let tries = 0; tries < 500; tries += 1) {
    const reply = await fetch(`${url}/readyz`).catch(() => undefined);
    if (reply?.status === 200) return { url, token, stop };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stop();
  throw new Error('nginx is not ready');
}
