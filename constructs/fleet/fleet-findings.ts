import { type Finding, findingsError, type YouzanKubeError } from '../../src/conventions/index.js';
import type { Bundle } from '../synth-app.js';

/** So many findings are listed; the others are counted. */
const listedFindings = 100;

/** Collects what is wrong with the apps of a fleet: what an app has in several clusters is one finding. */
export class FleetFindings {
  readonly #listed: Finding[] = [];
  #count = 0;
  #apps = 0;

  /** Everything that is wrong with one app, by cluster. */
  add(byCluster: ReadonlyMap<string, readonly Finding[]>): void {
    const same = new Map<string, { readonly first: Finding; readonly others: string[] }>();
    for (const [cluster, findings] of byCluster) {
      for (const finding of findings) {
        const key = JSON.stringify([finding.path.replace(`${cluster}/`, ''), finding.message]);
        const known = same.get(key);
        if (known === undefined) same.set(key, { first: finding, others: [] });
        else known.others.push(cluster);
      }
    }
    if (same.size > 0) this.#apps += 1;
    this.#count += same.size;
    const room = Math.max(0, listedFindings - this.#listed.length);
    for (const { first, others } of [...same.values()].slice(0, room)) {
      const also = others.length === 0 ? '' : ` (also in ${others.join(', ')})`;
      this.#listed.push({ ...first, message: `${first.message}${also}` });
    }
  }

  /** @throws YouzanKubeError `FLEET_SYNTH_INVALID` if there was any. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const apps = this.#apps === 1 ? '1 app is' : `${this.#apps} apps are`;
    const more = this.#count - this.#listed.length;
    const hint = more === 0 ? undefined : `these are the first ${listedFindings}; there are ${more} more`;
    throw findingsError('FLEET_SYNTH_INVALID', `${apps} not valid`, this.#listed, hint);
  }
}

/** What an error of a bundle says; each path begins with the cluster, as a construct's does. */
export function findingsOf(
  error: YouzanKubeError,
  { cluster, app }: Pick<Bundle, 'cluster' | 'app'>,
): readonly Finding[] {
  const { path = app, message, findings } = error;
  const all = findings.length > 0 ? findings : [{ path, message }];
  return all.map((one) => (one.path.startsWith(`${cluster}/`) ? one : { ...one, path: `${cluster}/${one.path}` }));
}
