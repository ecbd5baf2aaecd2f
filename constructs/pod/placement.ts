import { k8s } from 'cdk8s-plus-28';
import type { Finding } from '../../src/conventions/index.js';
import {
  type EntrypointSpec,
  type ProcessSpec,
  renderEntrypoint,
  startOrder,
  stateFiles,
} from '../../src/rich-container/index.js';
import type { AppContext } from '../app/app-context.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { knows } from './cluster-version.js';
import { isMap, type Json, type JsonMap, jsonOf } from './json.js';
import { mainName } from './main-name.js';

/** Where an app's helpers run: beside it in one container, or as native sidecars of its pod. */
export type Placement = 'rich' | 'sidecar';

/** A helper that is a container of its own, with an entrypoint of its own. */
export interface Sidecar {
  readonly name: string;
  readonly entrypoint: string;
  /** The deadline of its gate where another process is after it. */
  readonly awaitedSeconds: number | undefined;
}

/** Where the helpers' entrypoints have their files, below the state directory that all containers share. */
const folderOf = (name: string): string => `helpers/${name}`;
const volumeName = 'youzan-state';
const directoryVariable = 'YOUZAN_STATE_DIR';
const defaultDirectory = '/tmp/youzan';
const sidecarsSince = '1.29';
/** Beyond a gate's own deadline, at which the entrypoint itself ends with the reason. */
const probeMarginSeconds = 15;

/**
 * Parts the processes of an app: those that stay in its container, and the helpers that become sidecars, each behind all
 * that it is after. Kubernetes starts sidecars one after the other, and the app behind them all.
 */
export function placed(
  processes: readonly ProcessSpec[],
  helpers: readonly { readonly name: string }[],
  { placement = 'rich', tools }: { readonly placement?: Placement | undefined } & Pick<EntrypointSpec, 'tools'>,
): { readonly inside: readonly ProcessSpec[]; readonly sidecars: readonly Sidecar[] } {
  if (placement === 'rich') return { inside: processes, sidecars: [] };
  const names = new Set(helpers.map(({ name }) => name));
  const awaited = new Set(processes.flatMap(({ after = [] }) => after));
  const sidecars = (startOrder(processes) ?? [])
    .filter(({ name }) => names.has(name))
    .map(({ name, command, ready, graceSeconds = 0 }) => ({
      name,
      entrypoint: renderEntrypoint({
        processes: [{ name, main: true, command, ...(ready !== undefined && { ready }) }],
        graceSeconds,
        folder: folderOf(name),
        ...(tools && { tools }),
      }),
      awaitedSeconds: awaited.has(name) ? ready?.deadlineSeconds : undefined,
    }));
  const inside = processes
    .filter(({ name }) => !names.has(name))
    .map((process) => ({ ...process, after: process.after?.filter((name) => !names.has(name)) ?? [] }));
  return { inside, sidecars };
}

/** What of the app's container is not for its helpers: what it runs, what it opens, and what asks and tells it. */
const ownFields = ['name', 'command', 'args', 'ports', 'lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'];

/** A pod with its helpers as native sidecars: in all but what they run they are as the app's own container. */
export function withSidecars({ runtime: { sidecars } }: AppContext, template: JsonMap): JsonMap {
  const spec = mapOf(template['spec']);
  const main = listOf(spec['containers']).find((container) => container['name'] === mainName);
  if (sidecars.length === 0 || main === undefined) return template;
  const directory = directoryOf(main);
  const mounts = listOf(main['volumeMounts']);
  const mounted = mounts.some(({ mountPath }) => mountPath === directory);
  const volumeMounts = mounted ? mounts : [...mounts, { name: volumeName, mountPath: directory }];
  const shared = Object.fromEntries(Object.entries(main).filter(([field]) => !ownFields.includes(field)));
  const initContainers = sidecars.map((sidecar) => ({
    ...shared,
    ...jsonOf(k8s.toJson_Container(sidecarContainer(sidecar, directory))),
    volumeMounts,
  }));
  return {
    ...template,
    spec: {
      ...spec,
      initContainers: [...listOf(spec['initContainers']), ...initContainers],
      containers: listOf(spec['containers']).map((one) => (one === main ? { ...main, volumeMounts } : one)),
      volumes: [...listOf(spec['volumes']), ...(mounted ? [] : [{ name: volumeName, emptyDir: {} }])],
    },
  };
}

/** Its status says when the gate has passed: asked as in the rich container, from inside, by what the image has. */
function sidecarContainer({ name, entrypoint, awaitedSeconds }: Sidecar, directory: string): k8s.Container {
  return {
    name,
    restartPolicy: 'Always',
    command: ['/bin/sh', '-c', entrypoint],
    ...(awaitedSeconds !== undefined && {
      startupProbe: {
        exec: { command: ['/bin/sh', `${directory}/${folderOf(name)}/${stateFiles.status}`] },
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: Math.ceil(awaitedSeconds) + probeMarginSeconds,
      },
    }),
  };
}

function directoryOf(main: JsonMap): string {
  const variable = listOf(main['env']).find(({ name }) => name === directoryVariable);
  return typeof variable?.['value'] === 'string' ? variable['value'] : defaultDirectory;
}

const mapOf = (json: Json | undefined): JsonMap => (isMap(json) ? json : {});
const listOf = (json: Json | undefined): readonly JsonMap[] => (Array.isArray(json) ? json.filter(isMap) : []);

/** A placement that is none, and what a pod of sidecars can't have. */
export function placementFindings(props: YouzanAppProps): Finding[] {
  const { placement = 'rich', kubernetesVersion, spec, environment } = props;
  const refused = (path: string, message: string): Finding[] => [{ path, message }];
  if (!['rich', 'sidecar'].includes(placement))
    return refused('placement', `"${placement}" is neither rich nor sidecar`);
  if (placement === 'rich' || spec.helpers.length === 0) return [];
  const directory = { ...spec.env, ...environment }[directoryVariable];
  return [
    ...(knows(kubernetesVersion, sidecarsSince)
      ? []
      : refused(
          'placement',
          `sidecar needs Kubernetes ${sidecarsSince}, the cluster has ${kubernetesVersion ?? 'another'}; rich needs none`,
        )),
    ...(directory === undefined || /^(\/[^/:$\0]+)+$/.test(directory)
      ? []
      : refused(
          `environment.${directoryVariable}`,
          `"${directory}" is no folder that the helpers' containers can share: an absolute path without ":" and "$"`,
        )),
  ];
}
