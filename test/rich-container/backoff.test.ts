// The pauses between a helper's starts, with a clock and a sleep of our own: half a minute passes at once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { entrypointTools, renderEntrypoint } from '../../src/rich-container/index.js';
import { canUnshare, Pod, shells, toolFolder, waitUntil, which } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

// A busybox shell has its own sleep, wherever PATH points.
const patient = shells.filter(({ name }) => name !== 'busybox');

describe.runIf(canUnshare).each(patient)('the pauses of a helper under $name', (shell) => {
  /** The pauses of a helper that ends again and again, `seconds` after its start each time. */
  async function pauses(seconds: (start: number) => number, count: number): Promise<string[]> {
    const pod = new Pod(shell);
    pods.push(pod);
    const clock = join(pod.folder, 'uptime');
    writeFileSync(clock, '1000.00 0.00\n');
    const times = Array.from({ length: count + 1 }, (_, at) => seconds(at));
    const ends = times.map((_, at) => 1000 + times.slice(0, at + 1).reduce((sum, one) => sum + one, 0));
    // Each start takes the next line: the time at which it ends.
    writeFileSync(join(pod.folder, 'ends'), ends.map((end) => `${end}.00 0.00\n`).join(''));
    const tick = 'read -r l <"$DIR/ends"; sed -i 1d "$DIR/ends"; echo "$l" >"$DIR/uptime"; exit 3';
    const script = renderEntrypoint({
      processes: [
        { name: 'app', main: true, command: ['tail', '-f', '/dev/null'] },
        { name: 'agent', command: { shell: tick } },
      ],
      graceSeconds: 5,
    });
    const tools = ['sh', 'env', 'tail', 'sed', ...entrypointTools].map((name) => [name, which(name) ?? '']);
    const programs = { ...Object.fromEntries(tools), sleep: which('true') ?? '' } as Record<string, string>;
    toolFolder(join(pod.folder, 'bin'), programs);
    const running = pod.start(script, {
      pid1: true,
      before: 'mount --bind "$DIR/uptime" /proc/uptime && export PATH="$DIR/bin" && exec "$@"',
    });
    const found = (): string[] => [...running.stderr.matchAll(/again in (\S+) s/g)].map(([, pause = '']) => pause);
    await waitUntil(`${count} pauses`, () => found().length >= count);
    return found().slice(0, count);
  }

  it('grow from 0.5 s to 30 s', async () => {
    expect(await pauses(() => 1, 9)).toEqual([
      '0.50',
      '1.00',
      '2.00',
      '4.00',
      '8.00',
      '16.00',
      '30.00',
      '30.00',
      '30.00',
    ]);
  });

  it('begin again when it was up for 30 s, and not when it was up for less', async () => {
    expect(await pauses((start) => [1, 1, 1, 29, 30, 1][start] ?? 1, 6)).toEqual([
      '0.50',
      '1.00',
      '2.00',
      '4.00',
      '0.50',
      '1.00',
    ]);
  });
});
