// Every rule of the suite for gateways, against the reference gateway: real nginx.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createYz7Gateway } from '../../../src/gateways/index.js';
import { gatewaySuite } from '../../../src/testing/index.js';
import { isNginxMissing, NginxYz7 } from '../../yz7-nginx/nginx-gateway.js';

/** What only a gateway with limits does. */
const skipped = [
  'refuses an upstream that its configuration does not have',
  'has another store after a restart, which knows of no claim and takes everything anew',
];

describe.skipIf(isNginxMissing())('the reference yz7 through its client', () => {
  let gateway: NginxYz7;
  beforeAll(async () => {
    gateway = await NginxYz7.start();
  });
  afterAll(() => gateway.stop());

  it.each(gatewaySuite)('$section: $name', async ({ name, run }) => {
    const result = await run({
      open: () => createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: NginxYz7.token }),
      upstreams: ['trade-core.http', 'trade-core.rpc'],
      traffic: { url: gateway.dataUrl, headers: (upstream) => ({ host: upstream }) },
      stickWorker: () => gateway.stickWorker(),
      restart: async () => {
        await gateway.killAll();
        await gateway.run();
      },
    });
    expect(result).toBe(skipped.includes(name) ? 'skipped' : 'passed');
  });
});
