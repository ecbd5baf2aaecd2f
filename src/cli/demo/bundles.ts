import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Bundle, ManifestObject } from 'youzan-kube/constructs';
import { parseAppYaml } from '../../app-yaml/index.js';
import { packageRoot } from '../package-root.js';
import { idc, namespace, publishDeadlineMs, type World } from './world.js';

/** The manifests of one version for every cluster of the demo, from the app.yaml in `examples/demo`. */
export async function bundlesOf(
  world: World,
  version: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Bundle[]> {
  const { synthApp } = await import('youzan-kube/constructs');
  const file = join(packageRoot(), 'examples/demo/app.yaml');
  const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });
  // A helper without a gate counts as ready as soon as it was started.
  const ungated = spec.helpers.map(({ name, command, after }) => ({ name, command, after }));
  return world.clusters.map(({ name }) => {
    const bundle = synthApp({
      spec: world.sabotage === 'app-before-helper' ? { ...spec, helpers: ungated } : spec,
      image: world.platform.image(version),
      version,
      cluster: name,
      idc,
      env: 'prod',
      namespace,
      publishDeadlineSeconds: publishDeadlineMs / 1000,
      environment: { YOUZAN_TRACE_REQUESTS: '1', ...env },
    });
    const changes = [world.platform.adapt, world.sabotage === 'ready-before-online' ? withoutWaiting : undefined];
    return changes.reduce((former, change) => (change === undefined ? former : changed(former, change)), bundle);
  });
}

function changed(bundle: Bundle, change: (object: ManifestObject) => ManifestObject): Bundle {
  const objects = bundle.objects.map(change);
  return { ...bundle, objects, yaml: objects.map((object) => stringify(object)).join('---\n') };
}

interface PodTemplate {
  containers: { readinessProbe?: unknown; lifecycle?: { postStart?: { exec?: { command?: string[] } } } }[];
}

/** Sabotage: a Deployment whose pods are ready at once, while postStart still runs. */
function withoutWaiting(object: ManifestObject): ManifestObject {
  if (object.kind !== 'Deployment') return object;
  const changed = structuredClone(object) as ManifestObject & { spec: { template: { spec: PodTemplate } } };
  for (const container of changed.spec.template.spec.containers) {
    delete container.readinessProbe;
    const exec = container.lifecycle?.postStart?.exec;
    if (exec?.command !== undefined) exec.command = ['/bin/sh', '-c', `(${exec.command[2] ?? ''}) > /dev/null 2>&1 &`];
  }
  return changed;
}
