import type {
  ClaimAnswer,
  EffectiveContent,
  Gateway,
  GatewayCallOptions,
  GatewayStatus,
  SourceContent,
  SourceWrite,
  WriteAnswer,
} from '../gateway.js';
import { decodeClaim, decodeContent, decodeEffective, decodeLagging, decodeWorkers, decodeWrite } from './decode.js';
import { isGatewayError } from '../error.js';
import { Transport, type Answer, type TokenSource } from './transport.js';

export interface Yz7GatewayOptions {
  /** The instance's name in the fleet; stands in every error. */
  readonly name: string;
  readonly idc: string;
  /** Origin of the admin API, without `/admin/v1`. */
  readonly url: string;
  /** A token, or a function that gives the present one. */
  readonly token: TokenSource;
  /** Closes the client. */
  readonly signal?: AbortSignal | undefined;
}

const part = encodeURIComponent;

class Yz7Gateway implements Gateway {
  readonly name: string;
  readonly idc: string;
  readonly #transport: Transport;

  constructor({ name, idc, url, token, signal }: Yz7GatewayOptions) {
    this.name = name;
    this.idc = idc;
    this.#transport = new Transport(name, url, token, signal);
  }

  async claim(
    source: string,
    claim: { readonly generation: string; readonly writer: string },
    options: GatewayCallOptions = {},
  ): Promise<ClaimAnswer> {
    const path = `/sources/${part(source)}/claim`;
    const answer = await this.#transport.send({ method: 'POST', path, body: claim }, options);
    return { storeId: answer.storeId, ...this.#decode(answer, path, decodeClaim) };
  }

  async putSource(write: SourceWrite, options: GatewayCallOptions = {}): Promise<WriteAnswer> {
    const { upstream, source, generation, servers, force } = write;
    const path = `/upstreams/${part(upstream)}/sources/${part(source)}`;
    const body = { generation, servers, ...(force && { force }) };
    const answer = await this.#transport.send({ method: 'PUT', path, body }, options);
    return { storeId: answer.storeId, ...this.#decode(answer, path, decodeWrite) };
  }

  async readSource(
    upstream: string,
    source: string,
    options: GatewayCallOptions = {},
  ): Promise<SourceContent | undefined> {
    const path = `/upstreams/${part(upstream)}/sources/${part(source)}`;
    const answer = await this.#found(this.#transport.send({ method: 'GET', path }, options));
    if (answer === undefined) return undefined;
    const content = this.#decode(answer, path, decodeContent);
    if (answer.digest === content.digest) return content;
    throw this.#transport.badAnswer(`X-Digest is ${answer.digest}, but the source's is ${content.digest}`, path);
  }

  async readSources(source: string, options: GatewayCallOptions = {}): Promise<readonly SourceContent[]> {
    const path = `/sources/${part(source)}`;
    const answer = await this.#transport.send({ method: 'GET', path }, options);
    if (answer.text !== '' && !answer.text.endsWith('\n')) {
      throw this.#transport.badAnswer('the last line is cut off', path);
    }
    const lines = answer.text.split('\n').filter((line) => line !== '');
    return lines.map((line) => this.#decode({ ...answer, text: line }, path, decodeContent));
  }

  async readEffective(upstream: string, options: GatewayCallOptions = {}): Promise<EffectiveContent | undefined> {
    const path = `/upstreams/${part(upstream)}/effective`;
    const answer = await this.#found(this.#transport.send({ method: 'GET', path }, options));
    return answer && this.#decode(answer, path, decodeEffective);
  }

  async status(
    wait?: { readonly minRevision: number; readonly waitMs: number },
    options: GatewayCallOptions = {},
  ): Promise<GatewayStatus> {
    const path = wait ? `/status?min_revision=${wait.minRevision}&wait=${Math.round(wait.waitMs)}ms` : '/status';
    const answer = await this.#transport.send({ method: 'GET', path, accept: [504] }, options, wait?.waitMs ?? 0);
    const { storeId } = answer;
    if (answer.status === 504) {
      return { storeId, applied: false, ...this.#decode(answer, path, decodeLagging) };
    }
    return { storeId, applied: true, lagging: [], workers: this.#decode(answer, path, decodeWorkers) };
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** Undefined for what is not there. */
  async #found(call: Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await call;
    } catch (error) {
      if (isGatewayError(error, 'NOT_FOUND')) return undefined;
      throw error;
    }
  }

  #decode<T>(answer: Answer, path: string, decode: (value: unknown) => T): T {
    try {
      return decode(JSON.parse(answer.text));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#transport.badAnswer(`the answer can't be understood: ${reason}`, path, error);
    }
  }
}

/**
 * The writer's side of one yz7 instance (`yz7-contract.md`). Nothing is sent before the first call. Calls are not
 * repeated; the error says whether they may be.
 *
 * @example
 * const gateway = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: 'http://10.0.0.5:9180', token });
 * await gateway.claim('k8s.bc.bc-a', { generation: String(7n << 32n), writer: 'k8s-sync-0' });
 */
export function createYz7Gateway(options: Yz7GatewayOptions): Gateway {
  return new Yz7Gateway(options);
}
