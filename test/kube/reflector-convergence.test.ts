import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeErrorCode, type ReflectorEvent } from '../../src/kube/index.js';
import { CollectionServer } from './collection-server.js';
import { apply, reflect } from './reflecting.js';

type Step = (server: CollectionServer) => void;
interface Move {
  readonly name: string;
  readonly step: Step;
  /** What passes after it, milliseconds. */
  readonly passesMs: number;
}

const names = fc.constantFrom('a', 'b', 'c', 'd');
const step = (name: string, one: Step): { readonly name: string; readonly step: Step } => ({ name, step: one });
const steps = fc.oneof(
  { weight: 8, arbitrary: names.map((name) => step(`put ${name}`, (server) => server.put(name))) },
  { weight: 4, arbitrary: names.map((name) => step(`remove ${name}`, (server) => server.remove(name))) },
  { weight: 1, arbitrary: names.map((name) => step(`change ${name} unseen`, (server) => server.changeUnseen(name))) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      step('bookmark', (server) => server.bookmark()),
      step('repeat', (server) => server.repeat()),
      step('compact', (server) => server.compact()),
      step('end', (server) => server.endStreams()),
      step('break', (server) => server.breakStreams()),
      step('410', (server) => server.fail(410)),
      step('500', (server) => server.fail(500)),
      step('kill', (server) => server.killStreams()),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom<KubeErrorCode>(
          'KUBE_TOO_MANY_REQUESTS',
          'KUBE_SERVER_ERROR',
          'KUBE_UNREACHABLE',
          'KUBE_TIMEOUT',
          'KUBE_GONE',
        ),
        fc.constantFrom(0, 3000),
      )
      .map(([code, ms]) => step(`refuse with ${code}`, (server) => server.refuse(code, ms))),
  },
);
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc
    .tuple(steps, fc.constantFrom(0, 0, 0, 50, 300, 5000, 100_000))
    .map(([one, passesMs]) => ({ ...one, passesMs, toString: () => `${one.name}, ${passesMs} ms` })),
  { maxLength: 40 },
);

/** Every event that leaves the store unlike the server at the version that the event names. */
async function play(
  streamsLists: boolean,
  script: readonly Move[],
  seeds: readonly number[],
): Promise<{ wrong: string[]; end: unknown[] }> {
  const server = new CollectionServer({ streamsLists, shuffle: (index) => seeds[index % seeds.length] ?? 0 });
  const store = new Map<string, string>();
  const wrong: string[] = [];
  const check = (event: ReflectorEvent<string>): void => {
    apply(store, event);
    if (!('resourceVersion' in event)) return;
    const expected = JSON.stringify(sorted(server.states.get(Number(event.resourceVersion)) ?? new Map()));
    const actual = JSON.stringify(sorted(store));
    if (actual !== expected) wrong.push(`${event.type} at ${event.resourceVersion}: ${actual}, not ${expected}`);
  };
  const seen = reflect(server, { onEvents: (events) => events.forEach(check) });
  seen.reflector.start();
  for (const move of script) {
    move.step(server);
    await seen.clock.advance(move.passesMs);
  }
  server.heal();
  // Long enough for the longest wait and the watchdog, one after the other.
  await seen.clock.advance(300_000);
  const end = [sorted(store), sorted(server.state), seen.reflector.hasSynced];
  await seen.reflector.stop();
  return { wrong, end };
}

const sorted = (map: ReadonlyMap<string, string>): string[] => [...map.values()].sort();

describe.each([
  ['streaming lists', true],
  ['pages', false],
])('with a server of %s, whatever happens', (_, streamsLists) => {
  it('the store is at each event what the server had at its version, and in the end what the server has', async () => {
    await fc.assert(
      fc.asyncProperty(moves, fc.array(fc.integer(), { minLength: 1, maxLength: 4 }), async (script, seeds) => {
        const { wrong, end } = await play(streamsLists, script, seeds);
        expect(wrong).toEqual([]);
        expect(end).toEqual([end[1], end[1], true]);
      }),
      { numRuns: 150 },
    );
  });
});
