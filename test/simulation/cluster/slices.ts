import type { EndpointRecord, EndpointSliceRecord } from '../../../src/members/index.js';
import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';
import type { ClusterApi, Pod } from './api.js';
import type { App } from './apps.js';

const endpointsPerSlice = 3;

interface Work {
  isBusy: boolean;
  isDirty: boolean;
  /** Endpoints are to be packed anew. */
  isMoving: boolean;
}

/** The endpoint slice controller: writes the slices of one Service after the other, each write by itself. */
export class SliceController {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #api: ClusterApi;
  readonly #apps: readonly App[];
  readonly #isNodeReady: (node: string) => boolean;
  readonly #work = new Map<string, Work>();
  #names = 0;

  constructor(
    timeline: Timeline,
    random: Random,
    api: ClusterApi,
    apps: readonly App[],
    isNodeReady: (node: string) => boolean,
  ) {
    this.#timeline = timeline;
    this.#random = random;
    this.#api = api;
    this.#apps = apps;
    this.#isNodeReady = isNodeReady;
    api.onChange = (service) => this.look(service);
  }

  lookAtAll(): void {
    for (const { service } of this.#apps) this.look(service);
  }

  /** Moves endpoints of a Service from slice to slice with the next look. */
  repack(service: string): void {
    this.#workOf(service).isMoving = true;
    this.look(service);
  }

  look(service: string): void {
    const work = this.#workOf(service);
    work.isDirty = true;
    if (work.isBusy) return;
    work.isBusy = true;
    this.#timeline.after(this.#random.between(10, 250), () => this.#sync(service));
  }

  #workOf(service: string): Work {
    const work = this.#work.get(service) ?? { isBusy: false, isDirty: false, isMoving: false };
    this.#work.set(service, work);
    return work;
  }

  #sync(service: string): void {
    const work = this.#workOf(service);
    const gapMs = work.isMoving ? 1500 : 40;
    const writes = this.#random.shuffled(this.#changes(service, work.isMoving));
    work.isDirty = false;
    work.isMoving = false;
    const next = (): void => {
      const write = writes.shift();
      if (write !== undefined) {
        this.#api.writeSlice(...write);
        this.#timeline.after(this.#random.between(1, gapMs), next);
        return;
      }
      work.isBusy = false;
      if (work.isDirty) this.look(service);
    };
    next();
  }

  #changes(service: string, isMoving: boolean): [string, EndpointSliceRecord | undefined][] {
    const app = this.#apps.find((one) => one.service === service);
    const present = [...this.#api.slices].filter(([, slice]) => `default/${slice.service}` === service);
    if (app === undefined || !this.#api.services.has(service)) return present.map(([key]) => [key, undefined]);
    const wanted = new Map(
      [...this.#api.pods.values()]
        .filter((pod) => pod.app === app.app && pod.color === app.color && !pod.finished)
        .map((pod) => [pod.uid, this.#endpointOf(pod)]),
    );
    const packed = new Map(present.map(([key]) => [key, new Array<EndpointRecord>()]));
    const homeless = new Set(wanted.values());
    for (const [key, slice] of present) {
      for (const { uid } of slice.endpoints) {
        const endpoint = wanted.get(uid);
        if (endpoint === undefined || !homeless.has(endpoint)) continue;
        if (isMoving && this.#random.chance(0.5)) continue;
        packed.get(key)?.push(endpoint);
        homeless.delete(endpoint);
      }
    }
    for (const endpoint of homeless) {
      const roomy = [...packed].filter(([, endpoints]) => endpoints.length < endpointsPerSlice);
      const [key] = this.#random.pick(roomy) ?? [`${service}-${++this.#names}`];
      packed.set(key, [...(packed.get(key) ?? []), endpoint]);
    }
    if (packed.size === 0) packed.set(`${service}-${++this.#names}`, []);
    const filled = [...packed].filter(([, endpoints]) => endpoints.length > 0);
    const kept = new Map(filled.length > 0 ? filled : [...packed].slice(0, 1));
    const before = new Map(present);
    return [
      ...present.filter(([key]) => !kept.has(key)).map(([key]): [string, undefined] => [key, undefined]),
      ...[...kept]
        .map(([key, endpoints]): [string, EndpointSliceRecord] => [key, sliceOf(app, endpoints)])
        .filter(([key, slice]) => JSON.stringify(before.get(key)) !== JSON.stringify(slice)),
    ];
  }

  #endpointOf({ ip, uid, name, node, ready, serving, deleting }: Pod): EndpointRecord {
    const seen = this.#isNodeReady(node);
    return {
      ip,
      uid,
      pod: name,
      node,
      zone: 'z1',
      ready: ready && seen && !deleting,
      serving: serving && seen,
      terminating: deleting,
    };
  }
}

function sliceOf({ app, color, service, ports }: App, endpoints: readonly EndpointRecord[]): EndpointSliceRecord {
  return { namespace: 'default', service: service.slice('default/'.length), app, color, sc: '', ports, endpoints };
}
