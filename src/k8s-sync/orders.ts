import * as v from 'valibot';
import type { OperatorWord } from './core/index.js';

/** An operator's freeze, from when it was given until it is taken back. `since` is ISO 8601. */
export interface FreezeOrder extends OperatorWord {
  readonly since: string;
}

/**
 * What an operator wants of a cluster until he takes it back, as the cluster's Lease keeps it. Each change has a greater
 * revision: what an older one says is no news, whether it comes from a Lease that was made anew or from a restored etcd.
 */
export interface Orders {
  readonly revision: number;
  readonly freeze: FreezeOrder | null;
}

/** What a Lease without the annotation says: nothing. Only a word takes a freeze back, never the lack of one. */
export const noOrders: Orders = { revision: 0, freeze: null };

export const ordersAnnotation = 'youzan-kube.youzan.com/orders';

const schema = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  freeze: v.nullable(
    v.strictObject({
      actor: v.optional(v.string()),
      reason: v.optional(v.string()),
      since: v.pipe(v.string(), v.isoTimestamp()),
    }),
  ),
});

/** The orders of an annotation; a text, why not, for what is none. */
export function decodeOrders(annotation: string | undefined): Orders | string {
  if (annotation === undefined) return noOrders;
  let value: unknown;
  try {
    value = JSON.parse(annotation);
  } catch {
    return 'it is no JSON';
  }
  const parsed = v.safeParse(schema, value);
  if (!parsed.success)
    return parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'orders'}: ${issue.message}`).join('; ');
  const { revision, freeze } = parsed.output;
  if (freeze === null) return { revision, freeze };
  const { actor, reason, since } = freeze;
  return {
    revision,
    freeze: { since, ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) },
  };
}

export const encodeOrders = (orders: Orders): string => JSON.stringify(orders);
