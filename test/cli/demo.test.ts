import { describe, expect, it } from 'vitest';
import { stepNames } from '../../src/cli/demo/step.js';
import { sabotages } from '../../src/cli/demo/sabotage.js';
import { leftovers, youzanKube } from './run.js';

interface DemoOutput {
  ok: boolean;
  steps: { name: string; ok: boolean; ms: number }[];
  error?: { step: string; message: string };
  requests: number;
  failed: number;
  retried: number;
  propagationMs: { p50: number; p99: number; n: number };
  clusters: Record<string, { state: string; servers: number }>;
  gateway: { revision: number; writes: number };
}

const parse = (stdout: string): DemoOutput => JSON.parse(stdout) as DemoOutput;
const upToServe = ['synth', 'apply', 'start', 'sync', 'serve'];
/** The steps that a sabotage needs before the one that it must fail. */
const stepsFor = (step: string): string =>
  [...(upToServe.includes(step) ? upToServe.slice(0, upToServe.indexOf(step)) : upToServe), step].join();

describe.concurrent('npm run demo', () => {
  it('does the main job with no failed request and leaves nothing behind', { timeout: 170_000 }, async () => {
    const { code, stdout, stderr, pid } = await youzanKube(['demo', '--json'], { deadlineMs: 160_000 });
    const result = parse(stdout);
    expect(result.error, stderr).toBeUndefined();
    expect(result.steps.map(({ name, ok }) => [name, ok])).toEqual(stepNames.map((name) => [name, true]));
    expect(result).toMatchObject({
      ok: true,
      failed: 0,
      retried: 0,
      clusters: { 'bc-a': { servers: 0 }, 'bc-b': { servers: 0 } },
    });
    expect(result.requests).toBeGreaterThan(5000);
    expect(result.propagationMs.n).toBeGreaterThan(10);
    expect(result.gateway.writes).toBeGreaterThan(10);
    expect(code).toBe(0);
    expect(leftovers(pid)).toEqual([]);
  });

  it.each(Object.entries(sabotages))(
    'fails with the sabotage %s at the step %s',
    { timeout: 120_000 },
    async (sabotage, step) => {
      const { code, stdout, pid } = await youzanKube(
        ['demo', '--json', '--sabotage', sabotage, '--only', stepsFor(step)],
        { deadlineMs: 110_000 },
      );
      const result = parse(stdout);
      expect(result.ok).toBe(false);
      expect(result.error?.step, result.error?.message).toBe(step);
      expect(code).toBe(1);
      expect(leftovers(pid)).toEqual([]);
    },
  );

  it.each(['start', 'serve', 'cluster-lost'])(
    'is torn down by Ctrl-C during %s, with exit code 130',
    { timeout: 60_000 },
    async (step) => {
      let interrupted = false;
      const { code, pid } = await youzanKube(['demo', '--only', stepsFor(step)], {
        onOutput: (text, interrupt) => {
          if (interrupted || !text.includes(`${step}:`)) return;
          interrupted = true;
          interrupt();
        },
        deadlineMs: 50_000,
      });
      expect(interrupted).toBe(true);
      expect(code).toBe(130);
      expect(leftovers(pid)).toEqual([]);
    },
  );
});
