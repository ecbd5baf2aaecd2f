// The one case of the contract that needs a minute: here the minute is a real one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { yz7Contract } from '../../src/testing/yz7/index.js';
import { isNginxMissing, NginxYz7 } from './nginx-gateway.js';

describe.skipIf(isNginxMissing())('the yz7 contract, nginx, a minute of it', () => {
  let gateway: NginxYz7;

  beforeAll(async () => {
    gateway = await NginxYz7.start();
  });

  afterAll(async () => {
    await gateway.stop();
  });

  it('forgets the highest number after a minute', { timeout: 90_000 }, async () => {
    const found = yz7Contract.find(({ name }) => name === 'forgets the highest number after a minute');
    const result = await found?.run({
      adminUrl: gateway.adminUrl,
      token: NginxYz7.token,
      idc: 'bc',
      advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    expect(result).toBe('passed');
  });
});
