import { parseAppYaml } from 'youzan-kube';
import { synthApp } from 'youzan-kube/constructs';

const text = 'name: trade-core\nstack: youzanyun-debian12\nruntime: node-20\nentrypoint: node app.mjs\n';
const bundle = synthApp({
  spec: parseAppYaml(text, { file: 'trade-core/app.yaml' }),
  image: 'registry.example/trade-core:1.4.0',
  version: '1.4.0',
  idc: 'bc',
  cluster: 'bc-a',
  env: 'prod',
  namespace: 'trade',
  scheduling: {
    nodes: { 'kubernetes.io/arch': 'amd64', 'example.com/disk': ['ssd', 'nvme'] },
    pools: ['burst'],
    spread: { zones: 'required' },
    priorityClass: 'core',
  },
});
console.log(bundle.yaml);
