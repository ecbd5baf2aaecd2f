import { LabError } from '../lab-error.js';

/** What a cluster has. */
export interface ClusterSpec {
  readonly idc: string;
  /** Flags of its API server beyond the lab's own. */
  readonly apiServerFlags?: readonly string[];
  /** Real nodes. A cluster that is up already gets those that it lacks. Default: none. */
  readonly nodes?: number;
  /**
   * The pods' own network is routed and known to the cluster only; a pod annotated
   * `k8s.v1.cni.cncf.io/networks: default/macvlan` gets an interface on the layer 2 as well. Default: the layer 2 is the
   * pods' own network.
   */
  readonly secondNetwork?: boolean;
  /** Nodes of KWOK, which are only objects, and so are their pods. Not beside real nodes. Default: none. */
  readonly scale?: { readonly nodes: number };
}

const namePattern = /^[a-z][a-z0-9-]{0,40}$/;

/** What the cluster must have when it is asked for again. Throws when it can't be both. */
export function mergeSpecs(name: string, known: ClusterSpec | undefined, asked: ClusterSpec): ClusterSpec {
  if (!namePattern.test(name)) throw new LabError(`a cluster's name matches ${String(namePattern)}, not "${name}"`);
  if (known !== undefined && (known.secondNetwork ?? false) !== (asked.secondNetwork ?? false))
    throw new LabError(
      `${name} runs ${known.secondNetwork === true ? 'with' : 'without'} a second network already`,
      'ask for a cluster of another name',
    );
  const nodes = Math.max(known?.nodes ?? 0, asked.nodes ?? 0);
  const scale = { nodes: Math.max(known?.scale?.nodes ?? 0, asked.scale?.nodes ?? 0) };
  if (nodes > 0 && scale.nodes > 0)
    throw new LabError(
      `${name} can't have real nodes and nodes of KWOK: pods would end up on either`,
      'ask for a cluster of another name',
    );
  return { ...(known ?? asked), nodes, scale };
}
