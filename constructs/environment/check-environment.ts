import ipaddr from 'ipaddr.js';
import {
  type Conventions,
  type Finding,
  isDnsLabel,
  isLabelValue,
  quantityValue,
} from '../../src/conventions/index.js';
import type { ProjectEnvironmentProps } from './project-environment-props.js';

/** What is wrong with a project environment. */
export function environmentFindings(
  props: ProjectEnvironmentProps,
  namespace: string,
  conventions: Conventions,
): Finding[] {
  const { sc, env, idc, cluster, owner, apps, traffic, imagePullSecret } = props;
  const findings: Finding[] = [];
  for (const [path, value] of Object.entries({ sc, idc, cluster, namespace })) {
    if (!isDnsLabel(value))
      findings.push({ path, message: `"${value}" is no DNS label that starts with a letter, at most 63 characters` });
  }
  const environments = Object.keys(conventions.environments);
  if (!environments.includes(env))
    findings.push({ path: 'env', message: `"${env}" is no environment; known are ${environments.join(', ')}` });
  if (owner === '' || !isLabelValue(owner)) findings.push({ path: 'owner', message: `"${owner}" is no label value` });
  const names = apps.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) findings.push({ path: `apps[${index}]`, message: `"${name}" stands twice` });
  }
  for (const [index, name] of traffic.namespaces.entries()) {
    const path = `traffic.namespaces[${index}]`;
    if (!isDnsLabel(name)) findings.push({ path, message: `"${name}" is no DNS label` });
    else if (name === namespace)
      findings.push({ path, message: `"${name}" is the project's own: the standard environment has another` });
  }
  for (const [index, block] of traffic.blocks.entries()) {
    if (!ipaddr.isValidCIDR(block))
      findings.push({ path: `traffic.blocks[${index}]`, message: `"${block}" is no block such as 10.77.0.0/24` });
  }
  if (imagePullSecret !== undefined) {
    if (!isDnsLabel(imagePullSecret.name))
      findings.push({ path: 'imagePullSecret.name', message: `"${imagePullSecret.name}" is no DNS label` });
    if (imagePullSecret.dockerConfigJson !== undefined && !isJsonMap(imagePullSecret.dockerConfigJson))
      findings.push({ path: 'imagePullSecret.dockerConfigJson', message: 'is no JSON object' });
  }
  return [...findings, ...amountFindings(props)];
}

function amountFindings({ quota, containerDefaults }: ProjectEnvironmentProps): Finding[] {
  const amounts: readonly (readonly [string, string])[] = [
    ...Object.entries({ cpu: quota?.cpu, memory: quota?.memory }).map(
      ([name, text]) => [`quota.${name}`, text ?? '1'] as const,
    ),
    ...(['requests', 'limits'] as const).flatMap((group) =>
      Object.entries(containerDefaults?.[group] ?? {}).map(
        ([name, text]) => [`containerDefaults.${group}.${name}`, String(text)] as const,
      ),
    ),
  ];
  const findings = amounts
    .filter(([, text]) => !((quantityValue(text) ?? 0) > 0))
    .map(([path, text]) => ({ path, message: `"${text}" is no quantity above 0, such as 500m, 2 or 1Gi` }));
  if (quota !== undefined && !(Number.isInteger(quota.pods) && quota.pods > 0))
    findings.push({ path: 'quota.pods', message: `${quota.pods} is no whole number above 0` });
  return findings;
}

function isJsonMap(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
