import { App, Chart } from 'cdk8s';
import { parseFleetYaml } from 'youzan-kube';
import { K8sSyncDeployment, PlatformAccess } from 'youzan-kube/constructs';

const fleet = parseFleetYaml(
  `
idcs:
  bc: { clusters: { bc-a: { version: '1.34' }, bc-b: { version: '1.34' } } }
environments:
  prod: { gateways: [{ name: bc-1, idc: bc, url: 'http://10.77.0.9:9000', tokenEnv: YZ7_BC_1 }] }
`,
  { file: 'fleet.yaml' },
);

const app = new App();
for (const { name } of fleet.clusters) {
  const chart = new Chart(app, name);
  new K8sSyncDeployment(chart, 'syncer', {
    fleet,
    env: 'prod',
    cluster: name,
    namespace: 'youzan-system',
    image: 'registry.example/youzan-kube:0.1.0',
    tokenSecret: 'gateway-tokens',
  });
  new PlatformAccess(chart, 'release', { role: 'release', namespace: 'youzan-system', appNamespaces: ['trade'] });
}
console.log(app.synthYaml());
