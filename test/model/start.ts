import { generationOf } from '../../src/k8s-sync/core/index.js';
import { newInstance } from './gateway.js';
import { newProcess, type Scene } from './process.js';
import { fairStep } from './settle.js';
import type { InstanceTruth, ModelState } from './state.js';
import { textOf } from './canon-world.js';
import { appsOf, type WorldSpec } from './world.js';

const workers = 2;

function firstInstance({ formerEpoch }: WorldSpec): InstanceTruth {
  const claim = { generation: generationOf(formerEpoch, 0), writer: 'former' };
  return { ...newInstance(1, workers), claim: formerEpoch === 0 ? null : claim };
}

/** Where exploration begins: nothing was seen yet, or all that is there has come to rest. */
export function startOf(scene: Scene): ModelState {
  const { world } = scene;
  const cold: ModelState = {
    now: 1_000_000,
    cluster: {
      version: 50e6,
      pods: world.start,
      apps: appsOf(world),
      epoch: 0,
      before: null,
      lostWrite: false,
      holder: '',
    },
    processes: { p1: newProcess(scene, 'p1') },
    gateways: Object.fromEntries(world.gateways.map((name) => [name, firstInstance(world)])),
    calls: [],
    budget: world.budget,
  };
  if (world.from === 'cold') return cold;
  let state: ModelState = { ...cold, budget: { ...world.budget, drifts: 0 } };
  for (let last = '', text = textOf(world, state); text !== last;) {
    last = text;
    do state = fairStep(scene, state).run();
    while (state.calls.length > 0);
    text = textOf(world, state);
  }
  return { ...state, budget: world.budget };
}
