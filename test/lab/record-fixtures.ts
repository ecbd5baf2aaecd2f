// Records what a real Kubernetes API server answers into test/kube/fixtures, and with `--openapi FOLDER` its descriptions
// of core and apps there. Needs what the lab needs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectApi, type Answer, type Api } from '../contract/kubernetes/client.js';
import { at, configMap, versionOf } from '../contract/kubernetes/world.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { corePath, done, makePod, makeService, makeWorld, namespace, poll, slicesPath } from './fixtures/world.js';
import { startLab } from './lab/start.js';

const folder = fileURLToPath(new URL('../kube/fixtures', import.meta.url));
const { values } = parseArgs({ options: { openapi: { type: 'string' } } });

function save(name: string, text: string, into = folder): void {
  writeFileSync(join(into, name), text);
  console.log(`${name}: ${Buffer.byteLength(text)} bytes`);
}

/** A refusal: what was asked, the status, the headers that a client reads, and the body. */
async function saveStatus(name: string, asked: string, answer: Answer | Promise<Answer>): Promise<void> {
  const { status, headers, text } = await answer;
  // Some refusals are plain text.
  const isJson = headers['content-type'] === 'application/json';
  const body: unknown = isJson ? JSON.parse(text) : text;
  if (!name.includes(String(status))) throw new Error(`${name} was recorded with status ${status}`);
  const read = ['content-type', 'retry-after'].filter((header) => headers[header] !== undefined);
  const kept = Object.fromEntries(read.map((header) => [header, headers[header]]));
  save(`${name}.json`, `${JSON.stringify({ asked, status, headers: kept, body }, undefined, 2)}\n`);
}

