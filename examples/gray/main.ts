import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = 'examples/java/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const place = { spec, idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' };
const image = 'registry.example/order-service';
const stable = synthApp({ ...place, image: `${image}:1.4.0`, version: '1.4.0' });
const gray = synthApp({ ...place, image: `${image}:1.5.0`, version: '1.5.0', color: 'gray' });
console.log([stable, gray].map(({ yaml }) => yaml).join('---\n'));
