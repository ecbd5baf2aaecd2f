// How much later a process starts under the entrypoint, behind three helpers, than by a bare exec: from the start of the
// shell to the process's first byte, in alternating rounds.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { renderEntrypoint } = await import('../../dist/index.js');

const rounds = 41;
const budgetMs = 50;
const shells = { dash: ['/bin/dash'], bash: ['/bin/bash'], busybox: ['/bin/busybox', 'sh'] };
const names = ['log-agent', 'trace-agent', 'config-agent'];
const script = renderEntrypoint({
  processes: [
    ...names.map((name) => ({ name, command: ['sleep', '600'] })),
    { name: 'app', main: true, command: ['/bin/echo', 'up'], after: names },
  ],
  graceSeconds: 5,
});
const scripts = { 'bare exec': 'exec /bin/echo up', entrypoint: script };
const folder = mkdtempSync(join(tmpdir(), 'youzan-bench-'));
const env = {
  PATH: process.env.PATH,
  YOUZAN_STATE_DIR: join(folder, 'state'),
  YOUZAN_TERMINATION_LOG: join(folder, 'log'),
};

/** Milliseconds to the first byte; resolves when all has ended. */
async function startOf([program, ...args], text) {
  const started = process.hrtime.bigint();
  const child = spawn(program, [...args, '-c', text], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let first;
  child.stdout.once('data', () => (first = process.hrtime.bigint()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0 || first === undefined) throw new Error(`${program} ended with ${code}`);
  return Number(first - started) / 1e6;
}

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];

console.log(`start of a process, medians of ${rounds} alternating rounds`);
try {
  for (const [shell, command] of Object.entries(shells)) {
    if (!existsSync(command[0])) continue;
    const times = { 'bare exec': [], entrypoint: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const [name, text] of Object.entries(scripts)) times[name].push(await startOf(command, text));
    const [bare, own] = [median(times['bare exec']), median(times.entrypoint)];
    const least = sorted(times.entrypoint)[0] - sorted(times['bare exec'])[0];
    console.log(
      `  ${shell.padEnd(8)} bare exec ${bare.toFixed(1)} ms, behind three helpers ${own.toFixed(1)} ms: ${(own / bare).toFixed(1)} times, +${(own - bare).toFixed(1)} ms (least +${least.toFixed(1)} ms)${shell === 'dash' ? ` of ${budgetMs} ms allowed` : ''}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
