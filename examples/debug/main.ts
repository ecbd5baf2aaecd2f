import { readFileSync } from 'node:fs';
import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const file = 'examples/node/app.yaml';
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file });

const place = { idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' };
const release = { spec, image: 'registry.example/h5-web:1.4.0', version: '1.4.0', ...place };
const { yaml } = synthApp({ ...release, debug: { main: 'held', expiresAfterSeconds: 3600 } });
console.log(yaml);
