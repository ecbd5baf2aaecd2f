import type { Answer, Call } from './call.js';
import { queryNumber } from './call.js';
import {
  checkChain,
  checkChainName,
  checkRoute,
  checkRouteId,
  checkSettings,
  checkUpstreamName,
} from './check-resource.js';
import type { EffectiveServer } from '../../gateways/gateway.js';
import { notFound, Problem } from './problem.js';
import { checkPreconditions } from './source-writes.js';
import type { Store } from './store.js';

const pageLimit = 500;

const etag = (revision: number): Record<string, string> => ({ etag: `"${revision}"` });

interface Stored<T> {
  readonly revision: number;
  readonly value: T;
}

/** How one kind of resource is read and changed; the verbs are the same for all. */
interface Kind<T extends object> {
  readonly what: string;
  readonly read: () => Stored<T> | undefined;
  readonly parse: (body: unknown) => T;
  readonly write: (value: T | null, revision: number) => Promise<void>;
  readonly checkDelete?: () => void;
}

/** `/upstreams…`, `/chains/{sc}` and `/routes/{id}`. */
export class ResourcesApi {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  listUpstreams(call: Call): Answer {
    const { state } = this.#store;
    const prefix = call.query.get('prefix') ?? '';
    const after = Buffer.from(call.query.get('continue') ?? '', 'base64url').toString();
    const limit = Math.min(pageLimit, queryNumber(call.query, 'limit') ?? pageLimit);
    const names = [...state.upstreams.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
    const page = names.slice(0, limit);
    const upstreams = page.map((name) => ({
      name,
      revision: Math.max(state.upstreams.get(name)?.revision ?? 0, this.#store.viewOf(name).revision),
      servers: this.#store.viewOf(name).servers.length,
    }));
    const last = page.at(-1);
    const next = last !== undefined && page.length < names.length ? Buffer.from(last).toString('base64url') : undefined;
    return {
      status: 200,
      body: { revision: state.revision, upstreams, ...(next !== undefined && { continue: next }) },
    };
  }

  upstream(call: Call, name: string): Promise<Answer> {
    const { state } = this.#store;
    return this.#resource(call, {
      what: `upstream ${checkUpstreamName(name)}`,
      read: () => {
        const record = state.upstreams.get(name);
        return record && { revision: record.revision, value: record.settings };
      },
      parse: checkSettings,
      write: (settings, revision) => this.#store.commit({ type: 'upstream', name, revision, settings }),
      checkDelete: () => {
        const servers = state.sourcesOf(name).flatMap((source) => source.servers).length;
        if (servers > 0) throw new Problem(409, 'UPSTREAM_IN_USE', `upstream ${name} has ${servers} servers`);
      },
    });
  }

  chain(call: Call, sc: string): Promise<Answer> {
    return this.#resource(call, {
      what: `chain ${checkChainName(sc)}`,
      read: () => {
        const record = this.#store.state.chains.get(sc);
        return record && { revision: record.revision, value: { upstreams: record.upstreams } };
      },
      parse: (body) => ({ upstreams: checkChain(body) }),
      write: (value, revision) =>
        this.#store.commit({ type: 'chain', sc, revision, upstreams: value?.upstreams ?? null }),
    });
  }

  route(call: Call, id: string): Promise<Answer> {
    return this.#resource(call, {
      what: `route ${checkRouteId(id)}`,
      read: () => {
        const record = this.#store.state.routes.get(id);
        return record && { revision: record.revision, value: record.route };
      },
      parse: checkRoute,
      write: (route, revision) => this.#store.commit({ type: 'route', id, revision, route }),
    });
  }

  /** The merged servers, narrowed by `?idc=&color=&sc=`; `sc=` asks for those without one. */
  effective(call: Call, name: string): Answer {
    if (!this.#store.state.upstreams.has(name)) throw notFound(`upstream ${name}`);
    const { revision, servers, conflicts } = this.#store.viewOf(name);
    const valueOf: Record<string, (server: EffectiveServer) => string> = {
      idc: (server) => server.idc,
      color: (server) => server.labels.color ?? '',
      sc: (server) => server.labels.sc ?? '',
    };
    const wanted = Object.entries(valueOf).flatMap(([key, read]) => {
      const value = call.query.get(key);
      return value === null ? [] : [(server: EffectiveServer) => read(server) === value];
    });
    const narrowed = servers.filter((server) => wanted.every((isWanted) => isWanted(server)));
    return { status: 200, body: { upstream: name, revision, servers: narrowed, conflicts }, headers: etag(revision) };
  }

  async #resource<T extends object>(call: Call, kind: Kind<T>): Promise<Answer> {
    if (call.method === 'GET') {
      const found = kind.read();
      if (found === undefined) throw notFound(kind.what);
      return { status: 200, body: found.value, headers: etag(found.revision) };
    }
    call.caller.checkAll(kind.what);
    const value = call.method === 'PUT' ? kind.parse(await call.json()) : null;
    const present = kind.read();
    checkPreconditions(call, present?.revision);
    if (value === null) {
      if (present === undefined) throw notFound(kind.what);
      kind.checkDelete?.();
    } else if (present !== undefined && JSON.stringify(present.value) === JSON.stringify(value)) {
      return { status: 200, body: { revision: present.revision, changed: false }, headers: etag(present.revision) };
    }
    const revision = this.#store.state.revision + 1;
    await kind.write(value, revision);
    return { status: present === undefined ? 201 : 200, body: { revision, changed: true }, headers: etag(revision) };
  }
}
