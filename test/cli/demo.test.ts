import { describe, expect, it } from 'vitest';
import { stepNames } from '../../src/cli/demo/step.js';
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
describe('npm run demo', () => {
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
});
