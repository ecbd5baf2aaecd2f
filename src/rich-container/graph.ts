import type { ProcessSpec } from './process-spec.js';

/** The processes in an order in which each stands behind all that it is `after`; undefined when there is none. */
export function startOrder(processes: readonly ProcessSpec[]): readonly ProcessSpec[] | undefined {
  const order: ProcessSpec[] = [];
  let left = processes;
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const free = left.filter(({ after = [] }) => !after.some((name) => names.has(name)));
    if (free.length === 0) return undefined;
    order.push(...free);
    left = left.filter((process) => !free.includes(process));
  }
  return order;
}

/** A circle of names, each `after` the next, the first one again at the end; undefined when there is none. */
export function findCycle(processes: readonly ProcessSpec[]): readonly string[] | undefined {
  const after = new Map(processes.map((process) => [process.name, process.after ?? []]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    if (done.has(name)) return undefined;
    for (const next of after.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of after.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
