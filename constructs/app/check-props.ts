import { checkAppSpec } from '../../src/app-yaml/index.js';
import {
  colors,
  type Conventions,
  type Finding,
  isDnsLabel,
  isLabelValue,
  hasTagOrDigest,
} from '../../src/conventions/index.js';
import { adoptFindings } from '../adopt/adopted-workload.js';
import { scalingFindings } from '../objects/autoscaler.js';
import { disruptionBudgetFindings } from '../objects/disruption-budget.js';
import { verticalScalingFindings } from '../objects/vertical-autoscaler.js';
import { hookFindings } from '../pod/hooks.js';
import { networkFindings } from '../pod/network.js';
import { placementFindings } from '../pod/placement.js';
import { probeFindings } from '../pod/probes.js';
import { resourceFindings, resourcesOf } from '../pod/resources.js';
import { schedulingFindings } from '../pod/scheduling.js';
import { debugFindings } from '../variants/debug-release.js';
import { runsToEnd, type WorkloadKind } from './workload-kind.js';
import { withSpecPlace } from '../rules/app-yaml-place.js';
import { withPropRule } from '../rules/prop-rules.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** The concerns' own checks; a finding's path is the prop's. */
const checks: readonly ((props: YouzanAppProps) => Finding[])[] = [
  adoptFindings,
  debugFindings,
  hookFindings,
  networkFindings,
  placementFindings,
  probeFindings,
  resourceFindings,
  schedulingFindings,
  scalingFindings,
  verticalScalingFindings,
  disruptionBudgetFindings,
];

/** Everything that is wrong with a construct's props, each with the construct's path and the prop. */
export function propFindings(
  constructPath: string,
  props: YouzanAppProps,
  conventions: Conventions,
  kind: WorkloadKind,
): Finding[] {
  const findings: Finding[] = checkAppSpec(props.spec, conventions).map(({ key, message }) => ({
    path: `${constructPath}.spec.${key}`,
    message,
  }));
  const refuse = (prop: string, message: string): void => {
    findings.push({ path: `${constructPath}.${prop}`, message });
  };
  if (!runsToEnd(kind)) for (const message of missingPorts(props, conventions)) refuse('spec.ports', message);
  for (const prop of ['namespace', 'cluster', 'idc'] as const) {
    if (!isDnsLabel(props[prop])) refuse(prop, `"${props[prop]}" is no DNS label that starts with a letter`);
  }
  if (!Object.hasOwn(conventions.environments, props.env)) {
    refuse('env', `"${props.env}" is no environment; known are ${Object.keys(conventions.environments).join(', ')}`);
  }
  if (props.version === '' || !isLabelValue(props.version)) {
    refuse('version', `"${props.version}" is no label value: letters, digits, "-", "_", ".", at most 63`);
  }
  if (!hasTagOrDigest(props.image)) {
    refuse('image', `"${props.image}" has no tag and no digest`);
  }
  if (props.color !== undefined && !colors.includes(props.color)) {
    refuse('color', `"${props.color}" is no color; known are ${colors.join(', ')}`);
  }
  if (props.sc !== undefined && !isDnsLabel(props.sc)) refuse('sc', `"${props.sc}" is no DNS label`);
  if (takenSuffixes.some((suffix) => suffix === props.sc)) {
    refuse('sc', `"${props.sc ?? ''}" would give it the name of another workload`);
  }
  for (const [prop, value] of [
    ['publishDeadlineSeconds', props.publishDeadlineSeconds],
    ['drainSeconds', props.drainSeconds],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 3600)) {
      refuse(prop, `${value} is out of range: a whole number of seconds from 0 to 3600`);
    }
  }
  const { environment = {} } = props;
  const resources = props.resources === undefined ? {} : resourcesOf(props, conventions);
  for (const { key, message } of checkAppSpec({ ...props.spec, env: environment, resources }, conventions)) {
    if (key.startsWith('env.')) refuse(`environment.${key.slice(4)}`, message);
    if (key.startsWith('resources.')) refuse(key, message);
  }
  for (const [name, value] of Object.entries(environment)) {
    if (value.includes('\0')) refuse(`environment.${name}`, 'holds a NUL character');
  }
  for (const check of checks) {
    for (const { path, message } of check(props)) refuse(path, message);
  }
  return findings.map((finding) => withSpecPlace(withPropRule(finding, constructPath), constructPath, props.spec));
}

/** What the name of a workload or of its Services ends with; a service chain stands in the same place. */
export const takenSuffixes: readonly string[] = [...colors, 'debug', 'active', 'headless'];

/** Ports that a hook or the readiness probe calls, and that the app does not open. */
function missingPorts({ spec }: YouzanAppProps, { hooks }: Conventions): string[] {
  const { preload, online, offline } = spec.hooks;
  const switchCallers = [
    ...(online === false ? [] : ['online']),
    ...(offline === false ? [] : ['offline']),
    ...(online === false ? [] : ['the readiness probe']),
  ];
  const callers: readonly [string, readonly string[]][] = [
    [hooks.health.role, preload === false ? [] : ['preload']],
    [hooks.switch.role, switchCallers],
  ];
  return callers
    .filter(([role, names]) => names.length > 0 && !Object.hasOwn(spec.ports, role))
    .map(([role, names]) => `has no ${role}, which ${listed(names)} ${names.length === 1 ? 'calls' : 'call'}`);
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
