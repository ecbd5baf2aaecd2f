import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = 'examples/php/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const { yaml } = synthApp({
  spec,
  image: 'registry.example/showcase:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
});
console.log(yaml);
