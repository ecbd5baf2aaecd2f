/**
 * One pod's `ip:port` for one port role, as the cluster's endpoints have it. Plain data: it is kept in the syncer's
 * state and in journals.
 */
export interface Member {
  readonly namespace: string;
  /** The Service that it belongs to: the `kubernetes.io/service-name` label of its slice. */
  readonly service: string;
  readonly app: string;
  /** Port role: the port's name in the slice. */
  readonly role: string;
  readonly color: string;
  /** Service chain, empty for none. */
  readonly sc: string;
  readonly ip: string;
  readonly port: number;
  /** Why it is not published by itself: its port contradicts the conventions. */
  readonly doubt?: string;
  /** UID of the pod (`targetRef.uid`). */
  readonly uid: string;
  readonly pod: string;
  readonly node: string;
  readonly zone: string;
  /** Nil means true in the API; terminating pods are never ready. */
  readonly ready: boolean;
  /** Nil means `ready`; a terminating pod may still serve. */
  readonly serving: boolean;
  readonly terminating: boolean;
}
