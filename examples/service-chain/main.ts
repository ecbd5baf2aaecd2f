import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { ProjectEnvironment, YouzanApp } from 'youzan-kube/constructs';

const file = 'examples/java/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const app = new App();
const chart = new Chart(app, 'bc-a');
const traffic = { namespaces: ['trade'], blocks: ['10.77.0.0/24'] };
const where = { idc: 'bc', cluster: 'bc-a', env: 'qa' };
const project = new ProjectEnvironment(chart, 'f1', { ...where, sc: 'f1', owner: 'order-team', apps: [spec], traffic });
const release = { spec, image: 'registry.example/order-service:1.5.0-f1', version: '1.5.0-f1' };
new YouzanApp(chart, spec.name, { ...release, ...project.place });
console.log(app.synthYaml());
