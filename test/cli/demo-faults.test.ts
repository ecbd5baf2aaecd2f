import { describe, expect, it } from 'vitest';
import { sabotages } from '../../src/cli/demo/sabotage.js';
import { leftovers, youzanKube } from './run.js';

interface DemoOutput {
  ok: boolean;
  error?: { step: string; message: string };
}

const upToServe = ['synth', 'apply', 'start', 'sync', 'serve'];
/** The steps that a sabotage needs before the one that it must fail. */
const stepsFor = (step: string): string =>
  [...(upToServe.includes(step) ? upToServe.slice(0, upToServe.indexOf(step)) : upToServe), step].join();

describe.concurrent('npm run demo', () => {
  it.each(Object.entries(sabotages))(
    'fails with the sabotage %s at the step %s',
    { timeout: 120_000 },
    async (sabotage, step) => {
      const { code, stdout, pid } = await youzanKube(
        ['demo', '--json', '--sabotage', sabotage, '--only', stepsFor(step)],
        { deadlineMs: 110_000 },
      );
      const result = JSON.parse(stdout) as DemoOutput;
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
