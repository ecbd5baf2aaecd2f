import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { YouzanApp } from 'youzan-kube/constructs';

const file = 'examples/demo/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const app = new App();
for (const cluster of ['bc-a', 'bc-b']) {
  new YouzanApp(new Chart(app, cluster), spec.name, {
    spec,
    image: `registry.example/${spec.name}:1.4.0`,
    version: '1.4.0',
    idc: 'bc',
    cluster,
    env: 'prod',
    namespace: 'trade',
  });
}
console.log(app.synthYaml());
