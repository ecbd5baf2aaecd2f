import { type Finding, isYouzanKubeError } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { type Bundle, synthApp } from '../synth-app.js';
import type { FleetApp, SynthFleet } from './fleet-app.js';
import { FleetFindings, findingsOf } from './fleet-findings.js';
import { placedApp, placeFindings } from './place-app.js';

export interface SynthFleetOptions {
  /** What `parseFleetYaml` or `defineFleet` gave. */
  readonly fleet: SynthFleet;
  /** Read one by one, as bundles are taken: thousands need not be in memory at once. */
  readonly apps: Iterable<FleetApp> | AsyncIterable<FleetApp>;
}

/**
 * The bundles of many apps for many clusters, one for each app in each of its clusters, in the order of the apps and then
 * of the fleet. Each is made when it is asked for and kept by nobody, so memory does not grow with their number. Where an
 * app is not valid, the others' bundles come all the same, and the error follows the last of them.
 *
 * @throws YouzanKubeError `FLEET_SYNTH_INVALID`, after the last bundle, with the findings of all apps, at most 100 of them.
 *
 * @example
 * for await (const { cluster, fileName, yaml } of synthFleet({ fleet, apps })) {
 *   writeFileSync(join('manifests', cluster, fileName), yaml);
 * }
 */
export async function* synthFleet({ fleet, apps }: SynthFleetOptions): AsyncGenerator<Bundle, void, undefined> {
  const failures = new FleetFindings();
  const taken = new Set<string>();
  for await (const app of apps) {
    const misplaced = placeFindings(fleet, app);
    const wrong = new Map<string, readonly Finding[]>(misplaced.length > 0 ? [['', misplaced]] : []);
    for (const props of placedApp(fleet, app)) {
      const made = bundleOrFindings(props);
      if (!('yaml' in made)) wrong.set(props.cluster, made);
      else if (taken.has(keyOf(made))) wrong.set(props.cluster, [twice(made)]);
      else {
        taken.add(keyOf(made));
        yield made;
      }
    }
    failures.add(wrong);
  }
  failures.throwIfAny();
}

function bundleOrFindings(props: YouzanAppProps): Bundle | readonly Finding[] {
  try {
    return synthApp(props);
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return findingsOf(error, { cluster: props.cluster, app: props.spec.name });
  }
}

const keyOf = ({ cluster, namespace, fileName }: Bundle): string => `${cluster}/${namespace}/${fileName}`;
const twice = ({ cluster, namespace, fileName, app }: Bundle): Finding => ({
  path: `${cluster}/${app}`,
  message: `would be a second ${fileName} of namespace ${namespace}`,
});
