import { type Finding, isDnsLabel, isPort, hasTagOrDigest } from '../../src/conventions/index.js';
import type { K8sSyncDeploymentProps } from './k8s-sync-deployment.js';

/** What is wrong with the props of a syncer. */
export function syncDeploymentFindings(props: K8sSyncDeploymentProps): Finding[] {
  const { fleet, env, cluster, namespace, image, tokenSecret, appNamespace, apiServer, name = 'k8s-sync' } = props;
  const findings: Finding[] = [];
  const names: Readonly<Record<string, string | undefined>> = { namespace, appNamespace, tokenSecret, name };
  for (const [path, value] of Object.entries(names)) {
    if (value !== undefined && !isDnsLabel(value))
      findings.push({ path, message: `"${value}" is no DNS label that starts with a letter` });
  }
  const clusters = fleet.clusters.map((one) => one.name);
  if (!clusters.includes(cluster))
    findings.push({
      path: 'cluster',
      message: `"${cluster}" is not in the fleet; it has ${clusters.join(', ') || 'none'}`,
    });
  const gateways = fleet.gateways[env] ?? [];
  if (gateways.length === 0) {
    const known = Object.keys(fleet.gateways).join(', ') || 'none';
    findings.push({ path: 'env', message: `the fleet has no gateways for "${env}"; it has those of ${known}` });
  }
  for (const gateway of gateways) {
    if (gateway.kind === 'haproxy') {
      if (gateway.socket.startsWith('/'))
        findings.push({
          path: 'fleet',
          message: `${gateway.name} has a socket of its own machine; a pod needs host:port`,
        });
    } else if (gateway.tokenEnv === undefined)
      findings.push({ path: 'fleet', message: `${gateway.name} has no tokenEnv; a pod has no other way to its token` });
  }
  if (!hasTagOrDigest(image)) findings.push({ path: 'image', message: `"${image}" has no tag and no digest` });
  if (apiServer !== undefined && !isPort(apiServer.port))
    findings.push({ path: 'apiServer.port', message: `${apiServer.port} is no port` });
  return findings;
}
