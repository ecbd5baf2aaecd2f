import type { KubeObject } from '../../kube/object.js';

const whole = new WeakMap<KubeObject, string>();
const items = new WeakMap<KubeObject, string>();

function remember(cache: WeakMap<KubeObject, string>, object: KubeObject, value: unknown): string {
  const known = cache.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  if (Object.isFrozen(object)) cache.set(object, text);
  return text;
}

/** The object's JSON, made once for each stored version. */
export const jsonOf = (object: KubeObject): string => {
  const { kind, apiVersion, ...rest } = object;
  return remember(whole, object, { kind, apiVersion, ...rest });
};

/** As an item of a list, which carries kind and apiVersion only once, for all. */
export const itemJsonOf = (object: KubeObject): string =>
  remember(items, object, { ...object, kind: undefined, apiVersion: undefined });
