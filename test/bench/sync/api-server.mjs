// A process of its own: as much of an API server as a syncer or an informer needs, its answers prepared as bytes, so that
// what is measured is the other side. Told by messages of the parent to change slices, it tells when each was sent.
import { createServer } from 'node:http';
import { endpointOf, appOf, sliceOf, slicesOf } from './slices.mjs';

const { cluster = 0, slices: count, endpoints: perSlice } = JSON.parse(process.argv[2]);
const slices = slicesOf({ cluster, slices: count, endpoints: perSlice });
let version = 1000 + count;
let pods = count * perSlice;
const leases = new Map();
const watchers = new Set();

const line = (type, object) => `${JSON.stringify({ type, object })}\n`;
const bookmark = (annotations) =>
  line('BOOKMARK', {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { resourceVersion: String(version), ...annotations },
  });
const listMeta = (more) => ({
  kind: 'EndpointSliceList',
  apiVersion: 'discovery.k8s.io/v1',
  metadata: { resourceVersion: String(version), ...more },
});
const listOf = (items, more) => Buffer.from(JSON.stringify({ ...listMeta(more), items }));

const initialEvents = Buffer.from(slices.map((slice) => line('ADDED', slice)).join(''));
const whole = listOf(slices);
const pages = new Map();

function page(limit, from) {
  const key = `${limit} ${from}`;
  if (!pages.has(key)) {
    const next = from + limit < count ? { continue: String(from + limit) } : {};
    pages.set(key, listOf(slices.slice(from, from + limit), next));
  }
  return pages.get(key);
}

function watch(request, response, query) {
  response.writeHead(200, { 'content-type': 'application/json' });
  if (query.get('sendInitialEvents') === 'true') {
    response.write(initialEvents);
    response.write(bookmark({ annotations: { 'k8s.io/initial-events-end': 'true' } }));
  } else response.flushHeaders();
  watchers.add(response);
  request.on('close', () => watchers.delete(response));
}

function answer(response, status, body) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

async function lease(request, response, path) {
  if (request.method === 'GET') {
    const found = leases.get(path);
    const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
    return answer(response, found === undefined ? 404 : 200, found ?? missing);
  }
  const body = [];
  for await (const chunk of request) body.push(chunk);
  const object = JSON.parse(Buffer.concat(body).toString());
  version += 1;
  object.metadata.resourceVersion = String(version);
  const key = request.method === 'POST' ? `${path}/${object.metadata.name}` : path;
  leases.set(key, object);
  return answer(response, request.method === 'POST' ? 201 : 200, object);
}

const server = createServer((request, response) => {
  const { pathname, searchParams: query } = new URL(request.url, 'http://server');
  if (pathname.includes('/leases')) return void lease(request, response, pathname);
  if (!pathname.endsWith('/endpointslices')) return answer(response, 404, { kind: 'Status', code: 404 });
  if (query.get('watch') !== null) return watch(request, response, query);
  const limit = Number(query.get('limit') ?? 0);
  return answer(response, 200, limit === 0 ? whole : page(limit, Number(query.get('continue') ?? 0)));
});

const steps = Array.from({ length: count }, () => 0);

/** The next step of a rolling update of one slice: a new pod is ready, the oldest one ends, it is gone. */
function change(number) {
  const { endpoints } = slices[number];
  const at = steps[number] % 3;
  steps[number] += 1;
  if (at === 0) {
    endpoints.push(endpointOf(cluster, appOf(number), pods));
    pods += 1;
  } else if (at === 1)
    endpoints[0] = { ...endpoints[0], conditions: { ready: false, serving: true, terminating: true } };
  else endpoints.shift();
  version += 1;
  slices[number] = sliceOf(number, endpoints, version);
  return { text: line('MODIFIED', slices[number]), app: appOf(number), kind: ['new', 'ends', 'gone'][at] };
}

process.on('message', ({ number }) => {
  const { text, app, kind } = change(number);
  const at = Number(process.hrtime.bigint()) / 1e6;
  for (const watcher of watchers) watcher.write(text);
  process.send({ app, at, kind });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}`, bytes: initialEvents.length }),
);
