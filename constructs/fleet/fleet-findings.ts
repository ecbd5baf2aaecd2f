import { type Finding, findingsError, type YouzanKubeError } from '../../src/conventions/index.js';

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
        const { path, message } = finding;
        const place = path.startsWith(`${cluster}/`) ? path.slice(cluster.length) : path;
        const key = JSON.stringify([place, message]);
        const known = same.get(key);
        if (known === undefined) same.set(key, { first: finding, others: [] });
        else known.others.push(cluster);
      }
    }
    if (same.size > 0) this.#apps += 1;
    this.#count += same.size;
    for (const { first, others } of same.values()) {
      if (this.#listed.length >= listedFindings) return;
      const also = others.length === 0 ? '' : ` (also in ${others.join(', ')})`;
      this.#listed.push({ path: first.path, message: `${first.message}${also}` });
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

/** What an error of one bundle says, with its place. */
export function findingsOf(error: YouzanKubeError, place: string): readonly Finding[] {
  return error.findings.length > 0 ? error.findings : [{ path: error.path ?? place, message: error.message }];
}
