import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import {
  type AddressPlan,
  defineAddressPlan,
  MacvlanNetwork,
  type MacvlanNetworkProps,
  type ManifestObject,
  nodeNetworkConfig,
  YouzanApp,
} from '../../../constructs/index.js';
import { demoSpec, propsOf } from '../specs.js';

const plan: AddressPlan = defineAddressPlan({
  idc: 'bc',
  subnet: '10.77.0.0/16',
  gateway: '10.77.0.1',
  clusters: {
    'bc-a': { first: '10.77.16.0', last: '10.77.16.255' },
    'bc-b': {
      nodes: {
        'bc-b-1': { first: '10.77.32.10', last: '10.77.32.19' },
        'bc-b-2': { first: '10.77.33.10', last: '10.77.33.14' },
      },
    },
  },
  pools: { pay: { first: '10.77.200.1', last: '10.77.200.4' } },
});
const props: MacvlanNetworkProps = { name: 'bc-flat', namespace: 'trade', master: 'bond0', plan, cluster: 'bc-a' };
const chart = (): Chart => new Chart(new App(), 'bc-a');

function configOf(more: Partial<MacvlanNetworkProps> = {}): unknown {
  const network = new MacvlanNetwork(chart(), 'network', { ...props, ...more });
  const { spec } = network.definition.toJson() as { spec: { config?: string } };
  return spec.config === undefined ? undefined : JSON.parse(spec.config);
}

describe('MacvlanNetwork', () => {
  it("gives out the cluster's range by an IPAM that all its nodes share", () => {
    expect(configOf()).toEqual({
      cniVersion: '0.4.0',
      name: 'bc-flat',
      type: 'macvlan',
      master: 'bond0',
      mode: 'bridge',
      ipam: {
        type: 'whereabouts',
        range: '10.77.0.0/16',
        range_start: '10.77.16.0',
        range_end: '10.77.16.255',
        gateway: '10.77.0.1',
        routes: [{ dst: '0.0.0.0/0', gw: '10.77.0.1' }],
      },
    });
  });

  it('gives out a fixed pool in its place', () => {
    expect(configOf({ pool: 'pay' })).toMatchObject({ ipam: { range_start: '10.77.200.1', range_end: '10.77.200.4' } });
  });

  it('leaves the config to the nodes where each has a range of its own', () => {
    expect(configOf({ cluster: 'bc-b' })).toBeUndefined();
    const { file, text } = nodeNetworkConfig({ ...props, cluster: 'bc-b' }, 'bc-b-2');
    expect(file).toBe('bc-flat.conf');
    expect(JSON.parse(text)).toMatchObject({
      name: 'bc-flat',
      ipam: {
        type: 'host-local',
        ranges: [
          [{ subnet: '10.77.0.0/16', rangeStart: '10.77.33.10', rangeEnd: '10.77.33.14', gateway: '10.77.0.1' }],
        ],
      },
    });
  });

  it.each<[string, Partial<MacvlanNetworkProps>, number]>([
    ['a cluster', {}, 256],
    ['nodes', { cluster: 'bc-b' }, 15],
    ['a pool', { pool: 'pay' }, 4],
  ])('counts the addresses of %s', (_, more, count) => {
    expect(new MacvlanNetwork(chart(), 'network', { ...props, ...more }).addresses).toBe(count);
  });

  it('routes what it is told to, and nothing without a gateway', () => {
    expect(configOf({ routes: [{ to: '10.0.0.0/8', by: '10.77.0.2' }] })).toMatchObject({
      ipam: { routes: [{ dst: '10.0.0.0/8', gw: '10.77.0.2' }] },
    });
    const { gateway, ...alone } = plan;
    expect(gateway).toBeDefined();
    expect(configOf({ plan: alone })).not.toHaveProperty('ipam.routes');
  });

  it.each(['default', 'second'] as const)('is an app’s %s network by its attachment', (as) => {
    const scope = chart();
    const network = new MacvlanNetwork(scope, 'network', props);
    const { workload, service } = new YouzanApp(scope, 'app', {
      ...propsOf(demoSpec),
      macvlan: network.attachment({ as }),
    });
    const template = (workload.toJson() as ManifestObject & { spec: { template: ManifestObject } }).spec.template;
    const key = as === 'default' ? 'v1.multus-cni.io/default-network' : 'k8s.v1.cni.cncf.io/networks';
    expect(template.metadata.annotations).toEqual({ [key]: 'trade/bc-flat' });
    const { labels } = (service!.toJson() as ManifestObject).metadata;
    // k8s-sync takes the address from the network that the Service's label names.
    expect(labels?.['youzan.com/network']).toBe(as === 'second' ? 'trade.bc-flat' : undefined);
  });

  it('has an address for each pod of an app, and for the one more that a release adds', () => {
    const scope = chart();
    const macvlan = new MacvlanNetwork(scope, 'network', { ...props, pool: 'pay' }).attachment();
    const app = (id: string, replicas: number) =>
      new YouzanApp(scope, id, { ...propsOf({ ...demoSpec, replicas }), macvlan });
    expect(() => app('three', 3)).not.toThrow();
    expect(() => app('four', 4)).toThrow(/macvlan\.network: has 4 addresses; 4 pods and one more .* need 5/);
  });

  it.each<[string, Partial<MacvlanNetworkProps>, RegExp]>([
    [
      'a cluster that the plan has not',
      { cluster: 'bd-a' },
      /bc-a\/network\.cluster: "bd-a" is not in the plan of bc; it has bc-a, bc-b/,
    ],
    ['a pool that the plan has not', { pool: 'shop' }, /network\.pool: "shop" is no pool of bc; it has pay/],
    ['an interface that is none', { master: 'a/b' }, /network\.master: "a\/b" is no interface/],
    ['a name that is none', { name: 'BC' }, /network\.name: "BC" is no DNS label/],
  ])('refuses %s', (_, more, message) => {
    expect(() => new MacvlanNetwork(chart(), 'network', { ...props, ...more })).toThrow(message);
  });

  it('has no config for a node without a range', () => {
    expect(() => nodeNetworkConfig({ ...props, cluster: 'bc-b' }, 'bc-b-9')).toThrow(/no range for bc-b-9 of bc-b/);
    expect(() => nodeNetworkConfig(props, 'bc-a-1')).toThrow(/no range for bc-a-1 of bc-a/);
  });
});
