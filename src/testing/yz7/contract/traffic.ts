import assert from 'node:assert/strict';
import { startBackend, type Backend } from './backend.js';
import type { Yz7ContractCase, Yz7ContractContext } from './context.js';
import { admin, done, request, type Reply, type Sent } from './wire.js';
import { Writer } from './writer.js';

/** What a case of choosing works with: backends, and writes that every worker has applied. */
export interface Traffic {
  readonly context: Yz7ContractContext;
  backend(name: string): Promise<Backend>;
  /** Resolves when every worker has the revision that this write made. */
  applied(reply: Reply): Promise<void>;
  /** A request to an upstream by its name, or to a host. */
  send(host: string, sent?: Sent & { readonly path?: string; readonly sc?: string }): Promise<Reply>;
  /** Names of the backends that answered so many requests, with their counts. */
  spread(host: string, count: number, sc?: string): Promise<Record<string, number>>;
  writer(options?: { readonly upstream?: string; readonly idc?: string }): Promise<Writer>;
}

/** A case of choosing; skipped when the context has no data plane. Its backends end with it. */
export function choosingCase(name: string, body: (traffic: Traffic) => Promise<void>): Yz7ContractCase {
  return {
    section: 'choosing',
    name,
    run: async (context) => {
      const { dataUrl } = context;
      if (dataUrl === undefined) return 'skipped';
      const backends: Backend[] = [];
      const send: Traffic['send'] = (host, { path = '/', sc, headers, ...rest } = {}) =>
        request(`${dataUrl}${path}`, {
          ...rest,
          headers: { host, ...(sc !== undefined && { 'x-service-chain': JSON.stringify({ name: sc }) }), ...headers },
        });
      try {
        await body({
          context,
          backend: async (backendName) => {
            const backend = await startBackend(context, backendName);
            backends.push(backend);
            return backend;
          },
          applied: async (reply) => {
            const { revision } = done(reply);
            done(await admin(context, 'GET', `/status?min_revision=${String(revision)}&wait=10s`), 200);
          },
          send,
          spread: async (host, count, sc) => {
            const counts: Record<string, number> = {};
            for (let sent = 0; sent < count; sent += 1) {
              const reply = await send(host, sc === undefined ? {} : { sc });
              assert.equal(reply.status, 200, `${reply.text} ${reply.headers['x-yz7-error'] ?? ''}`);
              const from = reply.headers['x-backend'] ?? '';
              counts[from] = (counts[from] ?? 0) + 1;
            }
            return counts;
          },
          writer: (options) => Writer.claimed(context, options),
        });
      } finally {
        await Promise.all(backends.map((backend) => backend.close()));
      }
      return 'passed';
    },
  };
}
