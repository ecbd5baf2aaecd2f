import { Yaml } from 'cdk8s';
import { type Conventions, type Finding, findingsError, youzanConventions } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import { type Bundle, synthApp } from '../synth-app.js';
import { describedApp, kindOfContainer } from './described-app.js';
import { type AdoptedField, adoptedFields } from './differences.js';
import type { JsonMap } from '../pod/json.js';
import { itemsOf, mapAt, textAt, textMapAt, textsAt } from './former.js';
import { formerPorts, servicePorts } from './ports.js';

export interface AdoptOptions {
  /** The cluster that it runs in. */
  readonly cluster: string;
  readonly idc: string;
  readonly env: string;
  /** Of the cluster, `1.34`. Default: nothing is taken for too new. */
  readonly kubernetesVersion?: string;
  /** Default: the Deployment's label `app.kubernetes.io/name`, else its name. */
  readonly name?: string;
  /** Default: by the program that it starts, else `generic`. */
  readonly kind?: string;
  /** Default: the container with the Deployment's or the app's name, else the first. */
  readonly container?: string;
  /** As words. Default: the container's command and arguments; one that has none starts what its image says. */
  readonly entrypoint?: readonly string[];
  /** Default: the image's tag. */
  readonly version?: string;
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
}

/** An app that takes over what is there already. */
export interface Adoption {
  /** The text of its app.yaml. */
  readonly appYaml: string;
  /** For `YouzanApp` and `synthApp`; `spec` is that of `appYaml`. */
  readonly props: YouzanAppProps;
  readonly bundle: Bundle;
  /** Every field of what was given, in its order: none is lost without a word. */
  readonly fields: readonly AdoptedField[];
}

/**
 * Describes a Deployment and its Service as an app: names, the immutable selector, and the ports that callers use stay;
 * what else becomes of each field is said. Reads and writes nothing.
 *
 * @throws YouzanKubeError `ADOPT_INVALID` for what no app can take over, `PROPS_INVALID` or `BUNDLE_INVALID` where the app that it would be is not valid.
 *
 * @example
 * const { appYaml, fields } = adoptWorkload(deployment, service, { cluster: 'bc-a', idc: 'bc', env: 'prod' });
 * const lost = fields.filter(({ change }) => change === 'dropped');
 */
export function adoptWorkload(
  deployment: ManifestObject,
  service: ManifestObject | undefined,
  options: AdoptOptions,
): Adoption {
  const { conventions = youzanConventions, cluster, idc, env } = options;
  const spec = mapAt(deployment, 'spec');
  const serviceSpec = mapAt(service, 'spec');
  const name = options.name ?? deployment.metadata.labels?.[conventions.labels.name] ?? deployment.metadata.name;
  const found = containerOf(deployment, [options.container, deployment.metadata.name, name]);
  const container = options.entrypoint === undefined ? found : { ...found, command: options.entrypoint, args: [] };
  const findings = adoptionFindings(deployment, service, container);
  if (findings.length > 0)
    throw findingsError('ADOPT_INVALID', `${deployment.metadata.name} can't be taken over`, findings);
  const ports = formerPorts(container, serviceSpec, conventions);
  const kind = options.kind ?? kindOfContainer(container);
  const { document, spec: app } = describedApp({
    name,
    kind,
    container,
    replicas: spec['replicas'],
    ports,
    conventions,
  });
  const image = textAt(container, 'image') ?? '';
  const props: YouzanAppProps = {
    spec: app,
    image,
    version: options.version ?? /:([^:/@]+)$/.exec(image)?.[1] ?? '',
    cluster,
    idc,
    env,
    namespace: deployment.metadata.namespace ?? 'default',
    adopt: {
      name: deployment.metadata.name,
      selector: textMapAt(mapAt(spec, 'selector'), 'matchLabels'),
      ...(service !== undefined && {
        service: { name: service.metadata.name, ports: servicePorts(serviceSpec, ports) },
      }),
    },
    ...(options.kubernetesVersion !== undefined && { kubernetesVersion: options.kubernetesVersion }),
    ...(options.conventions !== undefined && { conventions }),
  };
  const bundle = synthApp(props);
  const made = (object: AdoptedField['object']): ManifestObject | undefined =>
    bundle.objects.find((one) => one.kind === object);
  const main = textAt(found, 'name') ?? '';
  return {
    appYaml: Yaml.stringify(document),
    props,
    bundle,
    fields: [
      ...adoptedFields('Deployment', deployment, made('Deployment'), main),
      ...(service === undefined ? [] : adoptedFields('Service', service, made('Service'), main)),
    ],
  };
}

/** The app's own container: the first that has one of these names, else the first. */
function containerOf(deployment: ManifestObject, names: readonly (string | undefined)[]): JsonMap {
  const containers = itemsOf(podOf(deployment), 'containers');
  const named = names.flatMap((name) => containers.filter((container) => container['name'] === name));
  return named[0] ?? containers[0] ?? {};
}

const templateOf = (deployment: ManifestObject): JsonMap => mapAt(mapAt(deployment, 'spec'), 'template');
const podOf = (deployment: ManifestObject): JsonMap => mapAt(templateOf(deployment), 'spec');

function adoptionFindings(
  deployment: ManifestObject,
  service: ManifestObject | undefined,
  container: JsonMap,
): readonly Finding[] {
  const selector = mapAt(mapAt(deployment, 'spec'), 'selector');
  const labels = textMapAt(mapAt(templateOf(deployment), 'metadata'), 'labels');
  const command = [...textsAt(container, 'command'), ...textsAt(container, 'args')];
  const reached = Object.entries(textMapAt(mapAt(service, 'spec'), 'selector'));
  const findings: readonly (readonly [boolean, string, string])[] = [
    [
      deployment.kind !== 'Deployment' || deployment.apiVersion !== 'apps/v1',
      'kind',
      `is ${deployment.apiVersion} ${deployment.kind}; allowed is apps/v1 Deployment`,
    ],
    [
      selector['matchExpressions'] !== undefined,
      'spec.selector.matchExpressions',
      'is not supported, and Kubernetes never changes it: make a new Deployment beside this one',
    ],
    [container['name'] === undefined, 'spec.template.spec.containers', 'has no container'],
    [
      container['name'] !== undefined && command.length === 0,
      `spec.template.spec.containers[${textAt(container, 'name') ?? ''}].command`,
      'is missing: it starts what its image says; give these words as the entrypoint',
    ],
    [
      service !== undefined && service.metadata.namespace !== deployment.metadata.namespace,
      'Service',
      'is in another namespace than the Deployment',
    ],
    [
      service !== undefined && (reached.length === 0 || reached.some(([key, value]) => labels[key] !== value)),
      'Service.spec.selector',
      "does not select the Deployment's pods",
    ],
  ];
  return findings.filter(([wrong]) => wrong).map(([, path, message]) => ({ path, message }));
}
