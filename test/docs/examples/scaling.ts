import { parseAppYaml } from 'youzan-kube';
import { App, Chart } from 'cdk8s';
import { LxcfsDaemonSet, YouzanApp } from 'youzan-kube/constructs';

const app = new App();
const chart = new Chart(app, 'bc-a');
new LxcfsDaemonSet(chart, 'lxcfs', { namespace: 'youzan-system', image: 'registry.example/lxcfs:5.0.3' });

const text = 'name: trade-core\nstack: youzanyun-centos6\nruntime: jdk-8u144\nentrypoint: java -jar app.jar\n';
new YouzanApp(chart, 'trade-core', {
  spec: parseAppYaml(text, { file: 'trade-core/app.yaml' }),
  image: 'registry.example/trade-core:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
  resources: 'medium',
  scaling: { min: 3, max: 20, cpu: 60, custom: [{ name: 'lag', from: 'external', average: '100' }] },
  verticalScaling: { mode: 'recommend' },
  disruptionBudget: { maxUnavailable: '25%' },
});
console.log(app.synthYaml());
