import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { defineAddressPlan, MacvlanNetwork, YouzanApp } from 'youzan-kube/constructs';

const plan = defineAddressPlan({
  idc: 'bc',
  subnet: '10.77.0.0/16',
  gateway: '10.77.0.1',
  reserved: [{ first: '10.77.0.0', last: '10.77.0.255' }],
  clusters: {
    'bc-a': { first: '10.77.16.0', last: '10.77.31.255' },
    'bc-b': { first: '10.77.32.0', last: '10.77.47.255' },
  },
  pools: { 'pay-core': { first: '10.77.200.1', last: '10.77.200.16' } },
});

const app = new App();
const chart = new Chart(app, 'bc-a');
const network = new MacvlanNetwork(chart, 'network', {
  name: 'bc-flat',
  namespace: 'youzan-system',
  master: 'bond0',
  plan,
  cluster: 'bc-a',
});
const text = 'name: trade-core\nstack: youzanyun-debian12\nruntime: node-20\nentrypoint: node app.mjs\n';
new YouzanApp(chart, 'trade-core', {
  spec: parseAppYaml(text, { file: 'trade-core/app.yaml' }),
  image: 'registry.example/trade-core:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
  macvlan: network.attachment({ as: 'second' }),
});
console.log(app.synthYaml());
