import {
  type Clock,
  createReflector,
  isKubeError,
  type KubeClient,
  type Reflector,
  type ReflectorEvent,
  resources,
} from '../kube/index.js';
import { decodeNode, type NodeRecord } from '../members/index.js';
import type { NodeChange } from './core/index.js';
import type { SyncLogger } from './k8s-sync.js';

export interface NodeWatchOptions {
  readonly cluster: KubeClient;
  readonly logger: SyncLogger | undefined;
  readonly clock: Clock;
  onChanges(changes: readonly NodeChange[]): void;
}

/** Watches which nodes of one cluster are ready; tells what changes that, and not that a node still lives. */
export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #known = new Map<string, NodeRecord>();
  #reflector: Reflector | undefined;
  #sight: 'awaited' | 'seen' | 'unseen' = 'awaited';

  constructor(options: NodeWatchOptions) {
    this.#options = options;
  }

  begin(): void {
    const { cluster, logger, clock } = this.#options;
    const onChanges = (changes: readonly NodeChange[]): void => this.#options.onChanges(changes);
    onChanges([{ kind: 'awaited' }]);
    this.#reflector = createReflector<NodeRecord>({
      client: cluster,
      clock,
      type: resources.nodes,
      // What happened to a node while it was not seen, a list tells; a watch may go on in a cluster that was restored.
      afterBreak: 'list',
      decode: decodeNode,
      onEvents: (events) => {
        const changes = events.flatMap((event) => this.#changeOf(event));
        if (changes.length > 0) onChanges(changes);
      },
      onBadObject: (key, error) => logger?.error({ cluster: cluster.name, key, error }, 'a Node cannot be read'),
    });
    this.#reflector.start();
  }

  async stop(): Promise<void> {
    await this.#reflector?.stop();
  }

  #changeOf(event: ReflectorEvent<NodeRecord>): NodeChange[] {
    switch (event.type) {
      case 'replaced':
        this.#sight = 'seen';
        this.#known.clear();
        for (const [name, node] of event.items) this.#known.set(name, node);
        return [{ kind: 'replaced', nodes: Object.fromEntries(event.items) }];
      case 'upserted':
        return this.#upserted(event.key, event.item);
      case 'removed':
        this.#known.delete(event.key);
        return [{ kind: 'removed', name: event.key }];
      case 'disconnected':
        return this.#broken(event.error);
      case 'connected':
      case 'bookmark':
        return [];
    }
  }

  #upserted(name: string, node: NodeRecord): NodeChange[] {
    const former = this.#known.get(name);
    this.#known.set(name, node);
    return former?.ready === node.ready && former.since === node.since ? [] : [{ kind: 'upserted', name, node }];
  }

  /** Who may not see them is told so once, and goes on without. */
  #broken(error: unknown): NodeChange[] {
    if (this.#sight === 'unseen') return [];
    if (!isKubeError(error, 'KUBE_FORBIDDEN')) {
      if (this.#sight === 'awaited') return [];
      this.#sight = 'awaited';
      return [{ kind: 'awaited' }];
    }
    this.#sight = 'unseen';
    const { cluster, logger } = this.#options;
    const reason = error.message;
    logger?.warn({ cluster: cluster.name, error }, 'the Nodes may not be seen: the guard of lost nodes is off');
    return [{ kind: 'unseen', reason }];
  }
}
