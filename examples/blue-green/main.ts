import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { BlueGreenApp } from 'youzan-kube/constructs';

const file = 'examples/java/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const app = new App();
const place = { spec, idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' };
const image = 'registry.example/order-service';
const blue = { image: `${image}:1.4.0`, version: '1.4.0' };
const green = { image: `${image}:1.5.0`, version: '1.5.0' };
new BlueGreenApp(new Chart(app, 'bc-a'), spec.name, { ...place, blue, green, active: 'blue' });
console.log(app.synthYaml());
