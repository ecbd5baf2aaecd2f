// Every rule of the suite for gateways, against the embedded yz7.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { type EmbeddedYz7, gatewaySuite, startEmbeddedYz7 } from '../../../src/testing/index.js';

/** What only a gateway with limits does. */
const skipped = [
  'refuses an upstream that its configuration does not have',
  'has another store after a restart, which knows of no claim and takes everything anew',
];

describe('the embedded yz7 through its client', () => {
  const storeDir = mkdtempSync(join(tmpdir(), 'yz7-'));
  let gateway: EmbeddedYz7;
  const start = async (adminPort = 0, dataPort = 0): Promise<void> => {
    const tokens = [{ token: 'secret', sources: ['*'] }];
    gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc', storeDir, tokens, adminPort, dataPort });
  };
  beforeAll(() => start());
  afterAll(async () => {
    await gateway.stop();
    rmSync(storeDir, { recursive: true, force: true });
  });

  it.each(gatewaySuite)('$section: $name', async ({ name, run }) => {
    const result = await run({
      open: (): Gateway => createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: gateway.token }),
      upstreams: ['trade-core.http', 'trade-core.rpc'],
      traffic: { url: gateway.dataUrl, headers: (upstream) => ({ host: upstream }) },
      restart: async () => {
        const [adminPort, dataPort] = [gateway.adminUrl, gateway.dataUrl].map((url) => Number(new URL(url).port));
        await gateway.stop();
        await start(adminPort, dataPort);
      },
      stickWorker: () => {
        gateway.faults.lag('worker-2', 'stuck');
        return Promise.resolve({
          worker: 'worker-2',
          release: () => {
            gateway.faults.lag('worker-2', 0);
            return Promise.resolve();
          },
        });
      },
    });
    expect(result).toBe(skipped.includes(name) ? 'skipped' : 'passed');
  });
});
