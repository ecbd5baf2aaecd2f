import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePublished, type PodView, type PublishObservation } from '../../src/publish/index.js';
import { gateway, member, observation, pod, scope, server, service } from './world.js';

const pods = [pod(1), pod(2)];
const both = pods.map((one) => server(one));
const see = (podViews: readonly PodView[]): Partial<PublishObservation> => ({
  podsBefore: podViews,
  podsAfter: podViews,
});

describe('comparePublished', () => {
  it('says published when pods, slices and gateway have the same set', () => {
    const answer = comparePublished(observation());
    expect(answer).toMatchObject({ published: true, missing: [], extra: [], reasons: [] });
    expect(answer.servers.map(({ address }) => address)).toEqual(['10.0.0.1:8030', '10.0.0.2:8030']);
  });

  const broken: readonly [string, Partial<PublishObservation>, RegExp][] = [
    [
      'a server that the gateway lacks',
      { gateways: [gateway(both.slice(0, 1))] },
      /trade-core-2 .*at bc-1: it is not there/,
    ],
    [
      'the address with the UID of another pod',
      { gateways: [gateway([server(pods[0]!), server(pods[1]!, { uid: 'former' })])] },
      /trade-core-2 .*belongs to pod UID former/,
    ],
    [
      'a draining server',
      { gateways: [gateway([both[0]!, server(pods[1]!, { state: 'drain' })])] },
      /it is drain .*youzan-kube sync status/,
    ],
    ['a server of weight 0', { gateways: [gateway([both[0]!, server(pods[1]!, { weight: 0 })])] }, /weight 0/],
    [
      'a server under another color',
      { gateways: [gateway([both[0]!, server(pods[1]!, { labels: { color: 'gray' } })])] },
      /it is in gray\/ there, not in stable\//,
    ],
    [
      'a worker that lags',
      {
        gateways: [gateway([], { contents: [{ upstream: 'trade-core.http', servers: both, lagging: ['worker-2'] }] })],
      },
      /worker-2 do not have it yet/,
    ],
    ['a gateway without a serving worker', { gateways: [gateway(both, { servingWorkers: 0 })] }, /no serving worker/],
    ['a gateway that cannot be asked', { gateways: [gateway([], { error: 'connect ECONNREFUSED' })] }, /bc-1: connect/],
    ['one instance of two', { gateways: [gateway(both), gateway([], { name: 'bc-2' })] }, /at bc-2/],
    ['no gateway at all', { gateways: [] }, /no gateway instance/],
    ['a pod that the slices lack', { members: [member(pods[0]!)] }, /trade-core-2 .*at slices/],
    [
      'a pod that is not ready in the slices',
      { members: [member(pods[0]!), member(pod(2, { ready: false }))] },
      /not ready in them/,
    ],
    [
      'a server without a pod',
      { gateways: [gateway([...both, server(pod(3))])] },
      /10\.0\.0\.3:8030 of pod UID uid-3 serves trade-core\.http at bc-1/,
    ],
    ['a slice without a pod', { members: [...pods.map(member), member(pod(3))] }, /10\.0\.0\.3:8030 .*at slices/],
    ['a pod that gets ready meanwhile', { podsAfter: [...pods, pod(3)] }, /changed while/],
    ['a pod replaced under the same address', { podsAfter: [pod(1), pod(2, { uid: 'other' })] }, /changed while/],
    ['a pod of the old template', { scope: { ...scope, templateHash: 'newer' } }, /is no ready pod of this workload/],
    [
      'no pod without proof',
      { ...see([]), members: [], gateways: [gateway([])] },
      /no pod is ready; trade-core wants 2/,
    ],
  ];
  it.each(broken)('refuses %s', (_, change, reason) => {
    const answer = comparePublished(observation(change));
    expect(answer.published).toBe(false);
    expect(answer.reasons.join('\n')).toMatch(reason);
  });

  it('leaves a terminating pod out: it may drain as long as it likes', () => {
    const leaving = pod(3, { terminating: true });
    const answer = comparePublished(
      observation({ ...see([...pods, leaving]), gateways: [gateway([...both, server(leaving, { state: 'drain' })])] }),
    );
    expect(answer.published).toBe(true);
  });

  it('looks only at the color and chain it was asked for', () => {
    const gray = server(pod(9), { labels: { color: 'gray' } });
    const chain = server(pod(8), { labels: { color: 'stable', sc: 'feature-1' } });
    const gateways = [gateway([...both, gray, chain])];
    const of = (change: object): boolean =>
      comparePublished(observation({ gateways, scope: { ...scope, ...change } })).published;
    expect(of({ color: 'stable', sc: '' })).toBe(true);
    expect(of({ color: 'stable' })).toBe(false);
    expect(of({})).toBe(false);
  });

  const none = { ...see([]), members: [], gateways: [gateway([])] };
  const workload = { name: 'trade-core', color: 'stable', sc: '', replicas: 0, observed: true };
  it.each<[string, Partial<PublishObservation>, string | undefined]>([
    ['the Service is gone', { services: [] }, 'service-gone'],
    ['the Deployment asks for none', { workloads: [workload] }, 'scaled-to-zero'],
    ['the Deployment is gone', { workloads: [] }, 'workload-gone'],
    ['its controller has not seen the 0 yet', { workloads: [{ ...workload, observed: false }] }, undefined],
    ['a pod still runs', { workloads: [workload], ...see([pod(1, { ready: false })]) }, undefined],
  ])('takes an empty set only by proof: %s', (_, change, zero) => {
    const answer = comparePublished(observation({ ...none, ...change }));
    expect(answer.zero).toBe(zero);
    expect(answer.published).toBe(zero !== undefined);
  });

  it('wants the gateway empty when the Service is gone', () => {
    expect(comparePublished(observation({ services: [], members: [] })).published).toBe(false);
  });

  it('is true exactly when all three sets are equal, whatever they are', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 6 });
    fc.assert(
      fc.property(numbers, numbers, numbers, (running, listed, served) => {
        const answer = comparePublished(
          observation({
            ...see(running.map((number) => pod(number))),
            members: listed.map((number) => member(pod(number))),
            gateways: [gateway(served.map((number) => server(pod(number))))],
          }),
        );
        const set = (list: readonly number[]): string => [...list].sort().join();
        const equal = set(running) === set(listed) && set(running) === set(served);
        expect(answer.published).toBe(equal && running.length > 0);
        expect(answer.published).toBe(answer.reasons.length === 0);
      }),
    );
  });

  it('resolves numbered target ports and skips a name that the pod does not have', () => {
    const numbered = {
      ...service,
      ports: [
        { role: 'http', target: 8030 },
        { role: 'rpc', target: 'rpc' },
      ],
    };
    expect(comparePublished(observation({ services: [numbered] })).published).toBe(true);
  });
});
