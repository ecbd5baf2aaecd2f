/** What is kept of a Node: a small value, plain data. */
export interface NodeRecord {
  readonly ready: boolean;
  /** When it turned so, in milliseconds since the epoch by the cluster's clock. */
  readonly since: number;
}

interface WireNode {
  readonly metadata?: { readonly creationTimestamp?: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type?: string;
      readonly status?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** A node that says so soon after it came that it is not ready has not been ready yet. */
const startMs = 60_000;

/**
 * Reads a Node (`v1`): metadata and conditions only. `NotReady` and `Unknown` are both not ready. Undefined for one that has
 * never been ready: nothing was lost with it.
 */
export function decodeNode(object: unknown): NodeRecord | undefined {
  const { metadata, status } = object as WireNode;
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  const since = Date.parse(condition?.lastTransitionTime ?? '');
  if (condition === undefined || Number.isNaN(since)) return undefined;
  const created = Date.parse(metadata?.creationTimestamp ?? '');
  const isNew = condition.status === 'False' && since - created < startMs;
  return isNew ? undefined : { ready: condition.status === 'True', since };
}
