import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, items, json, refused, type Json } from './wire.js';
import { revisionNow, server, Writer } from './writer.js';

const section = 'status';

export const statusCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'names its workers with state and applied revision',
    run: async (context) => {
      const workers = items(done(await admin(context, 'GET', '/status'), 200).workers);
      assert.ok(workers.length > 0);
      assert.equal(new Set(workers.map(({ worker }) => worker)).size, workers.length);
      for (const { worker, pid, state, appliedRevision, ageMs } of workers) {
        assert.equal(typeof worker, 'string');
        assert.ok(state === 'serving' || state === 'exiting');
        for (const number of [pid, appliedRevision, ageMs]) assert.ok(Number.isInteger(number) && Number(number) >= 0);
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'answers when every serving worker has applied a revision',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const { revision } = done(await writer.put([server(1)]));
      const reply = await admin(context, 'GET', `/status?min_revision=${String(revision)}&wait=10s`);
      for (const { state, appliedRevision } of items(done(reply, 200).workers)) {
        if (state === 'serving') assert.ok(Number(appliedRevision) >= Number(revision));
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 504 with those that lag after the wait, and without one at once',
    run: async (context) => {
      const future = (await revisionNow(context)) + 1_000_000;
      for (const [wait, least] of [
        ['', 0],
        ['&wait=300ms', 250],
      ] as const) {
        const started = performance.now();
        const details = refused(await admin(context, 'GET', `/status?min_revision=${future}${wait}`), 504) as Json;
        assert.ok(performance.now() - started >= least);
        const names = items(details.workers).map(({ worker }) => worker);
        assert.deepEqual(details.lagging, names);
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'waits for a worker that is slow and names it alone',
    run: async (context) => {
      if (context.stickWorker === undefined) return 'skipped';
      const { worker, release } = await context.stickWorker();
      try {
        const writer = await Writer.claimed(context);
        const { revision } = done(await writer.put([server(1)]));
        const path = `/status?min_revision=${String(revision)}`;
        const details = refused(await admin(context, 'GET', `${path}&wait=200ms`), 504) as Json;
        assert.deepEqual(details.lagging, [worker]);
        const waiting = admin(context, 'GET', `${path}&wait=10s`);
        await release();
        done(await waiting, 200);
      } finally {
        await release();
      }
      return 'passed';
    },
  },
  {
    section,
    name: 'refuses a revision or a wait that it cannot read',
    run: async (context) => {
      for (const query of ['min_revision=x', 'min_revision=-1', 'min_revision=1&wait=soon']) {
        const reply = await admin(context, 'GET', `/status?${query}`);
        refused(reply, 400);
        assert.equal((json(reply).error as Json).retryable, false);
      }
      return 'passed';
    },
  },
];
