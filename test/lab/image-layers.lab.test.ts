// The three layers of an app's image, built for real from Debian's packages, and the seed's kind of app in a real pod of
// them.
import { mkdtempSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { imageLayers, parseAppYaml, renderDockerfile, type ImageLayer } from '../../src/app-yaml/index.js';
import { defineConventions, type Conventions } from '../../src/conventions/index.js';
import { resources, type KubeClient } from '../../src/kube/index.js';
import { imageBuilder, missingPrograms, type BuiltImage } from './images/buildah.js';
import { importImage } from './images/import-image.js';
import { clientOf, readyPods } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'image-layers-test';
const appFolder = fileURLToPath(new URL('../../examples/python', import.meta.url));
const [stack, runtime] = ['youzanyun-debian12', 'python-3.11'];
/** The seed's kind of app, on a stack that is still in the package mirrors. */
const spec = {
  ...parseAppYaml(readFileSync(join(appFolder, 'app.yaml'), 'utf8'), { file: 'app.yaml' }),
  stack,
  runtime,
};
const debian = 'localhost/debian:12';
const appImage = 'localhost/app/wsgi-app:1';

/** The catalogue with the digests that are known. */
const catalogue = (digests: Partial<Record<'base' | ImageLayer, string>>): Conventions =>
  defineConventions({
    images: {
      stacks: { [stack]: { base: { reference: debian }, ...(digests.stack && { digest: digests.stack }) } },
      ...(digests.runtime && { runtimes: { [runtime]: { digests: { [stack]: digests.runtime } } } }),
    },
  });

const missing = missingPrograms(['buildah', 'mmdebstrap']);
if (missing.length > 0) console.warn(`no layers are built: apt-get install -y ${missing.join(' ')}`);

describe.skipIf(missing.length > 0 && process.env['CI'] !== 'true')("the layers of an app's image", () => {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-layers-'));
  const builder = imageBuilder(folder);
  const empty = join(folder, 'empty');
  mkdirSync(empty);

  /** All three, each pinned to the digest of the one before; the references are the catalogue's. */
  async function buildLayers(): Promise<Readonly<Record<ImageLayer, BuiltImage>>> {
    const digests: Partial<Record<ImageLayer, string>> = {};
    const build = async (layer: ImageLayer): Promise<BuiltImage> => {
      const { text, image } = renderDockerfile(spec, layer, catalogue(digests));
      const built = await builder.build(layer === 'app' ? appImage : image, text, layer === 'app' ? appFolder : empty);
      digests[layer] = built.digest;
      return built;
    };
    return { stack: await build('stack'), runtime: await build('runtime'), app: await build('app') };
  }

  let layers: Readonly<Record<ImageLayer, BuiltImage>>;
  beforeAll(async () => {
    await builder.debian(debian);
    layers = await buildLayers();
  }, 900_000);
  afterAll(() => builder.dispose());

  it.each(imageLayers)('are run as a user that is not root, %s', (layer) => {
    expect(layers[layer].user).toBe('1000:1000');
  });

  it("have the layers' names as labels, and the digest of what they are built on", () => {
    expect(layers.app.labels).toMatchObject({
      'youzan.com/layer': 'app',
      'youzan.com/stack': stack,
      'youzan.com/runtime': runtime,
      'youzan.com/app': 'wsgi-app',
      'youzan.com/kind': 'python',
      'org.opencontainers.image.base.digest': layers.runtime.digest,
    });
    expect(layers.runtime.labels['org.opencontainers.image.base.digest']).toBe(layers.stack.digest);
  });

  it('are not built where a program is missing that the app starts', async () => {
    const helpers = [{ name: 'log-agent', command: ['filebeat', '-e'], after: [] }];
    const { text } = renderDockerfile({ ...spec, helpers }, 'app', catalogue({}));
    await expect(builder.build('localhost/app/broken', text, appFolder)).rejects.toThrow('the image has no filebeat');
  });

  it('are the same bytes when they are built again', async () => {
    const again = await buildLayers();
    expect(imageLayers.map((layer) => again[layer].digest)).toEqual(imageLayers.map((layer) => layers[layer].digest));
  }, 900_000);

  describe('in a pod', () => {
    let client: KubeClient;

    beforeAll(async () => {
      const archive = join(folder, 'app.tar');
      await builder.save(appImage, archive);
      const { 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc', nodes: 2 } });
      client = clientOf(cluster);
      await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await importImage(client, cluster, namespace, archive);
      const { objects } = synthApp({
        spec,
        image: appImage,
        version: '1',
        cluster: 'bc-a',
        idc: 'bc',
        env: 'prod',
        namespace,
        drainSeconds: 1,
        disruptionBudget: false,
      });
      for (const object of objects)
        await client.create(object.kind === 'Service' ? resources.services : resources.deployments, object);
    }, 300_000);
    afterAll(async () => {
      await client.delete(resources.namespaces, { name: namespace });
      await client.close();
    });

    it('serve behind gunicorn, once preload and online were through', async () => {
      const [pod] = await readyPods(client, namespace, 'youzan.com/app=wsgi-app', 1);
      const answer = await fetch(`http://${pod!.status.podIP!}:8030/`, { signal: AbortSignal.timeout(5_000) });
      expect(await answer.text()).toMatch(/^hello from gunicorn/);
      const logs = await client.logs({ namespace, name: pod!.metadata.name }, { container: 'app' });
      expect(logs).toMatch(/^youzan-hook: preload done in \S+ s\nyouzan-hook: online done/m);
    });

    it("run as the layers' user, who can't change the app", async () => {
      const [pod] = await readyPods(client, namespace, 'youzan.com/app=wsgi-app', 1);
      const ref = { namespace, name: pod!.metadata.name };
      const shell = (script: string) => client.exec(ref, ['sh', '-c', script]);
      expect((await shell('id -u; pwd; ls')).stdout).toBe(
        '1000\n/home/www/wsgi-app\napp.yaml\ngunicorn_config.py\nmain.ts\nwsgi.py\n',
      );
      expect((await shell('echo >wsgi.py')).stderr).toContain('Permission denied');
    });
  });
});
