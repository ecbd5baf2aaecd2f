import { parseAllDocuments } from 'yaml';
import { YouzanKubeError } from '../../conventions/index.js';
import { type KubeClient, type KubeObject, resources } from '../../kube/index.js';
import { readInput } from '../fleet-file.js';

/** What is there already. */
export interface FormerObjects {
  readonly deployment: KubeObject;
  /** Of those before the Deployment's pods. */
  readonly service: KubeObject | undefined;
}

export interface Wanted {
  /** Of the Deployment. Default, in files: the only one. */
  readonly name?: string | undefined;
  /** Of the Service. Default: the only one that selects the Deployment's pods, if there is one. */
  readonly service?: string | undefined;
}

/** Reads both from files of manifests, lists among them. */
export function formerFromFiles(files: readonly string[], wanted: Wanted): FormerObjects {
  const objects = files.flatMap((file) =>
    parseAllDocuments(readInput(file)).flatMap((document) => {
      const [error] = document.errors;
      if (error !== undefined)
        throw new YouzanKubeError('CLI_UNREADABLE_FILE', `${file} is no YAML: ${error.message}`, { path: file });
      const value: unknown = document.toJS();
      return isList(value) ? value.items.filter(isObject) : isObject(value) ? [value] : [];
    }),
  );
  const of = (kind: string): KubeObject[] => objects.filter((object) => object.kind === kind);
  return chosen(of('Deployment'), of('Service'), wanted, files.join(', '));
}

/** Reads both from a cluster. */
export async function formerFromCluster(
  client: KubeClient,
  namespace: string,
  wanted: Wanted & { readonly name: string },
  signal: AbortSignal,
): Promise<FormerObjects> {
  const [deployment, { items }] = await Promise.all([
    client.get(resources.deployments, { namespace, name: wanted.name }, { signal }),
    client.list(resources.services, { namespace, signal }),
  ]);
  return chosen([deployment], items, wanted, `namespace ${namespace} of ${client.name}`);
}

function chosen(
  deployments: readonly KubeObject[],
  services: readonly KubeObject[],
  { name, service }: Wanted,
  origin: string,
): FormerObjects {
  const deployment = onlyOne('Deployment', named(deployments, name), origin, 'name one as the argument');
  if (deployment === undefined) {
    const names = deployments.map(({ metadata }) => metadata.name).join(', ') || 'none';
    throw new YouzanKubeError('CLI_NO_DEPLOYMENT', `no Deployment ${name ?? ''} in ${origin}; there are: ${names}`);
  }
  const before = service === undefined ? services.filter((one) => selects(one, deployment)) : named(services, service);
  const found = onlyOne('Service', before, origin, 'name one with --service');
  if (found === undefined && service !== undefined)
    throw new YouzanKubeError('CLI_NO_SERVICE', `no Service ${service} in ${origin}`);
  return { deployment, service: found };
}

const named = (objects: readonly KubeObject[], name: string | undefined): readonly KubeObject[] =>
  name === undefined ? objects : objects.filter(({ metadata }) => metadata.name === name);

function onlyOne(kind: string, found: readonly KubeObject[], origin: string, hint: string): KubeObject | undefined {
  if (found.length < 2) return found[0];
  const names = found.map(({ metadata }) => metadata.name).join(', ');
  throw new YouzanKubeError('CLI_USAGE', `several ${kind}s in ${origin}: ${names}`, { hint });
}

function selects(service: KubeObject, deployment: KubeObject): boolean {
  const labels = recordAt(recordAt(recordAt(deployment['spec'], 'template'), 'metadata'), 'labels');
  const selector = Object.entries(recordAt(service['spec'], 'selector'));
  return (
    service.metadata.namespace === deployment.metadata.namespace &&
    selector.length > 0 &&
    selector.every(([key, value]) => labels[key] === value)
  );
}

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObject = (value: unknown): value is KubeObject =>
  isRecord(value) && typeof value['kind'] === 'string' && isRecord(value['metadata']);
const isList = (value: unknown): value is { readonly items: readonly unknown[] } =>
  isRecord(value) && Array.isArray(value['items']);

function recordAt(value: unknown, key: string): Fields {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}
