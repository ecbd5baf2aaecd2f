import { all, nothing, ofCalls, ofProcesses, ofStores, ofWatches, onePod, pods } from './base.js';
import { smallWorlds } from './small-worlds.js';
import type { WorldSpec } from './world.js';

const threePods = { ...onePod, pods: pods('a', 'b', 'c'), start: all(pods('a', 'b', 'c'), 'ready') };

/** What is explored to the end, the smallest worlds first. */
export const worlds: readonly WorldSpec[] = [
  ...smallWorlds,
  {
    ...onePod,
    name: 'start',
    about: 'a syncer starts while one pod comes and goes, in any order and time',
    start: all(pods('a'), 'planned'),
    from: 'cold',
    isPrompt: false,
    lag: 2,
  },
  {
    ...onePod,
    name: 'one-pod-calls',
    about: 'one pod, two faults of calls to the gateway, in any time',
    isPrompt: false,
    faults: ofCalls,
    budget: { ...nothing, faults: 2, flaps: 1 },
  },
  {
    ...onePod,
    name: 'one-pod-watch',
    about: 'one pod, two faults of the watch and the heartbeats',
    faults: ofWatches,
    budget: { ...nothing, faults: 2, flaps: 1 },
  },
  {
    ...onePod,
    name: 'one-pod-process',
    about: 'one pod, two times that the syncer stands still, dies, or hears an operator',
    without: ['force', 'end-unready'],
    faults: ofProcesses,
    budget: { ...nothing, faults: 2 },
  },
  {
    ...onePod,
    name: 'one-pod-stores',
    about: 'one pod, two faults of the stores: a gateway’s that is lost or altered, an etcd that is restored',
    without: ['force', 'end-unready'],
    faults: ofStores,
    budget: { ...nothing, faults: 2 },
  },
  {
    ...onePod,
    name: 'two-gateways',
    about: 'one pod, two gateway instances, one fault of calls',
    gateways: ['g1', 'g2'],
    faults: ofCalls,
    budget: { ...nothing, faults: 1 },
  },
  {
    ...onePod,
    name: 'app-deleted',
    about: 'an app is deleted while its two pods still run',
    pods: pods('a', 'b'),
    start: all(pods('a', 'b'), 'ready'),
    without: ['force'],
    deletesApps: true,
  },
  {
    ...onePod,
    name: 'moves',
    about: 'endpoints of two pods move from slice to slice, one fault of the watch',
    pods: pods('a', 'b'),
    start: all(pods('a', 'b'), 'ready'),
    without: ['force', 'end', 'end-unready'],
    faults: ofWatches,
    budget: { ...nothing, faults: 1, moves: 2 },
  },
  {
    ...onePod,
    name: 'ip-reuse',
    about: 'a second pod gets the address of the first, and another syncer leads with a claim of its own',
    pods: [
      { uid: 'a', at: 1, app: 'shop' },
      { uid: 'b', at: 1, app: 'shop', without: ['end', 'end-unready', 'force'] },
    ],
    start: { a: 'ready', b: 'planned' },
    without: ['force', 'end-unready'],
    budget: { ...nothing, takeovers: 1 },
  },
  {
    ...onePod,
    name: 'ip-to-other-app',
    about: 'a pod of another app gets the address of the first, one fault of calls',
    pods: [
      { uid: 'a', at: 1, app: 'shop' },
      { uid: 'b', at: 1, app: 'cart', without: ['end', 'end-unready', 'force'] },
    ],
    start: { a: 'ready', b: 'planned' },
    without: ['force', 'end-unready'],
    faults: ['refused', 'lost'],
    budget: { ...nothing, faults: 1 },
  },
  {
    ...threePods,
    name: 'three-pods',
    about: 'three pods, one fault of calls or the watch',
    without: ['force', 'end', 'end-unready', 'become-ready'],
    faults: [...new Set([...ofCalls, ...ofWatches])],
    budget: { ...nothing, faults: 1, flaps: 3 },
  },
];
