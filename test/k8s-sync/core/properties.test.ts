import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shardEntries, shardGet, step, type SyncEvent, type SyncState } from '../../../src/k8s-sync/core/index.js';
import { replay } from '../../../src/k8s-sync/index.js';
import { eventLine, snapshotLine } from '../../../src/k8s-sync/journal.js';
import { groupOf, isServing, membersOfSlices, type Server, serverKey, upstreamOf } from '../../../src/members/index.js';
import { evidenceFor, isProven } from '../../simulation/oracle/evidence.js';
import { Told } from '../../simulation/oracle/told.js';
import { histories, History } from './history.js';
import { sliceOf } from './play.js';

const runs = { numRuns: 150 };

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Upstreams that an event may be about; undefined for those that are about the whole cluster or a whole instance. */
function aboutOf(event: SyncEvent): string[] | undefined {
  if ('upstream' in event) return [event.upstream];
  if (event.type === 'timer' && event.name.startsWith('upstream ')) return [event.name.slice('upstream '.length)];
  if (event.type !== 'slices') return undefined;
  return event.changes.every(({ kind }) => kind === 'upserted') ? [] : undefined;
}

describe('step, for any history', () => {
  it('changes nothing that it was given, and gives the same for the same', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        const history = new History(({ event, now }, before, effects) => {
          const again = step(freeze(before), freeze(event), now);
          expect(again.effects).toEqual(effects);
        });
        freeze(history.state);
        history.playAll(happenings);
      }),
      runs,
    );
  });

  it('works on plain data: state and events survive JSON, and a journal plays back to the same state', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        let journal = '';
        const history = new History(({ event, now }) => (journal += eventLine(event, now)));
        journal = snapshotLine(history.state, 0);
        history.playAll(happenings);
        expect(copy(history.state)).toEqual(history.state);
        expect(replay(journal)).toEqual(history.state);
      }),
      runs,
    );
  });

  it('touches no upstream but the one that an event is about', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        const history: History = new History(({ event, now }, before) => {
          const about = aboutOf(event);
          // What has aged meanwhile is looked at as a whole.
          const hasAged =
            before.health.phase !== step(before, { type: 'timer', name: 'health' }, now).state.health.phase;
          // Another store makes all that was known of an instance void.
          const hasMoved = event.type === 'written' && before.instances[event.gateway]?.storeId !== event.storeId;
          if (about === undefined || hasAged || hasMoved) return;
          const after = step(before, event, now).state;
          const own = event.type === 'slices' ? ownUpstreams(before, event) : about;
          for (const [name, upstream] of shardEntries(before.upstreams)) {
            if (!own.includes(name)) expect(shardGet(after.upstreams, name), name).toBe(upstream);
          }
        });
        history.playAll(happenings);
      }),
      runs,
    );
  });

  it('takes no server from traffic without evidence, and empties no group without proof', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        const told = new Told();
        const sent = new Map<string, readonly Server[]>();
        const history = new History(({ event, now }, _before, effects) => {
          told.observe(event, now);
          // These streams owe nothing: what happens is told at once.
          told.resumed(0);
          if (event.type === 'written')
            told.wrote(event.gateway, event.upstream, sent.get(`${event.gateway} ${event.generation}`) ?? []);
          for (const effect of effects) {
            if (effect.type !== 'write') continue;
            sent.set(`${effect.gateway} ${effect.generation}`, effect.servers);
            const view = told.view(effect.upstream, now);
            const serving = effect.servers.filter(isServing);
            const stay = new Set(serving.map(serverKey));
            const lost = told
              .content(effect.gateway, effect.upstream)
              .filter((server) => isServing(server) && !stay.has(serverKey(server)));
            for (const server of lost) {
              expect(view.blindness, serverKey(server)).toBeUndefined();
              expect(evidenceFor(view, server), serverKey(server)).toBeDefined();
              const isEmptied = !serving.some((other) => groupOf(other) === groupOf(server));
              if (isEmptied) expect(isProven(view, server), serverKey(server)).toBe(true);
            }
          }
        });
        history.playAll(happenings);
      }),
      { numRuns: 300 },
    );
  });

  it('ends in the ready members at every gateway, whatever came in whatever order, once all is well', () => {
    const ready = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'g'), fc.constant('ready' as const), {
      maxKeys: 5,
    });
    fc.assert(
      fc.property(histories, ready, (happenings, last) => {
        const history = new History(() => undefined);
        history.playAll(happenings);
        for (const key of [...history.slices.keys()]) history.slices.delete(key);
        history.play({ kind: 'slice', key: 'one', pods: last, color: 'stable', app: 'shop' });
        history.settle();
        const members = membersOfSlices(history.slices.values());
        for (const [name, { servers }] of history.gateways) {
          const has = [...servers].flatMap(([upstream, list]) =>
            list.map((server) => `${upstream} ${serverKey(server)} ${server.state}`),
          );
          const wanted = members.map((member) => `${upstreamOf(member)} ${serverKey(member)} up`);
          expect(has.sort(), name).toEqual(wanted.sort());
        }
        expect(history.state.health.phase).toBe('live');
      }),
      runs,
    );
  });
});

/** The upstreams of the slices that change, and those of others that list an address where another pod stands now. */
function ownUpstreams(before: SyncState, event: Extract<SyncEvent, { type: 'slices' }>): string[] {
  const changed = event.changes.flatMap((change) =>
    change.kind === 'upserted' ? [change.slice, shardGet(before.slices, change.key) ?? sliceOf({})] : [],
  );
  const addresses = new Set(changed.flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip)));
  const beside = shardEntries(before.slices).flatMap(([, slice]) =>
    slice.endpoints.some(({ ip }) => addresses.has(ip)) ? [slice] : [],
  );
  return [...changed, ...beside].map(({ app }) => upstreamOf({ app, role: 'http' }));
}
