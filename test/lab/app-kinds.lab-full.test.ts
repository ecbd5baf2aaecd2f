// Each kind's example in a real pod: its own runtime from Debian's packages, its own server, its hooks from beginning to
// end.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { parseAppYaml, renderDockerfile, type AppSpec } from '../../src/app-yaml/index.js';
import { defineConventions } from '../../src/conventions/index.js';
import { resources, type KubeClient } from '../../src/kube/index.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { imageBuilder, missingPrograms } from './images/buildah.js';
import { importImage } from './images/import-image.js';
import { clientOf, podsOf, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'app-kinds-test';
const debian = 'localhost/debian:12';
const stack = 'youzanyun-debian12';
const conventions = defineConventions({ images: { stacks: { [stack]: { base: { reference: debian } } } } });
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

interface Kind {
  readonly kind: string;
  readonly answer: RegExp;
  /** What a container of it must have logged before it was ready. */
  readonly started: readonly string[];
  /** Whether it has a switch, and so an offline. Default: it has. */
  readonly switched?: false;
  /** What of the spec the lab has otherwise. */
  readonly change?: Partial<AppSpec>;
  /** Makes what is not in the example's folder. */
  readonly build?: (folder: string) => void;
}

const preloadAndOnline = ['youzan-hook: preload done', 'youzan-hook: online done'];
const kinds: readonly Kind[] = [
  {
    kind: 'java',
    answer: /^hello from java with 2 CPUs$/,
    started: preloadAndOnline,
    build(folder) {
      const at = { cwd: folder };
      execFileSync('javac', ['--release', '17', '-d', 'build', 'OrderService.java'], at);
      const jar = ['--create', '--file', 'order-service.jar', '--main-class', 'OrderService', '-C', 'build', '.'];
      execFileSync('jar', jar, at);
    },
  },
  { kind: 'node', answer: /^hello from node 18\./, started: preloadAndOnline },
  {
    kind: 'php',
    answer: /^hello from php 8$/,
    started: [...preloadAndOnline.slice(0, 1), 'youzan-hook: online done', 'warmed the cache'],
  },
  {
    kind: 'python',
    answer: /^hello from gunicorn/,
    started: preloadAndOnline,
    change: { stack, runtime: 'python-3.11' },
  },
  { kind: 'static', answer: /hello from nginx/, started: ['youzan-hook: preload done'], switched: false },
];

const missing = missingPrograms(['buildah', 'mmdebstrap', 'javac', 'jar']);
if (missing.length > 0) console.warn(`no kind is run: it needs ${missing.join(', ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] !== 'true')('the example of a kind in a pod', () => {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-kinds-'));
  const builder = imageBuilder(folder);
  let cluster: LabCluster;
  let client: KubeClient;

  /** Debian and the stack are built only where a runtime is not kept from an earlier run. */
  async function runtimeImage(spec: AppSpec): Promise<void> {
    const [lower, runtime] = (['stack', 'runtime'] as const).map((layer) => renderDockerfile(spec, layer, conventions));
    const empty = join(folder, 'empty');
    mkdirSync(empty, { recursive: true });
    await builder.kept(runtime!.image, lower!.text + runtime!.text, async () => {
      await builder.debian(debian);
      await builder.kept(lower!.image, lower!.text, async () => {
        await builder.build(lower!.image, lower!.text, empty);
      });
      await builder.build(runtime!.image, runtime!.text, empty);
    });
  }

  async function appImage({ kind, build }: Kind, spec: AppSpec): Promise<string> {
    await runtimeImage(spec);
    const context = join(folder, kind);
    cpSync(join(examples, kind), context, { recursive: true });
    build?.(context);
    const { text } = renderDockerfile(spec, 'app', conventions);
    const image = `localhost/app/${spec.name}:1`;
    await builder.build(image, text, context);
    const archive = join(folder, `${kind}.tar`);
    await builder.save(image, archive);
    await importImage(client, cluster, namespace, archive);
    return image;
  }

  beforeAll(async () => {
    ({ 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc', nodes: 2 } }));
    client = clientOf(cluster);
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }, 300_000);
  afterAll(async () => {
    await client.delete(resources.namespaces, { name: namespace });
    await client.close();
    builder.dispose();
  });

  it.each(kinds)('of $kind: starts with its hooks, serves, and ends with them', { timeout: 600_000 }, async (kind) => {
    const file = join(examples, kind.kind, 'app.yaml');
    const spec = { ...parseAppYaml(readFileSync(file, 'utf8'), { file }), ...kind.change };
    const place = {
      cluster: 'bc-a',
      idc: 'bc',
      env: 'prod',
      namespace,
      version: '1',
      disruptionBudget: false,
    } as const;
    const { objects } = synthApp({ spec, image: await appImage(kind, spec), drainSeconds: 1, ...place });
    const name = { namespace, name: spec.name };
    for (const object of objects)
      await client.create(object.kind === 'Service' ? resources.services : resources.deployments, object);

    const selector = `youzan.com/app=${spec.name}`;
    const [pod] = await readyPods(client, namespace, selector, 1);
    const logOf = () => client.logs({ namespace, name: pod!.metadata.name }, { container: 'app' });
    const answer = await fetch(`http://${pod!.status.podIP!}:8030/`, { signal: AbortSignal.timeout(5_000) });
    expect(await answer.text()).toMatch(kind.answer);
    const log = await logOf();
    for (const line of kind.started) expect(log).toContain(line);

    await client.delete(resources.deployments, name);
    if (kind.switched !== false) {
      // The drain keeps it for a second more.
      const look = async (): Promise<boolean> => (await logOf()).includes('youzan-hook: offline done');
      await waitFor(`${spec.name} goes offline`, look, { deadlineMs: 30_000 });
    }
    await waitFor(`${spec.name} has ended`, async () => (await podsOf(client, namespace, selector)).length === 0, {
      deadlineMs: 60_000,
    });
  });
});
