import { nearestOf } from '../conventions/index.js';
import { shardEntries, type SyncState } from './core/index.js';

const mostNamed = 5;
/** A syncer has better things to do than to compare a misspelt name with all of a large cluster's. */
const mostCompared = 2000;

/** Upstreams, pods and addresses that an unknown word may have meant: those with it in them, else the most alike. */
export function nearOnes(state: SyncState, word: string): readonly string[] {
  const known = namesOf(state, word.includes('/'));
  const full = (name: string): string => known.get(name) ?? name;
  const containing = [...known.keys()].filter((name) => name.includes(word) && word.length > 2);
  if (containing.length > 0) return shortest(containing).map(full);
  const start = word.slice(0, 2);
  let left = [...known.keys()]
    .filter((name) => name.startsWith(start) && Math.abs(name.length - word.length) <= 2)
    .slice(0, mostCompared);
  const near: string[] = [];
  while (near.length < mostNamed) {
    const nearest = nearestOf(word, left);
    if (nearest === undefined) break;
    near.push(full(nearest));
    left = left.filter((name) => name !== nearest);
  }
  return near;
}

const shortest = (names: string[]): string[] => names.sort((a, b) => a.length - b.length).slice(0, mostNamed);

/** Names as they are compared, with what they are called in full: a pod may be asked for without its namespace. */
function namesOf(state: SyncState, hasNamespace: boolean): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [upstream, { members }] of shardEntries(state.upstreams)) {
    names.set(upstream, upstream);
    for (const { namespace, pod, ip } of Object.values(members)) {
      names.set(ip, ip);
      names.set(hasNamespace ? `${namespace}/${pod}` : pod, `${namespace}/${pod}`);
    }
  }
  return names;
}
