import { type KubeClient, type KubeObject, resources, type WatchEvent } from '../../src/kube/index.js';

export const { pods } = resources;
export const ref = { namespace: 'shop', name: 'p' };
export const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: ref };

interface Options {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
/** Every verb that sends one request and gets one answer, and the watch until it is open. */
export const verbs: readonly [string, (client: KubeClient, options: Options) => Promise<unknown>][] = [
  ['get', (client, options) => client.get(pods, ref, options)],
  ['list', (client, options) => client.list(pods, options)],
  ['watch', (client, options) => take(client.watch(pods, options), 1)],
  ['logs', (client, options) => client.logs(ref, options)],
  ['create', (client, options) => client.create(pods, pod, options)],
  ['replace', (client, options) => client.replace(pods, pod, options)],
  ['apply', (client, options) => client.apply(pods, pod, { fieldManager: 'me', ...options })],
  ['patch', (client, options) => client.patch(pods, ref, {}, options)],
  ['delete', (client, options) => client.delete(pods, ref, options)],
  ['exec', (client, options) => client.exec(ref, ['true'], options)],
];

/** The first events of a watch; then it is left. */
export async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}
