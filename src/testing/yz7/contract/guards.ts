import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { done, json, refused } from './wire.js';
import { server, servers, Writer } from './writer.js';

const section = 'guards';
const force = { reason: 'app was deleted', actor: 'suite' };

export const guardCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'refuses a write that leaves none where there were some',
    run: async (context) => {
      for (const none of [
        [],
        [server(1, { state: 'drain' })],
        [server(1, { state: 'down' })],
        [server(1, { weight: 0 })],
      ]) {
        const writer = await Writer.claimed(context);
        done(await writer.put([server(1)]));
        refused(await writer.put(none), 409, 'EMPTY_GUARD');
        refused(await writer.delete(), 409, 'EMPTY_GUARD');
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'refuses to go below half when more than two are lost',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(6)));
      refused(await writer.put(servers(2)), 409, 'SHRINK_GUARD');
      done(await writer.put(servers(3)));
      return 'passed';
    },
  },
  {
    section,
    name: 'lets two go whatever their share, as long as one is left',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(3)));
      done(await writer.put(servers(1)));
      return 'passed';
    },
  },
  {
    section,
    name: 'measures against the highest number of the last minute, so that many small steps trip it',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(8)));
      for (const left of [7, 6, 5, 4]) done(await writer.put(servers(left)));
      refused(await writer.put(servers(3)), 409, 'SHRINK_GUARD');
      return 'passed';
    },
  },
  {
    section,
    name: 'forgets the highest number after a minute',
    run: async (context) => {
      if (context.advance === undefined) return 'skipped';
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(8)));
      done(await writer.put(servers(4)));
      await context.advance(59_000);
      refused(await writer.put(servers(3)), 409, 'SHRINK_GUARD');
      await context.advance(2_000);
      done(await writer.put(servers(3)));
      return 'passed';
    },
  },
  {
    section,
    name: 'counts a changed color or service chain as a loss',
    run: async (context) => {
      for (const labels of [{ color: 'gray' }, { color: 'stable', sc: 'chain-1' }]) {
        const writer = await Writer.claimed(context);
        done(await writer.put(servers(4)));
        refused(await writer.put(servers(4, { labels })), 409, 'EMPTY_GUARD');
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'guards each color and chain of its own, and each source of its own',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const gray = server(9, { labels: { color: 'gray' } });
      done(await writer.put([...servers(8), gray]));
      refused(await writer.put(servers(8)), 409, 'EMPTY_GUARD');
      const other = await Writer.claimed(context, { upstream: writer.upstream });
      done(await other.put([server(50)]));
      refused(await other.put([]), 409, 'EMPTY_GUARD');
      return 'passed';
    },
  },
  {
    section,
    name: 'lets new ones in while old ones drain, and lets the drained go',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const old = servers(6);
      const young = Array.from({ length: 6 }, (_, index) => server(index + 101));
      done(await writer.put(old));
      done(await writer.put([...young, ...servers(6, { state: 'drain' })]));
      done(await writer.put(young));
      return 'passed';
    },
  },
  {
    section,
    name: 'is lifted for one write by force, which is kept with the write',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(4)));
      refused(await writer.put([]), 409, 'EMPTY_GUARD');
      done(await writer.put(servers(4, { state: 'drain' }), { force }));
      assert.deepEqual(json(await writer.get()).force, force);
      done(await writer.put([]), 200);
      done(await writer.put(servers(4)));
      refused(await writer.delete(), 409, 'EMPTY_GUARD');
      done(await writer.delete({ force }));
      return 'passed';
    },
  },
  {
    section,
    name: 'lets a source grow again after it was made small by force',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put(servers(8)));
      done(await writer.put(servers(1), { force }));
      done(await writer.put(servers(2)));
      refused(await writer.put(servers(1)), 409, 'SHRINK_GUARD');
      return 'passed';
    },
  },
  {
    section,
    name: 'wants a reason and an actor for force',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      for (const wrong of [{}, { reason: 'why' }, { reason: '', actor: 'me' }]) {
        refused(await writer.put([server(1)], { force: wrong }), 400, 'BAD_JSON');
      }
      return 'passed';
    },
  },
];
