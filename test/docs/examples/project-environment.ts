import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { ProjectEnvironment, YouzanApp } from 'youzan-kube/constructs';

const text = 'name: trade-core\nstack: youzanyun-debian12\nruntime: node-20\nentrypoint: node app.mjs\n';
const spec = parseAppYaml(text, { file: 'trade-core/app.yaml' });
const app = new App();
const chart = new Chart(app, 'bc-a');
const project = new ProjectEnvironment(chart, 'f1', {
  sc: 'f1',
  env: 'qa',
  idc: 'bc',
  cluster: 'bc-a',
  owner: 'pay-team',
  apps: [spec],
  traffic: { namespaces: ['trade'], blocks: ['10.77.0.0/24'] },
  imagePullSecret: { name: 'registry' },
});
new YouzanApp(chart, 'trade-core', {
  spec,
  image: 'registry.example/trade-core:1.5.0-f1',
  version: '1.5.0-f1',
  ...project.place,
});
console.log(app.synthYaml());
// The gateway's rule: PUT /chains/f1 with these upstreams.
console.log(JSON.stringify(project.chain));
