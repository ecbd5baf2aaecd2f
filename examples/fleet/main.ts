import { readFileSync } from 'node:fs';
import { parseAppYaml, parseFleetYaml } from 'youzan-kube';
import { synthFleet } from 'youzan-kube/constructs';

const read = (file: string) => ({ text: readFileSync(file, 'utf8'), file });
const fleetFile = read('examples/fleet/fleet.yaml');
const fleet = parseFleetYaml(fleetFile.text, fleetFile);

const apps = ['java', 'node', 'python', 'php', 'static'].map((kind) => {
  const { text, file } = read(`examples/${kind}/app.yaml`);
  const spec = parseAppYaml(text, { file });
  const image = `registry.example/${spec.name}:1.4.0`;
  return {
    spec,
    image,
    version: '1.4.0',
    env: 'prod',
    namespace: 'trade',
    overrides: { 'bd-b': { resources: 'small' } },
  };
});
for await (const { cluster, fileName, objects } of synthFleet({ fleet, apps }))
  console.log(`${cluster}/${fileName}: ${objects.map(({ kind }) => kind).join(', ')}`);
