// The props of the manifests in golden/: each kind, and each variant. The lab gives the same to a real API server.
import { App, Chart } from 'cdk8s';
import {
  BlueGreenApp,
  defineAddressPlan,
  K8sSyncDeployment,
  MacvlanNetwork,
  type ManifestObject,
  ProjectEnvironment,
  YouzanApp,
  type YouzanAppProps,
  YouzanDaemon,
  YouzanJob,
  YouzanScheduledJob,
  YouzanStatefulApp,
} from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { debugged, demoSpec, fullSpec, propsOf, seedSpec } from './specs.js';

/** The least that an app of a kind says. */
const ofKind = (kind: string, ...lines: readonly string[]): YouzanAppProps =>
  propsOf(parseAppYaml([`kind: ${kind}`, ...lines, ''].join('\n'), { file: 'app.yaml', name: `${kind}-app` }));

const demo = propsOf(demoSpec);
const full = propsOf(fullSpec);

/** Committed in full, script for script. */
export const whole: Readonly<Record<string, YouzanAppProps>> = { seed: propsOf(seedSpec), demo };

/** Committed without the scripts. */
export const abridged: Readonly<Record<string, YouzanAppProps>> = {
  'kind-java': ofKind('java'),
  'kind-node': ofKind('node', 'entrypoint: node app.mjs'),
  'kind-python': ofKind('python', 'entrypoint: gunicorn wsgi:application'),
  'kind-php': ofKind(
    'php',
    'helpers:',
    '  - { name: web, command: nginx, ready: { tcp: { port: 8030 }, deadlineSeconds: 5 } }',
  ),
  'kind-static': ofKind('static'),
  'kind-generic': ofKind('generic', 'entrypoint: ./app'),
  'full-gray-macvlan': { ...full, color: 'gray', macvlan: { network: 'kube-system/bc-vlan-12' } },
  'full-sc-second-network': { ...full, sc: 'f1', macvlan: { network: 'bc-vlan-12', as: 'second' } },
  'demo-blue': { ...demo, color: 'blue' },
  'demo-green': { ...demo, color: 'green' },
  'demo-debug': debugged(demo),
  'demo-scaling': { ...demo, scaling: { min: 2, max: 20, cpu: 60, memory: '800Mi' } },
  'demo-vertical': { ...demo, verticalScaling: { mode: 'recommend', max: { cpu: '4', memory: '8Gi' } } },
};

const claim = { name: 'data', mountPath: '/data', size: '20Gi' };
const migrate = { name: 'migrate', command: ['node', 'migrate.mjs'], activeDeadlineSeconds: 600 };
const settle = { name: 'settle', command: ['node', 'settle.mjs'], activeDeadlineSeconds: 3600 };
const release = (version: string) => ({ image: `registry.example/trade-core:${version}`, version });

const place = { env: 'qa', idc: 'bc', cluster: 'bc-a' };

/** Constructs beside an app's own, each in a chart. */
const charts: Readonly<Record<string, (chart: Chart) => void>> = {
  'blue-green': (chart) => {
    const colors = { blue: release('1.4.0'), green: release('1.5.0') };
    new BlueGreenApp(chart, 'app', { ...demo, ...colors, active: 'green' });
  },
  'stateful-app': (chart) => {
    const from3 = { podManagement: 'parallel', firstOrdinal: 3 } as const;
    new YouzanStatefulApp(chart, 'app', { ...demo, ...from3, volumeClaims: [claim] });
  },
  daemon: (chart) => {
    new YouzanDaemon(chart, 'app', { ...demo, scheduling: { pools: ['gpu'] } });
  },
  job: (chart) => {
    new YouzanJob(chart, 'app', { ...demo, ...migrate });
  },
  'scheduled-job': (chart) => {
    new YouzanScheduledJob(chart, 'app', { ...demo, ...settle, schedule: '30 3 * * *', timeZone: 'Asia/Shanghai' });
  },
  'project-environment': (chart) => {
    const project = new ProjectEnvironment(chart, 'f1', {
      ...place,
      sc: 'f1',
      owner: 'pay-team',
      apps: [demoSpec],
      traffic: { namespaces: ['trade'], blocks: ['10.77.0.0/24'] },
      imagePullSecret: { name: 'registry', dockerConfigJson: '{"auths":{}}' },
    });
    new YouzanApp(chart, 'app', { ...demo, ...project.place });
  },
  'macvlan-network': (chart) => {
    const cluster = { first: '10.77.16.0', last: '10.77.31.255' };
    const plan = defineAddressPlan({ idc: 'bc', subnet: '10.77.0.0/16', clusters: { 'bc-a': cluster } });
    new MacvlanNetwork(chart, 'network', {
      name: 'bc-flat',
      namespace: 'trade',
      master: 'bond0',
      plan,
      cluster: 'bc-a',
    });
  },
  'k8s-sync': (chart) => {
    new K8sSyncDeployment(chart, 'syncer', {
      ...place,
      fleet: {
        clusters: [{ name: 'bc-a', idc: 'bc', version: '1.34' }],
        gateways: { qa: [{ name: 'qa-1', idc: 'bc', url: 'http://10.77.0.8:9000', tokenEnv: 'YZ7_QA_1' }] },
      },
      namespace: 'youzan-system',
      image: 'registry.example/youzan-kube:0.1.0',
      tokenSecret: 'gateway-tokens',
    });
  },
};

/** The objects of the charts. */
export const chartObjects: Readonly<Record<string, readonly ManifestObject[]>> = Object.fromEntries(
  Object.entries(charts).map(([name, fill]) => {
    const chart = new Chart(new App(), 'bc-a');
    fill(chart);
    return [name, chart.toJson() as ManifestObject[]];
  }),
);
