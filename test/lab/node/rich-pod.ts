// The demo's app as one real pod: what the constructs make of its app.yaml, with the lab's image, and its trace on the host.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, PodSpec } from 'kubernetes-types/core/v1.js';
import { type Placement, synthApp } from '../../../constructs/index.js';
import type { AppSpec } from '../../../src/app-yaml/index.js';
import { resources, type KubeClient, type KubeObject } from '../../../src/kube/index.js';
import { demoSpec } from '../../constructs/specs.js';
import { references } from '../images/lab-images.js';
import { waitFor } from '../processes/wait.js';
import { isReady, podsOf, type Pod } from './pods.js';

export interface RichPodOptions {
  /** What is otherwise than in the demo's app.yaml. */
  readonly spec?: Partial<AppSpec>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly placement?: Placement;
  /** Changes the pod's spec in place. */
  readonly change?: (pod: PodSpec, app: Container) => void;
}

export interface RichPod {
  readonly name: string;
  /** `who event`, in the order of the trace. */
  trace(): readonly string[];
  pod(): Promise<Pod>;
  /** The pod once `look` accepts it. */
  until(what: string, look: (pod: Pod) => boolean, deadlineMs?: number): Promise<Pod>;
  exec(...command: readonly string[]): Promise<string>;
  logs(): Promise<string>;
  events(): Promise<readonly string[]>;
  /** Deletes it and what makes it, and resolves when it is gone. */
  remove(): Promise<void>;
}

const traceFolder = '/trace';

function manifests(name: string, folder: string, options: RichPodOptions, namespace: string): readonly KubeObject[] {
  const { objects } = synthApp({
    spec: { ...demoSpec, ...options.spec, name },
    image: references.node,
    version: '1',
    cluster: 'bc-a',
    idc: 'bc',
    env: 'prod',
    namespace,
    drainSeconds: 1,
    disruptionBudget: false,
    placement: options.placement ?? 'rich',
    environment: { YOUZAN_TRACE: `${traceFolder}/${name}`, ...options.environment },
  });
  for (const { kind, spec } of objects) {
    if (kind !== 'Deployment') continue;
    const pod = (spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
    const app = pod.containers[0]!;
    for (const container of [...(pod.initContainers ?? []), app])
      container.volumeMounts = [...(container.volumeMounts ?? []), { name: 'trace', mountPath: traceFolder }];
    pod.volumes = [...(pod.volumes ?? []), { name: 'trace', hostPath: { path: folder, type: 'Directory' } }];
    options.change?.(pod, app);
  }
  return objects;
}

/** Makes pods of the demo's app in one namespace of one cluster. */
export function richPods(client: KubeClient, namespace: string) {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-trace-'));
  chmodSync(folder, 0o777);

  return {
    async start(name: string, options: RichPodOptions = {}): Promise<RichPod> {
      const file = join(folder, name);
      writeFileSync(file, '');
      chmodSync(file, 0o666);
      const objects = manifests(name, folder, options, namespace);
      for (const object of objects)
        await client.create(object.kind === 'Service' ? resources.services : resources.deployments, object);
      const find = async (): Promise<Pod | undefined> => {
        const pods = await podsOf(client, namespace, `app.kubernetes.io/name=${name}`);
        return pods[0];
      };
      const { metadata } = await waitFor(`a pod of ${name} is there`, find, { deadlineMs: 20_000 });
      const ref = { namespace, name: metadata.name };
      const rich: RichPod = {
        name: metadata.name,
        trace() {
          const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
          return lines.map((line) => line.split('|').slice(1).join(' '));
        },
        pod: () => client.get<Pod>(resources.pods, ref),
        until(what, look, deadlineMs = 60_000) {
          const see = async (): Promise<Pod> => {
            const pod = await rich.pod();
            if (look(pod)) return pod;
            throw new Error(JSON.stringify(pod.status.containerStatuses ?? pod.status));
          };
          return waitFor(`${name}: ${what}`, see, { deadlineMs, everyMs: 100 });
        },
        async exec(...command) {
          const { stdout, stderr, exitCode } = await client.exec(ref, command);
          if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${exitCode} ${stderr}`);
          return stdout;
        },
        logs: () => client.logs(ref, { container: 'app' }),
        async events() {
          const fieldSelector = `involvedObject.name=${metadata.name}`;
          const { items } = await client.list(resources.events, { namespace, fieldSelector });
          return items.map(({ reason, message }) => `${String(reason)}: ${String(message)}`);
        },
        async remove() {
          for (const object of objects)
            await client.delete(object.kind === 'Service' ? resources.services : resources.deployments, {
              namespace,
              name: object.metadata.name,
            });
          const gone = async (): Promise<boolean> => (await find()) === undefined;
          await waitFor(`${metadata.name} is gone`, gone, { deadlineMs: 60_000 });
        },
      };
      return rich;
    },
    untilReady: (rich: RichPod): Promise<Pod> => rich.until('ready', isReady),
    dispose: () => rmSync(folder, { recursive: true }),
  };
}
