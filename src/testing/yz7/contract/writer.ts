import { randomBytes } from 'node:crypto';
import type { Yz7ContractContext } from './context.js';
import { admin, done, type Json, type Reply } from './wire.js';

/** Far above 2^53, where a double no longer tells neighbours apart. */
export const base = 9_223_372_036_854_775_000n;

/** A name that no earlier run has used. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

/** A server on a documentation address; `index` makes its address. */
export function server(index: number, fields: Json = {}): Json {
  return { ip: `192.0.2.${index}`, port: 8030, uid: `uid-${index}`, labels: { color: 'stable' }, ...fields };
}

/** So many servers. */
export function servers(count: number, fields: Json = {}): Json[] {
  return Array.from({ length: count }, (_, index) => server(index + 1, fields));
}

export interface WriteOptions {
  readonly generation?: bigint;
  readonly force?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** One source in one upstream, both with names of their own, and the generation that its next write has. */
export class Writer {
  readonly context: Yz7ContractContext;
  readonly source: string;
  readonly upstream: string;
  generation = base;

  constructor(context: Yz7ContractContext, options: { source?: string; upstream?: string; idc?: string } = {}) {
    this.context = context;
    this.source = options.source ?? `k8s.${options.idc ?? context.idc}.${fresh('c')}`;
    this.upstream = options.upstream ?? `${fresh('app')}.http`;
  }

  /** A writer that has claimed its source. */
  static async claimed(
    context: Yz7ContractContext,
    options: { source?: string; upstream?: string; idc?: string } = {},
  ): Promise<Writer> {
    const writer = new Writer(context, options);
    done(await writer.claim(base));
    return writer;
  }

  get path(): string {
    return `/upstreams/${this.upstream}/sources/${this.source}`;
  }

  claim(generation: bigint | string, writer = 'suite', token?: string): Promise<Reply> {
    const body = { generation: String(generation), writer };
    return admin(this.context, 'POST', `/sources/${this.source}/claim`, body, token === undefined ? {} : { token });
  }

  /** PUT with the next generation unless one is given. */
  put(list: readonly Json[], options: WriteOptions = {}): Promise<Reply> {
    return this.#send('PUT', { servers: list }, options);
  }

  delete(options: WriteOptions = {}): Promise<Reply> {
    return this.#send('DELETE', {}, options);
  }

  get(): Promise<Reply> {
    return admin(this.context, 'GET', this.path);
  }

  #send(method: string, body: Json, { generation, force, headers, token }: WriteOptions): Promise<Reply> {
    this.generation = generation ?? this.generation + 1n;
    const whole = { ...body, generation: String(this.generation), ...(force && { force }) };
    return admin(this.context, method, this.path, whole, {
      ...(headers && { headers }),
      ...(token !== undefined && { token }),
    });
  }
}

/** The store's revision now. */
export async function revisionNow(context: Yz7ContractContext): Promise<number> {
  return Number(done(await admin(context, 'GET', '/upstreams?limit=1')).revision);
}
