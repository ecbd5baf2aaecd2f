// Synthesis of many apps for four clusters, against the same objects in bare cdk8s, against stringifying them alone, and
// against what a user would write instead. All in one process, in slices that take turns, as CPU time of the process:
// what else the machine does counts for all alike. Ratios, since times say little on a shared machine.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ApiObject, App, Chart, Size, Yaml } from 'cdk8s';
import { Cpu, Deployment, EnvValue, HorizontalPodAutoscaler, Metric, MetricTarget } from 'cdk8s-plus-28';

const { defineFleet, parseAppYaml } = await import('../../dist/index.js');
const { synthFleet } = await import('../../dist/constructs.js');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const file = 'examples/demo/app.yaml';
const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const fleet = defineFleet({
  idcs: {
    bc: { clusters: { 'bc-a': { version: '1.34' }, 'bc-b': { version: '1.34' } } },
    bd: { clusters: { 'bd-a': { version: '1.34' }, 'bd-b': { version: '1.34' } } },
  },
});
const clusters = fleet.clusters.length;

/** Apps that differ in name, variables and image, each from its own app.yaml. */
function* appsFrom(first, count) {
  for (let index = first; index < first + count; index += 1) {
    const name = `app-${index}`;
    const spec = parseAppYaml(text.replace(/^name: .*$/m, `name: ${name}`), { file, name });
    const environment = { SHARD: `shard-${index % 7}`, POOL: String(index) };
    yield {
      spec,
      environment,
      image: `registry.example/${name}:1.${index}.0`,
      version: '1.0.0',
      env: 'prod',
      namespace: 'trade',
    };
  }
}

