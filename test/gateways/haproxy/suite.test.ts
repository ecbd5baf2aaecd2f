// Every rule of the suite for gateways, against a real HAProxy.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewaySuite } from '../../../src/testing/index.js';
import { HaproxyProcess, isHaproxyMissing } from './haproxy-process.js';

const upstreams = ['trade-core.http', 'trade-core.rpc'] as const;
/** What HAProxy can't show: it has one process, whose answer is the truth. */
const skipped = ['waits for the worker that lags, and names it', 'keeps store, claim and servers over a restart'];

describe.skipIf(isHaproxyMissing())('HAProxy through its runtime socket', () => {
  let haproxy: HaproxyProcess;
  beforeAll(async () => {
    haproxy = await HaproxyProcess.start(upstreams);
  });
  afterAll(() => haproxy.stop());

  it.each(gatewaySuite)('$section: $name', async ({ name, run }) => {
    const result = await run({
      open: () => haproxy.open(),
      upstreams: [...upstreams],
      traffic: { url: haproxy.url, headers: (upstream) => ({ host: upstream }) },
      restart: () => haproxy.restart(),
    });
    expect(result).toBe(skipped.includes(name) ? 'skipped' : 'passed');
  });
});
