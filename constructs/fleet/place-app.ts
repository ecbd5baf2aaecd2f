import { type Finding, nearestOf } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { FleetApp, SynthFleet } from './fleet-app.js';

/** The props of an app in each of its clusters, in the fleet's order. */
export function placedApp(fleet: SynthFleet, app: FleetApp): readonly YouzanAppProps[] {
  const { idcs, clusters, overrides = {}, ...props } = app;
  return fleet.clusters
    .filter(({ name, idc }) => (idcs?.includes(idc) ?? true) && (clusters?.includes(name) ?? true))
    .map(({ name: cluster, idc, version: kubernetesVersion }) => {
      const own = Object.hasOwn(overrides, cluster) ? overrides[cluster] : undefined;
      const environment = { ...props.environment, ...own?.environment };
      return { ...props, ...own, environment, cluster, idc, kubernetesVersion };
    });
}

/** Clusters and IDCs that the fleet has not, and an app that goes nowhere. */
export function placeFindings(fleet: SynthFleet, app: FleetApp): Finding[] {
  const names = fleet.clusters.map(({ name }) => name);
  const unknown = (prop: string, what: string, given: readonly string[], known: readonly string[]): Finding[] =>
    given
      .filter((one) => !known.includes(one))
      .map((one) => {
        const near = nearestOf(one, known);
        const hint = near === undefined ? '' : `; did you mean "${near}"?`;
        return {
          path: `${app.spec.name}.${prop}`,
          message: `"${one}" is no ${what} of the fleet; it has ${[...new Set(known)].join(', ')}${hint}`,
        };
      });
  const findings = [
    ...unknown(
      'idcs',
      'IDC',
      app.idcs ?? [],
      fleet.clusters.map(({ idc }) => idc),
    ),
    ...unknown('clusters', 'cluster', app.clusters ?? [], names),
    ...unknown('overrides', 'cluster', Object.keys(app.overrides ?? {}), names),
  ];
  if (findings.length > 0 || placedApp(fleet, app).length > 0) return findings;
  return [{ path: app.spec.name, message: 'goes to no cluster: its clusters are in none of its IDCs' }];
}
