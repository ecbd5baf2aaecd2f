import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = 'examples/java/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const { yaml } = synthApp({
  spec,
  image: 'registry.example/order-service:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
  scaling: { min: 2, max: 10, cpu: 60 },
});
console.log(yaml);
