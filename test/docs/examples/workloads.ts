import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { YouzanDaemon, YouzanJob, YouzanScheduledJob, YouzanStatefulApp } from 'youzan-kube/constructs';

const specOf = (name: string) =>
  parseAppYaml('stack: youzanyun-debian12\nruntime: node-20\nentrypoint: node app.mjs\n', { file: 'app.yaml', name });
const release = { version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' };
const store = { ...release, spec: specOf('trade-store'), image: 'registry.example/trade-store:1.4.0' };
const agent = { ...release, spec: specOf('node-agent'), image: 'registry.example/node-agent:1.4.0' };

const app = new App();
const chart = new Chart(app, 'bc-a');
new YouzanStatefulApp(chart, 'store', {
  ...store,
  volumeClaims: [{ name: 'data', mountPath: '/data', size: '20Gi' }],
});
new YouzanDaemon(chart, 'agent', agent);
new YouzanJob(chart, 'migrate', {
  ...store,
  name: 'migrate-1-4-0',
  command: ['node', 'migrate.mjs'],
  activeDeadlineSeconds: 600,
});
new YouzanScheduledJob(chart, 'settle', {
  ...store,
  name: 'settle',
  command: ['node', 'settle.mjs'],
  schedule: '30 3 * * *',
  timeZone: 'Asia/Shanghai',
  activeDeadlineSeconds: 3600,
});
console.log(app.synthYaml());
