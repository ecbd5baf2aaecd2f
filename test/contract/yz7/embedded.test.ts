import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedYz7, yz7Contract, type EmbeddedYz7 } from '../../../src/testing/yz7/index.js';

const token = 'suite-token';
const restricted = { token: 'restricted-token', prefix: 'vm.bc-' };
const bodyLimitBytes = 256 * 1024;

describe('the yz7 contract, embedded gateway', () => {
  let storeDir: string;
  let gateway: EmbeddedYz7;
  let clockMs = Date.now();

  const start = (ports: { adminPort?: number; dataPort?: number } = {}): Promise<EmbeddedYz7> =>
    startEmbeddedYz7({
      name: 'yz7-bc',
      idc: 'bc',
      storeDir,
      bodyLimitBytes,
      tokens: [
        { token, sources: ['*'] },
        { token: restricted.token, sources: [`${restricted.prefix}*`] },
      ],
      now: () => clockMs,
      ...ports,
    });

  beforeAll(async () => {
    storeDir = await mkdtemp(join(tmpdir(), 'yz7-contract-'));
    gateway = await start();
  });

  afterAll(async () => {
    await gateway.stop();
    await rm(storeDir, { recursive: true });
  });

  it.each(yz7Contract.map((each) => ({ ...each, title: `${each.section}: ${each.name}` })))(
    '$title',
    async ({ run, refusable }) => {
      const result = await run({
        adminUrl: gateway.adminUrl,
        dataUrl: gateway.dataUrl,
        token,
        idc: 'bc',
        restricted,
        bodyLimitBytes,
        advance: (ms) => void (clockMs += ms),
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
        failWrites: (status) => {
          gateway.faults.refuseWrites('*', status);
          return Promise.resolve(() => {
            gateway.faults.acceptWrites();
            return Promise.resolve();
          });
        },
        restart: async () => {
          const ports = [gateway.adminUrl, gateway.dataUrl].map((url) => Number(new URL(url).port));
          await gateway.stop();
          gateway = await start({ adminPort: ports[0], dataPort: ports[1] });
        },
      });
      expect(result).toBe(refusable ? 'refused' : 'passed');
    },
  );
});
