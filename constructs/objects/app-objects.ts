import type { AppContext } from '../app/app-context.js';
import type { JsonMap } from '../pod/json.js';
import { debugJobObject } from '../variants/debug-job.js';
import { autoscalerObject } from './autoscaler.js';
import { deploymentObject } from './deployment.js';
import { disruptionBudgetObject } from './disruption-budget.js';
import { serviceObject } from './service.js';
import { verticalAutoscalerObject } from './vertical-autoscaler.js';

/** One object of an app's bundle; its namespace is the app's. */
export interface AppObject {
  /** The id of its construct, unique in the bundle. */
  readonly id: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What stands beside the metadata: `{ spec: … }`. */
  readonly body: JsonMap;
}

/** Makes an object, or nothing where the app needs none. */
export type ObjectOf = (context: AppContext) => AppObject | undefined;

/** In the order in which they are applied. */
const objects: readonly ObjectOf[] = [
  serviceObject,
  disruptionBudgetObject,
  deploymentObject,
  debugJobObject,
  autoscalerObject,
  verticalAutoscalerObject,
];

/** All objects of an app's bundle. */
export function appObjects(context: AppContext): AppObject[] {
  return objects.flatMap((object) => object(context) ?? []);
}
