// The long simulation: thousands of seeds, or as many as YOUZAN_KUBE_SIMULATION_SEEDS says. It needs no lab, only time.
import { expect, it } from 'vitest';
import { run } from './processes/run.js';

const seeds = process.env['YOUZAN_KUBE_SIMULATION_SEEDS'] ?? '3000';
const deadlineMs = 7_200_000;

it(
  `${seeds} seeds keep every rule`,
  async () => {
    const command = ['npm', 'run', '--silent', 'test:simulation', '--', '--seeds', seeds, '--json'];
    const summary = JSON.parse(await run(command, { deadlineMs })) as object;
    console.log(summary);
    expect(summary).toMatchObject({ ok: true, seeds: Number(seeds), failures: [] });
  },
  deadlineMs,
);
