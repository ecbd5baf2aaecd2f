import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { AppSpec } from '../../src/app-yaml/index.js';
import {
  appLabels,
  type Finding,
  findingsError,
  isYouzanKubeError,
  selectorLabels,
  shortenName,
  youzanConventions,
} from '../../src/conventions/index.js';
import type { AnyVariantProps, ServingVariantProps } from '../app/youzan-app-props.js';
import { apiObject } from '../objects/api-object.js';
import type { AppObject } from '../objects/app-objects.js';
import { servicePorts } from '../objects/service.js';
import { jsonOf } from '../pod/json.js';
import { unpublishedLabels } from '../workloads/unpublished.js';
import { YouzanApp } from '../youzan-app.js';

/** What one color of a pair has otherwise than the other. */
export interface ColorRelease extends Pick<AnyVariantProps, 'image' | 'version'> {
  /** Of the same name, with all ports of the pair's. Default: the pair's. */
  readonly spec?: AppSpec;
}

interface PairProps
  extends Omit<AnyVariantProps, 'image' | 'version'>, Omit<ServingVariantProps, 'color' | 'sc' | 'debug' | 'adopt'> {}

/** What `BlueGreenApp` makes manifests of: the active color is always there, the other one may be. */
export type BlueGreenAppProps = PairProps &
  (
    | { readonly active: 'blue'; readonly blue: ColorRelease; readonly green?: ColorRelease }
    | { readonly active: 'green'; readonly green: ColorRelease; readonly blue?: ColorRelease }
  );

const pair = ['blue', 'green'] as const;

/**
 * An app as a pair of workloads. Each color is what `YouzanApp` makes of it, with a Service of its own that is published to the
 * gateway with its color, so that both can be looked at. Callers inside the cluster use the *active* Service,
 * `trade-core-active`: it selects the active color, and is not published. To switch, or to switch back, changes that one
 * selector and no other byte.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding of both colors.
 *
 * @example
 * new BlueGreenApp(chart, 'trade-core', {
 *   spec, idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade',
 *   blue: { image: 'registry.example/trade-core:1.4.0', version: '1.4.0' },
 *   green: { image: 'registry.example/trade-core:1.5.0', version: '1.5.0' },
 *   active: 'blue',
 * });
 */
export class BlueGreenApp extends Construct {
  /** Name of the active Service. */
  readonly name: string;
  readonly activeService: ApiObject;
  readonly blue: YouzanApp | undefined;
  readonly green: YouzanApp | undefined;

  constructor(scope: Construct, id: string, props: BlueGreenAppProps) {
    super(scope, id);
    const { blue, green, spec } = props;
    const findings = pairFindings(props).map(({ path, message }) => ({ path: `${this.node.path}.${path}`, message }));
    const make = (color: 'blue' | 'green', release: ColorRelease | undefined): YouzanApp | undefined => {
      try {
        return release && new YouzanApp(this, color, { ...props, spec, ...release, color });
      } catch (error) {
        if (!isYouzanKubeError(error) || error.findings.length === 0) throw error;
        findings.push(...error.findings);
        return undefined;
      }
    };
    this.blue = make('blue', blue);
    this.green = make('green', green);
    if (findings.length > 0) throw findingsError('PROPS_INVALID', `${this.node.path} is not valid`, findings);
    const service = activeService(props);
    this.name = service.name;
    this.activeService = apiObject(this, props.namespace, service);
  }
}

/** It has no color of its own: nothing but the selector may change. */
function activeService(props: BlueGreenAppProps): AppObject {
  const { spec, active, cluster, idc, env, namespace, conventions = youzanConventions } = props;
  const name = shortenName(`${spec.name}-active`);
  const labels = appLabels({ app: spec.name, cluster, idc, env, instance: name, partOf: namespace }, conventions);
  const selector = selectorLabels({ app: spec.name, color: active }, conventions);
  const body: unknown = k8s.toJson_ServiceSpec({ selector, ports: servicePorts(spec) });
  return {
    id: 'active-service',
    apiVersion: 'v1',
    kind: 'Service',
    name,
    labels: unpublishedLabels(labels, conventions),
    body: { spec: jsonOf(body) },
  };
}

function pairFindings(props: BlueGreenAppProps): Finding[] {
  const { spec, active } = props;
  const roles = Object.keys(spec.ports);
  const findings: Finding[] = [];
  if (!pair.includes(active)) findings.push({ path: 'active', message: `"${active}" is neither blue nor green` });
  else if (props[active] === undefined) findings.push({ path: active, message: 'is missing, and is the active one' });
  if (roles.length === 0) findings.push({ path: 'spec.ports', message: 'has none that callers could be sent to' });
  for (const color of pair) {
    const own = props[color]?.spec;
    if (own === undefined) continue;
    if (own.name !== spec.name)
      findings.push({ path: `${color}.spec.name`, message: `is "${own.name}"; the pair's is "${spec.name}"` });
    for (const role of roles.filter((one) => !Object.hasOwn(own.ports, one)))
      findings.push({ path: `${color}.spec.ports`, message: `has no ${role}, which the active Service sends to` });
  }
  return findings;
}
