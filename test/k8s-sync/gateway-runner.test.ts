// How many upstreams of one gateway are written at once.
import { expect, it } from 'vitest';
import type { Gateway, SourceWrite, WriteAnswer } from '../../src/gateways/index.js';
import type { SyncEvent } from '../../src/k8s-sync/core/index.js';
import { GatewayRunner } from '../../src/k8s-sync/gateway-runner.js';
import { configOf } from './core/play.js';

const upstreams = Array.from({ length: 100 }, (_, index) => `app-${index}.http`);
const answered: WriteAnswer = {
  storeId: 'store-1',
  revision: 1,
  generation: '1',
  digest: '',
  changed: true,
  added: 0,
  removed: 0,
};

const notAsked = (): Promise<never> => Promise.reject(new Error('nobody asks this here'));

/** A gateway that answers a write when the test says so. */
class SlowGateway implements Gateway {
  readonly idc = 'bc';
  readonly claim = notAsked;
  readonly readSource = notAsked;
  readonly readSources = notAsked;
  readonly readEffective = notAsked;
  readonly status = notAsked;
  readonly close = notAsked;
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];

  constructor(readonly name: string) {}

  putSource({ upstream }: SourceWrite): Promise<WriteAnswer> {
    this.asked.push(upstream);
    return new Promise((resolve) => this.#answers.push(() => resolve(answered)));
  }

  answerOne(): void {
    this.#answers.shift()?.();
  }
}

it('writes a few upstreams at a time, in order, and one slow instance holds up no other', async () => {
  const [slow, quick] = [new SlowGateway('g1'), new SlowGateway('g2')];
  const events: SyncEvent[] = [];
  const runner = new GatewayRunner(
    [slow, quick],
    configOf({ gateways: ['g1', 'g2'] }),
    (event) => void events.push(event),
  );
  for (const upstream of upstreams)
    for (const gateway of ['g1', 'g2'])
      runner.run({ type: 'write', gateway, upstream, generation: '1', servers: [], force: null });
  expect(slow.asked).toEqual(upstreams.slice(0, 32));
  for (let turn = 0; turn < upstreams.length; turn += 1) {
    quick.answerOne();
    await expect.poll(() => events.length).toBe(turn + 1);
    expect(quick.asked.length - events.length).toBeLessThanOrEqual(32);
  }
  expect(quick.asked).toEqual(upstreams);
  expect(slow.asked).toHaveLength(32);
  runner.abort();
});
