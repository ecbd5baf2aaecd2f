import type { ClusterStore } from '../store.js';
import { writeNodeReady } from './node.js';

/** Whether each node's kubelet works, and the ways to stop it. */
export interface NodeSwitch {
  isWorking(node: string): boolean;
  /** Resolves once the node's kubelet works. */
  whenWorking(node: string): Promise<void>;
  /** Nothing is reported or started any more; the node turns NotReady after this many milliseconds. */
  stop(node: string, notReadyAfterMs: number): void;
  start(node: string): void;
  dispose(): void;
}

export function createNodeSwitch(store: ClusterStore, onStart: (node: string) => void): NodeSwitch {
  const stopped = new Map<string, { readonly timer: NodeJS.Timeout | undefined; readonly resume: (() => void)[] }>();
  return {
    isWorking: (node) => !stopped.has(node),
    whenWorking: (node) =>
      new Promise((resolve) => {
        const state = stopped.get(node);
        if (state === undefined) resolve();
        else state.resume.push(resolve);
      }),
    stop(node, notReadyAfterMs) {
      clearTimeout(stopped.get(node)?.timer);
      const lose = (): void => writeNodeReady(store, node, false);
      const timer = notReadyAfterMs <= 0 ? undefined : setTimeout(lose, notReadyAfterMs).unref();
      stopped.set(node, { timer, resume: stopped.get(node)?.resume ?? [] });
      if (notReadyAfterMs <= 0) lose();
    },
    start(node) {
      const state = stopped.get(node);
      if (state === undefined) return;
      clearTimeout(state.timer);
      stopped.delete(node);
      writeNodeReady(store, node, true);
      for (const resume of state.resume) resume();
      onStart(node);
    },
    dispose() {
      for (const state of stopped.values()) {
        clearTimeout(state.timer);
        for (const resume of state.resume) resume();
      }
      stopped.clear();
    },
  };
}
