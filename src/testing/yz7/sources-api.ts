import type { AdminFaults } from './faults.js';
import type { Answer, Call } from './call.js';
import { checkForce, checkObject, checkSourceName, checkText, checkUpstreamName } from './check-resource.js';
import { checkServers } from './check-server.js';
import type { SourceEntry } from './entry.js';
import { notFound, notImplemented, Problem } from './problem.js';
import type { SourceWriter } from './source-writes.js';
import type { Counters } from './stats.js';
import type { Store } from './store.js';

/** A source as GET shows it. */
function contentOf(entry: SourceEntry): object {
  const { upstream, source, revision, generation, digest, servers, force } = entry;
  return { upstream, source, revision, generation, digest, servers, ...(force && { force }) };
}

function summaryOf(entry: SourceEntry): object {
  const { upstream, source, revision, generation, digest, servers } = entry;
  return { upstream, source, revision, generation, digest, servers: servers.length };
}

const tags = (entry: SourceEntry): Record<string, string> => ({
  etag: `"${entry.revision}"`,
  'x-digest': entry.digest,
});

/** `/upstreams/{name}/sources…` and `/sources/{source}…`. */
export class SourcesApi {
  readonly #store: Store;
  readonly #writer: SourceWriter;
  readonly #counters: Counters;
  readonly #faults: AdminFaults;

  constructor(store: Store, writer: SourceWriter, counters: Counters, faults: AdminFaults) {
    this.#store = store;
    this.#writer = writer;
    this.#counters = counters;
    this.#faults = faults;
  }

  listOf(upstream: string): Answer {
    if (!this.#store.state.upstreams.has(upstream)) throw notFound(`upstream ${upstream}`);
    return { status: 200, body: { upstream, sources: this.#store.state.sourcesOf(upstream).map(summaryOf) } };
  }

  async one(call: Call, upstream: string, source: string): Promise<Answer> {
    if (call.method === 'GET') {
      const entry = this.#store.state.entryOf(upstream, source);
      if (entry === undefined || entry.deleted) throw notFound(`source ${source} in upstream ${upstream}`);
      return { status: 200, body: contentOf(entry), headers: tags(entry) };
    }
    return this.#counted('writes', source, () => this.#write(call, upstream, source));
  }

  async claim(call: Call, source: string): Promise<Answer> {
    return this.#counted('claims', source, async () => {
      checkSourceName(source);
      call.caller.checkSource(source);
      this.#faults.checkWrite(source);
      const { generation, writer } = checkObject(await call.json(), 'a claim', ['generation', 'writer']);
      const former = await this.#writer.claim(source, generation, checkText(writer, 'writer'));
      const upstreams = this.#store.state.entriesOf(source).map(summaryOf);
      const changed = former.generation !== generation;
      return { changed, answer: { status: 200, body: { source, generation, writer, former, upstreams } } };
    });
  }

  /** `/sources/{source}`: every upstream of one source, a line each. */
  all(call: Call, source: string): Answer {
    if (call.method === 'PATCH') throw notImplemented('bulk writes of a source');
    const lines = this.#store.state.entriesOf(source).map((entry) => `${JSON.stringify(contentOf(entry))}\n`);
    return { status: 200, body: lines.join(''), headers: { 'content-type': 'application/x-ndjson' } };
  }

  async #write(call: Call, upstream: string, source: string): Promise<{ changed: boolean; answer: Answer }> {
    checkUpstreamName(upstream);
    checkSourceName(source);
    call.caller.checkSource(source);
    this.#faults.checkWrite(source);
    const isPut = call.method === 'PUT';
    const fields = isPut ? ['generation', 'servers', 'force'] : ['generation', 'force'];
    const body = checkObject(await call.json(), 'the body', fields);
    const { isNew, entry, changed, added, removed } = await this.#writer.write({
      upstream,
      source,
      generation: body.generation,
      servers: isPut ? checkServers(body.servers) : undefined,
      force: checkForce(body.force),
      ifMatch: call.ifMatch,
      ifNoneMatch: call.ifNoneMatch,
    });
    const { revision, generation, digest } = entry;
    const answer = { revision, generation, digest, changed, added, removed };
    return { changed, answer: { status: isNew ? 201 : 200, body: answer, headers: tags(entry) } };
  }

  async #counted(
    kind: 'writes' | 'claims',
    source: string,
    work: () => Promise<{ changed: boolean; answer: Answer }>,
  ): Promise<Answer> {
    try {
      const { changed, answer } = await work();
      this.#counters.countWrite(kind, source, changed ? 'accepted' : 'unchanged');
      return answer;
    } catch (error) {
      if (error instanceof Problem) this.#counters.countWrite(kind, source, { refused: error.code });
      throw error;
    }
  }
}