/** Opens a watch and gives the way to all its lines, once the server has ended it. */
async function watching(api: Api, query: Readonly<Record<string, string>>): Promise<() => Promise<string>> {
  const watch = await api.watch(slicesPath, { allowWatchBookmarks: 'true', timeoutSeconds: '10', ...query });
  return async () => (await watch.rest(30_000)).map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function recordLists(api: Api): Promise<void> {
  save('list.json', (await done(api.get(slicesPath))).text);
  const first = await done(api.get(slicesPath, { limit: '2' }));
  save('list-page-1.json', first.text);
  const next = String(at(first.body, 'metadata.continue'));
  save('list-page-2.json', (await done(api.get(slicesPath, { limit: '2', continue: next }))).text);
}

async function recordWatches(api: Api): Promise<void> {
  const initial = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', timeoutSeconds: '2' };
  const streamed = await watching(api, initial);
  save('watch-initial-events.ndjson', await streamed());

  const resourceVersion = versionOf((await api.get(slicesPath)).body);
  // A server sends a bookmark about once a minute, and one two seconds before the watch's own end.
  const changes = await watching(api, { resourceVersion });
  const pod = { name: 'trade-core-4', app: 'trade-core', color: 'stable', node: 'bc-a-node-1' } as const;
  await makeService(api, 'short-lived', 'short-lived', 'stable');
  await makePod(api, { ...pod, ip: '10.9.1.3', ready: true });
  await done(api.delete(corePath('pods', pod.name), undefined, { gracePeriodSeconds: '0' }));
  await done(api.delete(corePath('services', 'short-lived')));
  save('watch.ndjson', await changes());
}

async function recordExpiry(api: Api, cluster: LabCluster): Promise<void> {
  const first = await done(api.get(slicesPath, { limit: '2' }));
  const next = String(at(first.body, 'metadata.continue'));
  const resourceVersion = versionOf(first.body);
  await done(api.post(corePath('configmaps'), configMap('later')));
  await cluster.compactEtcd();
  // A server remembers events and lists that etcd has forgotten; one that has restarted does not.
  await cluster.killApiServer();
  await cluster.startApiServer();
  await done(api.post(corePath('configmaps'), configMap('later-still')));
  const page = api.get(slicesPath, { limit: '2', continue: next });
  await saveStatus('status-410-continue', 'the second page after the compaction', page);
  const exact = api.get(slicesPath, { resourceVersion, resourceVersionMatch: 'Exact' });
  await saveStatus('status-410-exact', 'a list at a resourceVersion that was compacted', exact);
  const expired = await watching(api, { resourceVersion });
  save('watch-expired.ndjson', await expired());
}

/** A token of a service account that may do nothing. */
async function poorToken(api: Api): Promise<string> {
  const path = `${corePath('serviceaccounts', 'default')}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  return String(at((await done(api.post(path, request))).body, 'status.token'));
}

async function recordRefusals(api: Api): Promise<void> {
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'k8s-sync' } };
  const made = await done(api.post(leases, { ...lease, spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } }));
  await done(api.put(`${leases}/k8s-sync`, made.body));
  await done(api.merge(`${leases}/k8s-sync`, { spec: { holderIdentity: 'b' } }));
  await saveStatus('status-409-conflict', 'a replace of an older version', api.put(`${leases}/k8s-sync`, made.body));
  await saveStatus('status-409-exists', 'a create of what is there', api.post(leases, lease));
  await saveStatus('status-404', 'a get of what is not there', api.get(`${leases}/none`));
  await saveStatus('status-422', 'a replace without resourceVersion', api.put(`${leases}/k8s-sync`, lease));
  const token = await poorToken(api);
  const asked = 'a list with the token of an account without rights';
  await saveStatus('status-403', asked, api.request('GET', slicesPath, undefined, { token }));
  const nobody = api.request('GET', slicesPath, undefined, { token: 'nobody' });
  await saveStatus('status-401', 'a list with a token that nobody gave', nobody);
  const future = { resourceVersion: '1000000', resourceVersionMatch: 'NotOlderThan' };
  await saveStatus('status-504', 'a list of a time to come', api.get(slicesPath, future));
}

/** Gives an account's requests a share of nothing. */
async function recordOverload(api: Api): Promise<void> {
  const root = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const name = 'no-share';
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  const limited = { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } };
  await done(
    api.post(`${root}/prioritylevelconfigurations`, {
      apiVersion,
      kind: 'PriorityLevelConfiguration',
      metadata: { name },
      spec: { type: 'Limited', limited },
    }),
  );
  const account = { name: 'default', namespace };
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] };
  await done(
    api.post(`${root}/flowschemas`, {
      apiVersion,
      kind: 'FlowSchema',
      metadata: { name },
      spec: {
        matchingPrecedence: 2,
        priorityLevelConfiguration: { name },
        rules: [{ subjects: [{ kind: 'ServiceAccount', serviceAccount: account }], resourceRules: [everything] }],
      },
    }),
  );
  const token = await poorToken(api);
  // One request at a time gets through even so.
  const many = (): Promise<Answer[]> =>
    Promise.all(Array.from({ length: 50 }, () => api.request('GET', slicesPath, undefined, { token })));
  let rejected: Answer | undefined;
  await poll('the flow schema rejects', async () => {
    rejected = (await many()).find(({ status }) => status === 429);
    return rejected !== undefined;
  });
  if (rejected === undefined) return;
  await saveStatus('status-429', 'too many lists at once for a priority level without a share', rejected);
}

async function recordEviction(api: Api): Promise<void> {
  const pod = { name: 'protected', app: 'protected', color: 'stable', node: 'bc-a-node-1' } as const;
  const { body } = await done(
    makePod(api, { ...pod, ip: '10.9.1.9', ready: true }).then(() => api.get(corePath('pods', pod.name))),
  );
  const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  await done(
    api.post(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'protected' },
      spec: { minAvailable: 1, selector: { matchLabels: at(body, 'metadata.labels') } },
    }),
  );
  const observed = async (): Promise<boolean> => {
    const budget = await api.get(`${budgets}/protected`);
    return at(budget.body, 'status.observedGeneration') === 1 && at(budget.body, 'status.currentHealthy') === 1;
  };
  await poll('the controller has seen the budget', observed);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'protected' } };
  const evict = api.post(`${corePath('pods', 'protected')}/eviction`, eviction);
  await saveStatus('status-429-eviction', 'an eviction that a budget forbids', evict);
}

async function recordDescriptions(api: Api, into: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  save('core-v1.json', (await done(api.get('/openapi/v3/api/v1'))).text, into);
  save('apps-v1.json', (await done(api.get('/openapi/v3/apis/apps/v1'))).text, into);
}

mkdirSync(folder, { recursive: true });
const lab = await startLab({ clusters: { recorder: { idc: 'bc' } } });
try {
  const cluster = lab.cluster('recorder');
  const api = connectApi(readFileSync(cluster.kubeconfig, 'utf8'));
  await makeWorld(api);
  await recordLists(api);
  await recordWatches(api);
  await recordRefusals(api);
  await recordEviction(api);
  await recordOverload(api);
  await recordExpiry(api, cluster);
  if (values.openapi !== undefined) await recordDescriptions(api, values.openapi);
  api.close();
} finally {
  lab.stop();
}
