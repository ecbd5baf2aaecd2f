import { describe, expect, it } from 'vitest';
import { type CollectionReader, KubeError } from '../../src/kube/index.js';
import { listEnd, object, reflect } from './reflecting.js';

const count = 5000;
const objects = Array.from({ length: count }, (_, index) => object(`slice-${index}`, index + 1));

const silence = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new KubeError('KUBE_ABORTED', 'aborted')));
  });

// All at once, as after a burst of the network: nothing here waits for I/O, so only the reflector itself gives turns.
const streaming: CollectionReader = {
  list: () => Promise.reject(new Error('nobody lists')),
  async *watch(_type, { signal }) {
    for (const one of objects) yield { type: 'ADDED', object: one };
    yield listEnd(count);
    await silence(signal);
  },
};
const paging: CollectionReader = {
  list: () => Promise.resolve({ resourceVersion: String(count), continue: undefined, items: objects }),
  async *watch(_type, { signal, sendInitialEvents }) {
    if (sendInitialEvents === true) throw new KubeError('KUBE_INVALID', 'no streaming lists');
    await silence(signal);
    yield listEnd(count);
  },
};

describe('5,000 objects at once', () => {
  it.each([
    ['a streaming list', streaming],
    ['a page', paging],
  ])('from %s are read in turns: the event loop goes on between', async (_, reader) => {
    let turn = 0;
    let isOver = false;
    const countTurn = (): void => {
      turn += 1;
      if (!isOver) setImmediate(countTurn);
    };
    setImmediate(countTurn);
    const readIn = new Map<number, number>();
    const seen = reflect(reader, {
      decode: ({ metadata }) => {
        readIn.set(turn, (readIn.get(turn) ?? 0) + 1);
        return metadata.name;
      },
    });
    seen.reflector.start();
    await seen.until(() => seen.reflector.hasSynced);
    isOver = true;
    expect(seen.store.size).toBe(count);
    expect(Math.max(...readIn.values())).toBeLessThanOrEqual(50);
    expect(readIn.size).toBeGreaterThanOrEqual(count / 50);
  });
});
