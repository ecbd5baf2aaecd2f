import { App, Chart } from 'cdk8s';
import { parseAppYaml } from 'youzan-kube';
import { BlueGreenApp, YouzanApp } from 'youzan-kube/constructs';

const text = 'name: trade-core\nstack: youzanyun-debian12\nruntime: node-20\nentrypoint: node app.mjs\n';
const spec = parseAppYaml(text, { file: 'trade-core/app.yaml' });
const place = { spec, idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' };
const release = (version: string) => ({ image: `registry.example/trade-core:${version}`, version });

const app = new App();
const chart = new Chart(app, 'bc-a');
new YouzanApp(chart, 'gray', { ...place, ...release('1.5.0'), color: 'gray' });
new YouzanApp(chart, 'debug', { ...place, ...release('1.5.0'), debug: { expiresAfterSeconds: 3600 } });
new BlueGreenApp(chart, 'pair', { ...place, blue: release('1.4.0'), green: release('1.5.0'), active: 'blue' });
console.log(app.synthYaml());
