// A text that is the same for states that behave the same: numbers that are only compared become their rank, times become
// ages, and pods that differ in nothing but their names are folded into one order.
import { addressOf, keyOf, type WorldSpec } from './world.js';

/** A number of which only its order among the others of its family counts. */
interface Ranked {
  readonly family: string;
  readonly value: number;
}
export type Part = string | Ranked;

/** A line; with a pod's UID, server key or address, one of that pod's. */
interface Line {
  readonly pod: string | undefined;
  readonly parts: readonly Part[];
}

/** Numbers further apart than this never meet: see the versions of a restored etcd, and the revisions of a new store. */
const block = 1e6;

export class Canon {
  readonly now: number;
  readonly #lines: Line[] = [];
  readonly #known: WeakMap<object, { readonly now: number; readonly lines: readonly Line[] }>;

  /** With what is known of values that are never changed in place. */
  constructor(now: number, known: Canon['known'] = new WeakMap()) {
    this.now = now;
    this.#known = known;
  }

  get known(): WeakMap<object, { readonly now: number; readonly lines: readonly Line[] }> {
    return this.#known;
  }

  rank(family: string, value: number): Part {
    return value === 0 ? '0' : { family, value };
  }

  line(...parts: Part[]): void {
    this.#lines.push({ pod: undefined, parts });
  }

  pod(pod: string, ...parts: Part[]): void {
    this.#lines.push({ pod, parts });
  }

  /** What is written of a value is written once, as long as no time has passed. */
  once(value: object, write: (canon: Canon) => void): void {
    let found = this.#known.get(value);
    if (found?.now !== this.now) {
      const canon = new Canon(this.now, this.#known);
      write(canon);
      found = { now: this.now, lines: canon.#lines };
      this.#known.set(value, found);
    }
    for (const line of found.lines) this.#lines.push(line);
  }

  text(world: WorldSpec): string {
    const ranks = ranksIn(this.#lines);
    const columns = columnsOf(world);
    let text = '';
    for (const { pod, parts } of this.#lines) {
      let line = '';
      for (const part of parts)
        line += typeof part === 'string' ? part : (ranks.get(part.family)?.get(part.value) ?? '');
      const column = pod === undefined ? undefined : columns.byKey.get(pod);
      if (column !== undefined) column.text += `${line}\n`;
      else text += `${pod ?? ''} ${line}\n`;
    }
    return `${text}\n${columns.all
      .map((column) => column.text)
      .sort()
      .join('\n')}`;
  }
}

interface Column {
  text: string;
}

/** Pods that share an address come one after the other: they are not alike. */
function columnsOf({ pods }: WorldSpec): {
  readonly all: readonly Column[];
  readonly byKey: ReadonlyMap<string, Column>;
} {
  const byKey = new Map<string, Column>();
  const all = pods.map((pod) => {
    const isAlone = pods.every(({ at, uid, without }) => uid === pod.uid || (at !== pod.at && without === pod.without));
    const column = { text: isAlone ? `${pod.app}\n` : `${pod.app} ${pod.uid}\n` };
    for (const key of [pod.uid, keyOf(pod), ...(isAlone ? [addressOf(pod)] : [])]) byKey.set(key, column);
    return column;
  });
  return { all, byKey };
}

function ranksIn(lines: readonly Line[]): Map<string, Map<number, string>> {
  const families = new Map<string, Map<number, string>>();
  for (const { parts } of lines)
    for (const part of parts) {
      if (typeof part === 'string') continue;
      const values = families.get(part.family);
      if (values === undefined) families.set(part.family, new Map([[part.value, '']]));
      else values.set(part.value, '');
    }
  for (const values of families.values()) rank(values);
  return families;
}

function rank(values: Map<number, string>): void {
  let [present, last] = [-1, 0];
  for (const value of [...values.keys()].sort((a, b) => a - b)) {
    const own = Math.floor(value / block);
    last = own === present ? last + 1 : 1;
    present = own;
    values.set(value, `${own}.${last}`);
  }
}
