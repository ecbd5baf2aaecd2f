// The contract suite against the reference gateway: the same cases as the embedded one has.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { yz7Contract } from '../../src/testing/yz7/index.js';
import { isNginxMissing, NginxYz7 } from './nginx-gateway.js';

const bodyLimitBytes = 256 * 1024;

/** Waits for a minute of real time: in a file of its own. */
const cases = yz7Contract.filter(({ name }) => name !== 'forgets the highest number after a minute');

const isMissing = isNginxMissing();

describe.skipIf(isMissing).each([
  { how: 'as it is', flags: [], refused: ['keeps lb ewma'] as readonly string[] },
  { how: 'with answers measured', flags: ['--measure'], refused: [] as readonly string[] },
])('the yz7 contract, nginx $how', ({ flags, refused }) => {
  let gateway: NginxYz7;

  beforeAll(async () => {
    gateway = await NginxYz7.start({ bodyLimitBytes, flags });
  });

  afterAll(async () => {
    await gateway.stop();
  });

  /** 503: the disk is gone. 429: nobody may wait. */
  const failWrites = async (status: 429 | 503): Promise<() => Promise<void>> => {
    if (status === 503) return gateway.loseStore();
    await gateway.reload(['--max-pending', '0']);
    return () => gateway.reload();
  };

  it.each(cases.map((each) => ({ ...each, title: `${each.section}: ${each.name}` })))(
    '$title',
    async ({ run, name }) => {
      const result = await run({
        adminUrl: gateway.adminUrl,
        dataUrl: gateway.dataUrl,
        token: NginxYz7.token,
        idc: 'bc',
        restricted: NginxYz7.restricted,
        bodyLimitBytes,
        stickWorker: () => gateway.stickWorker(),
        failWrites,
        restart: async () => {
          await gateway.killAll();
          await gateway.run();
        },
      });
      expect(result).toBe(refused.includes(name) ? 'refused' : 'passed');
    },
  );
});