async function bundlesOf(apps) {
  const bundles = [];
  for await (const bundle of synthFleet({ fleet, apps })) bundles.push(bundle);
  return bundles;
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
/** Adds the CPU time of a run to a total. */
async function timed(totals, name, run) {
  const before = cpuMs();
  const result = await run();
  totals.set(name, (totals.get(name) ?? 0) + cpuMs() - before);
  return result;
}

const rawObjects = (chart, objects) => objects.forEach((object, index) => new ApiObject(chart, `${index}`, object));
/** One cdk8s App a bundle, with the same raw objects. */
const bare = (bundles) =>
  bundles.map(({ objects }) => {
    const app = new App();
    rawObjects(new Chart(app, 'chart'), objects);
    return app.synthYaml();
  });
const stringified = (bundles) => bundles.map(({ objects }) => Yaml.stringify(...objects));
/** All in one cdk8s App, a chart a bundle. */
function bareInOneApp(bundles) {
  const app = new App();
  bundles.forEach(({ objects }, index) => rawObjects(new Chart(app, `chart-${index}`), objects));
  return app.synthYaml();
}

/** The nearest that cdk8s-plus has: Deployment, Service and autoscaler, without hooks, helpers and labels of ours. */
function plusApp(chart, { app: name }) {
  const deployment = new Deployment(chart, name, {
    metadata: { name, labels: { app: name } },
    containers: [
      {
        name: 'app',
        image: `registry.example/${name}:1.0.0`,
        ports: [8030, 8001].map((number) => ({ number, name: `port-${number}` })),
        resources: {
          cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
          memory: { request: Size.mebibytes(128), limit: Size.mebibytes(512) },
        },
        envVariables: Object.fromEntries(
          Array.from({ length: 17 }, (_, at) => [`VARIABLE_${at}`, EnvValue.fromValue(`${at}`)]),
        ),
      },
    ],
  });
  deployment.exposeViaService({ name, ports: [{ port: 8030, targetPort: 8030 }] });
  new HorizontalPodAutoscaler(chart, `${name}-scaler`, {
    target: deployment,
    maxReplicas: 10,
    metrics: [Metric.resourceCpu(MetricTarget.averageUtilization(60))],
  });
}
const plus = (bundles) =>
  bundles.map((bundle) => {
    const app = new App();
    plusApp(new Chart(app, 'chart'), bundle);
    return app.synthYaml();
  });
function plusInOneApp(bundles) {
  const app = new App();
  bundles.forEach((bundle, index) => plusApp(new Chart(app, `chart-${index}`), bundle));
  return app.synthYaml();
}

const verdict = (value, allowed) =>
  `${value.toFixed(2)} of ${allowed.toFixed(2)} allowed${value > allowed ? ': MISSED' : ''}`;
const perBundle = (ms, count) => `${(ms / count).toFixed(2)} ms`;

/** 1,000 apps in four clusters, in turns of 25 apps. */
async function againstFloors() {
  const totals = new Map();
  const apps = 1000;
  const turn = 25;
  for (let first = 0; first < apps; first += turn) {
    const specs = [...appsFrom(first, turn)];
    const bundles = await timed(totals, 'synthFleet', () => bundlesOf(specs));
    await timed(totals, 'bare', () => bare(bundles));
    await timed(totals, 'stringified', () => stringified(bundles));
  }
  const count = apps * clusters;
  const [own, raw, yaml] = ['synthFleet', 'bare', 'stringified'].map((name) => totals.get(name));
  console.log(`synthesis of ${apps} apps for ${clusters} clusters: ${perBundle(own, count)} CPU a bundle`);
  console.log(
    `  to the same raw objects in bare cdk8s, an App each (${perBundle(raw, count)}): ${verdict(own / raw, 1.3)}`,
  );
  console.log(`  to stringifying them alone (${perBundle(yaml, count)}): ${verdict(own / yaml, 2.5)}`);
}

/** What grows with the square of their number: fewer apps, in one cluster, doubled once. */
async function againstOthers() {
  const ways = {
    synthFleet: bundlesOf,
    'bare cdk8s, one App for all': bareInOneApp,
    'cdk8s-plus, an App each': plus,
    'cdk8s-plus, one App for all': plusInOneApp,
  };
  console.log('  beside what a user would write instead, in one cluster, ms CPU an app:');
  for (const [name, way] of Object.entries(ways)) {
    const figures = [];
    for (const count of [100, 200, 400]) {
      const apps = [...appsFrom(0, count)].map((app) => ({ ...app, clusters: ['bc-a'] }));
      const bundles = await bundlesOf(apps);
      const totals = new Map();
      await timed(totals, name, () => way(way === bundlesOf ? apps : bundles));
      figures.push(`${count} apps ${(totals.get(name) / count).toFixed(2)}`);
    }
    console.log(`    ${name.padEnd(28)} ${figures.join(', ')}`);
  }
}

/** Time at each number of apps, and the heap in use after a collection, of one stream. */
async function growth() {
  const sizes = [500, 1000, 2000];
  const times = [];
  for (const size of sizes) {
    const totals = new Map();
    const heaps = [];
    let taken = 0;
    const specs = [...appsFrom(0, size)];
    const bundles = synthFleet({ fleet, apps: specs });
    for (let quarter = 0; quarter < 4; quarter += 1) {
      await timed(totals, 'own', async () => {
        for (const end = ((quarter + 1) * size * clusters) / 4; taken < end; taken += 1) await bundles.next();
      });
      collect();
      heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
    }
    await bundles.next();
    times.push(totals.get('own') / (size * clusters));
    const grown = Math.max(...heaps) - heaps[0];
    console.log(
      `  ${size} apps: ${times.at(-1).toFixed(2)} ms CPU a bundle; heap at 25, 50, 75 and 100 %: ${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB (grows by ${grown.toFixed(1)})`,
    );
  }
  console.log(`  linear: a bundle among 2,000 apps to one among 500: ${verdict(times[2] / times[0], 1.2)}`);
}

await bundlesOf([...appsFrom(0, 50)]);
await againstFloors();
await againstOthers();
await growth();
