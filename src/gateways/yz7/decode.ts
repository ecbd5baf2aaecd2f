// Reads what the gateway answers. Whatever does not fit throws a plain Error that says where; the client makes it a
// BAD_ANSWER.
import { digestOf, type Server, type ServerState } from '../../members/server.js';
import type {
  AddressConflict,
  EffectiveContent,
  EffectiveServer,
  GatewayWorker,
  SourceContent,
  SourceSummary,
} from '../gateway.js';

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${where} is not an object`);
  return value as Fields;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} is not an array`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} is not a text`);
  return value;
}

function whole(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`${where} is not a whole number`);
  }
  return value;
}

function flag(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new Error(`${where} is not true or false`);
  return value;
}

function generation(value: unknown, where: string): string {
  const digits = text(value, where);
  if (!/^\d{1,20}$/.test(digits)) throw new Error(`${where} is not a generation`);
  return digits;
}

function state(value: unknown, where: string): ServerState {
  if (value === 'up' || value === 'drain' || value === 'down') return value;
  throw new Error(`${where} is not a state`);
}

function server(value: unknown, where: string): Server {
  const input = fields(value, where);
  const labels = Object.entries(fields(input.labels, `${where}.labels`));
  return {
    ip: text(input.ip, `${where}.ip`),
    port: whole(input.port, `${where}.port`),
    weight: whole(input.weight, `${where}.weight`),
    state: state(input.state, `${where}.state`),
    uid: text(input.uid, `${where}.uid`),
    zone: text(input.zone, `${where}.zone`),
    labels: Object.fromEntries(labels.map(([key, label]) => [key, text(label, `${where}.labels.${key}`)])),
  };
}

/** A source as it stands in the gateway; its digest must be the one of its servers. */
export function decodeContent(value: unknown): SourceContent {
  const input = fields(value, 'the source');
  const servers = list(input.servers, 'servers').map((item, index) => server(item, `servers[${index}]`));
  const digest = text(input.digest, 'digest');
  const own = digestOf(servers);
  if (digest !== own) throw new Error(`the digest is ${digest}, but that of the servers is ${own}`);
  return {
    upstream: text(input.upstream, 'upstream'),
    source: text(input.source, 'source'),
    generation: generation(input.generation, 'generation'),
    revision: whole(input.revision, 'revision'),
    digest,
    servers,
  };
}

function effectiveServer(value: unknown, where: string): EffectiveServer {
  const input = fields(value, where);
  return {
    ...server(value, where),
    sources: list(input.sources, `${where}.sources`).map((item, index) => text(item, `${where}.sources[${index}]`)),
    idc: text(input.idc, `${where}.idc`),
  };
}

function conflict(value: unknown, where: string): AddressConflict {
  const input = fields(value, where);
  return {
    address: text(input.address, `${where}.address`),
    sources: list(input.sources, `${where}.sources`).map((item, index) => {
      const at = `${where}.sources[${index}]`;
      const claim = fields(item, at);
      return {
        source: text(claim.source, `${at}.source`),
        uid: text(claim.uid, `${at}.uid`),
        state: state(claim.state, `${at}.state`),
      };
    }),
  };
}

export function decodeEffective(value: unknown): EffectiveContent {
  const input = fields(value, 'the answer');
  return {
    upstream: text(input.upstream, 'upstream'),
    servers: list(input.servers, 'servers').map((item, index) => effectiveServer(item, `servers[${index}]`)),
    conflicts: list(input.conflicts, 'conflicts').map((item, index) => conflict(item, `conflicts[${index}]`)),
  };
}

function summary(value: unknown, where: string): SourceSummary {
  const input = fields(value, where);
  return {
    upstream: text(input.upstream, `${where}.upstream`),
    generation: generation(input.generation, `${where}.generation`),
    digest: text(input.digest, `${where}.digest`),
    servers: whole(input.servers, `${where}.servers`),
  };
}

export function decodeClaim(value: unknown): {
  readonly formerGeneration: string;
  readonly formerWriter: string;
  readonly upstreams: readonly SourceSummary[];
} {
  const input = fields(value, 'the answer');
  const former = fields(input.former, 'former');
  return {
    formerGeneration: generation(former.generation, 'former.generation'),
    formerWriter: text(former.writer, 'former.writer'),
    upstreams: list(input.upstreams, 'upstreams').map((item, index) => summary(item, `upstreams[${index}]`)),
  };
}

export function decodeWrite(value: unknown): {
  readonly revision: number;
  readonly generation: string;
  readonly digest: string;
  readonly changed: boolean;
  readonly added: number;
  readonly removed: number;
} {
  const input = fields(value, 'the answer');
  return {
    revision: whole(input.revision, 'revision'),
    generation: generation(input.generation, 'generation'),
    digest: text(input.digest, 'digest'),
    changed: flag(input.changed, 'changed'),
    added: whole(input.added, 'added'),
    removed: whole(input.removed, 'removed'),
  };
}

function worker(value: unknown, where: string): GatewayWorker {
  const input = fields(value, where);
  const phase = input.state;
  if (phase !== 'serving' && phase !== 'exiting') throw new Error(`${where}.state is not serving or exiting`);
  return {
    worker: text(input.worker, `${where}.worker`),
    state: phase,
    appliedRevision: whole(input.appliedRevision, `${where}.appliedRevision`),
  };
}

export function decodeWorkers(value: unknown): readonly GatewayWorker[] {
  const { workers } = fields(value, 'the answer');
  return list(workers, 'workers').map((item, index) => worker(item, `workers[${index}]`));
}

/** The answer of a status that waited in vain: 504 with the workers and the names of those that lag. */
export function decodeLagging(value: unknown): {
  readonly workers: readonly GatewayWorker[];
  readonly lagging: readonly string[];
} {
  const details = fields(fields(fields(value, 'the answer').error, 'error').details, 'error.details');
  return {
    workers: decodeWorkers(details),
    lagging: list(details.lagging, 'lagging').map((name, index) => text(name, `lagging[${index}]`)),
  };
}
