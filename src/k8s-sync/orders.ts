import * as v from 'valibot';
import type { OperatorWord } from './core/index.js';

/** An operator's freeze, from when it was given until it is taken back. `since` is ISO 8601. */
export interface FreezeOrder extends OperatorWord {
  readonly since: string;
}

/** How much of its traffic a cluster is to have, 0 to 99; null: nobody knows, so what the gateways have stays. */
export interface ShareOrder extends OperatorWord {
  readonly percent: number | null;
  readonly since: string;
}

/**
 * What an operator wants of a cluster until he takes it back, as the cluster's Lease keeps it. Each change has a greater
 * revision: what an older one says is no news, whether it comes from a Lease that was made anew or from a restored etcd.
 */
export interface Orders {
  readonly revision: number;
  readonly freeze: FreezeOrder | null;
  /** Null where an order was taken back; not there where none was ever given, or by a version that knows of none. */
  readonly traffic?: ShareOrder | null;
}

/** What a Lease without the annotation says: nothing. Only a word takes an order back, never the lack of one. */
export const noOrders: Orders = { revision: 0, freeze: null };

export const ordersAnnotation = 'youzan-kube.youzan.com/orders';

const word = {
  actor: v.optional(v.string()),
  reason: v.optional(v.string()),
  since: v.pipe(v.string(), v.isoTimestamp()),
};
const percent = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99));
const schema = v.strictObject({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  freeze: v.nullable(v.strictObject(word)),
  traffic: v.optional(v.nullable(v.strictObject({ percent: v.nullable(percent), ...word }))),
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
  const { revision, freeze, traffic } = parsed.output;
  return {
    revision,
    freeze: freeze === null ? null : wordOf(freeze),
    ...(traffic !== undefined && {
      traffic: traffic === null ? null : { percent: traffic.percent, ...wordOf(traffic) },
    }),
  };
}

/** Without the keys that nothing was said for. */
function wordOf({ actor, reason, since }: v.InferOutput<v.StrictObjectSchema<typeof word, undefined>>): FreezeOrder {
  return { since, ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) };
}

export const encodeOrders = (orders: Orders): string => JSON.stringify(orders);
