import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type SuiteBackend, startSuiteBackend } from './backend.js';
import type { GatewaySuiteCase } from './context.js';
import { type Stage, suiteCase, type SuiteWriter } from './writer.js';

const requestTimeoutMs = 10_000;
const loadClients = 8;
const rounds = 10;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What a case of traffic works with. */
interface Road {
  readonly writer: SuiteWriter;
  readonly backend: (name: string) => Promise<SuiteBackend>;
  readonly send: () => Promise<Answer>;
}

function trafficCase(name: string, body: (road: Road) => Promise<void>): GatewaySuiteCase {
  return suiteCase('traffic', name, async ({ context, writer, onEnd }: Stage) => {
    const { traffic, serverIp = '127.0.0.1' } = context;
    if (traffic === undefined) return 'skipped';
    const agent = new http.Agent({ keepAlive: true });
    onEnd(() => {
      agent.destroy();
      return Promise.resolve();
    });
    const one = await writer();
    const headers = traffic.headers(one.upstream);
    await body({
      writer: one,
      backend: async (each) => {
        const backend = await startSuiteBackend(each, serverIp);
        onEnd(() => backend.close());
        return backend;
      },
      send: () => send(traffic.url, headers, agent),
    });
    return 'passed';
  });
}

function send(url: string, headers: Readonly<Record<string, string>>, agent: http.Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent, timeout: requestTimeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${requestTimeoutMs} ms`)));
    request.on('error', reject);
  });
}

/** Sends from several clients until `work` has ended; gives how many were sent and what went wrong. */
async function underLoad(send: Road['send'], work: () => Promise<void>): Promise<{ sent: number; lost: string[] }> {
  let isOver = false;
  let sent = 0;
  const lost: string[] = [];
  const client = async (): Promise<void> => {
    while (!isOver) {
      sent += 1;
      const answer = await send().catch((error: unknown) => ({ status: 0, text: String(error) }));
      if (answer.status !== 200) lost.push(`${answer.status} ${answer.text.slice(0, 100)}`);
    }
  };
  const clients = Array.from({ length: loadClients }, client);
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
  return { sent, lost };
}

async function received(backend: SuiteBackend, count: number): Promise<void> {
  const deadline = performance.now() + requestTimeoutMs;
  while (backend.requests < count) {
    assert.ok(performance.now() < deadline, `${backend.name} got ${backend.requests} requests, not ${count}`);
    await delay(10);
  }
}

export const trafficCases: readonly GatewaySuiteCase[] = [
  trafficCase('sends requests to the servers that are up, and to no other', async ({ writer, backend, send }) => {
    const [up, drained, down, weightless] = await Promise.all(['up', 'drained', 'down', 'weightless'].map(backend));
    assert.ok(up && drained && down && weightless);
    await writer.settle([
      up.server(),
      drained.server({ state: 'drain' }),
      down.server({ state: 'down' }),
      weightless.server({ weight: 0 }),
    ]);
    for (let sent = 0; sent < 20; sent += 1) assert.deepEqual(await send(), { status: 200, text: 'up' });
    assert.deepEqual([drained.requests, down.requests, weightless.requests], [0, 0, 0]);
  }),

  trafficCase('spreads requests by weight', async ({ writer, backend, send }) => {
    const [heavy, light] = await Promise.all(['heavy', 'light'].map(backend));
    assert.ok(heavy && light);
    await writer.settle([heavy.server({ weight: 150 }), light.server({ weight: 50 })]);
    for (let sent = 0; sent < 80; sent += 1) await send();
    assert.ok(heavy.requests >= 50 && heavy.requests <= 70, `heavy got ${heavy.requests} of 80 at weight 150 to 50`);
  }),

  trafficCase('lets requests in flight end when their server drains', async ({ writer, backend, send }) => {
    const [old, next] = await Promise.all(['old', 'next'].map(backend));
    assert.ok(old && next);
    await writer.settle([old.server()]);
    const release = old.hold();
    const held = send();
    await received(old, 1);
    await writer.settle([old.server({ state: 'drain' }), next.server()]);
    assert.deepEqual(await send(), { status: 200, text: 'next' });
    release();
    assert.deepEqual(await held, { status: 200, text: 'old' });
    await writer.settle([next.server()]);
    assert.deepEqual(await send(), { status: 200, text: 'next' });
  }),

  trafficCase('hands over from server to server in one write without a gap', async ({ writer, backend, send }) => {
    const [left, right] = await Promise.all(['left', 'right'].map(backend));
    assert.ok(left && right);
    await writer.settle([left.server(), right.server({ state: 'drain' })]);
    const { lost } = await underLoad(send, async () => {
      for (let round = 0; round < rounds; round += 1) {
        await writer.settle([left.server({ state: 'drain' }), right.server()]);
        await writer.settle([left.server(), right.server({ state: 'drain' })]);
      }
    });
    assert.deepEqual(lost, []);
  }),

  trafficCase('loses no request while servers are added, drained and deleted', async ({ writer, backend, send }) => {
    let old = await backend('first');
    await writer.settle([old.server()]);
    const { sent, lost } = await underLoad(send, async () => {
      for (let round = 1; round <= rounds; round += 1) {
        const next = await backend(`round-${round}`);
        await writer.settle([old.server(), next.server()]);
        await received(next, 1);
        await writer.settle([old.server({ state: 'drain' }), next.server()]);
        await delay(50);
        await writer.settle([next.server()]);
        await old.close();
        old = next;
      }
    });
    assert.ok(sent > rounds, `only ${sent} requests were sent`);
    assert.deepEqual(lost, [], `${lost.length} of ${sent} requests were lost`);
  }),
];
