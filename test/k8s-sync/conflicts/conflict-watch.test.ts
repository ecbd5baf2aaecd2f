import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { ConflictWatch } from '../../../src/k8s-sync/conflicts/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';
import { FakeClock } from '../../kube/fake-clock.js';
import { Play, serversOf, upstream } from '../core/play.js';

const everyMs = 50;
let yz7: EmbeddedYz7;
let gateway: Gateway;

beforeEach(async () => {
  yz7 = await startEmbeddedYz7({ name: 'g1', idc: 'bc' });
  gateway = createYz7Gateway({ name: 'g1', idc: 'bc', url: yz7.adminUrl, token: yz7.token });
  for (const source of ['k8s.bc.bc-a', 'k8s.bc.bc-b']) {
    await gateway.claim(source, { generation: '1', writer: source });
    await gateway.putSource({ upstream, source, generation: '2', servers: serversOf('a') });
  }
});
afterEach(async () => {
  await gateway.close();
  await yz7.stop();
});

it('looks while this process leads, says what it found, and forgets it when another one leads', async () => {
  const clock = new FakeClock();
  const said: string[] = [];
  const notices: string[] = [];
  const log = (_: object, message: string): void => void said.push(message);
  const watch = new ConflictWatch({
    cluster: 'bc-a',
    gateways: [gateway],
    source: 'k8s.bc.bc-a',
    clock,
    logger: { info: log, warn: log, error: log },
    isWriting: () => false,
    onNotice: ({ conflicts }) => void notices.push(conflicts.map(({ address }) => address).join()),
  });
  const sources = [{ upstream, servers: serversOf('a'), revision: 1 }];
  const looked = { type: 'sources', gateway: 'g1', look: 1, sources } as const;
  const play = Play.live({ a: 'ready' });

  watch.follow(play.state, looked);
  await clock.until(everyMs);
  await clock.advance(everyMs);
  await vi.waitFor(() => expect(watch.conflicts).toHaveLength(1));
  expect(watch.conflicts).toMatchObject([{ gateway: 'g1', upstream, address: '10.0.0.1:8030' }]);
  expect(notices).toEqual(['10.0.0.1:8030']);
  expect(said).toEqual(['shop.http at g1: of several sources: 10.0.0.1:8030 (k8s.bc.bc-b up, k8s.bc.bc-a up)']);

  const event = { type: 'not-leading' } as const;
  play.take(event);
  watch.follow(play.state, event);
  expect(watch.conflicts).toEqual([]);
  watch.follow(play.state, looked);
  expect(clock.waiting).toEqual([]);
});
