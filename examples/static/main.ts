import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = 'examples/static/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const { yaml } = synthApp({
  spec,
  image: 'registry.example/assets:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
  resources: 'small',
});
console.log(yaml);
