import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { AppObject } from './app-objects.js';

/** The construct of an object. */
export function apiObject(scope: Construct, namespace: string, object: AppObject): ApiObject {
  const { id, apiVersion, kind, name, labels, annotations, body } = object;
  const metadata = { name, namespace, labels: { ...labels }, ...(annotations && { annotations: { ...annotations } }) };
  return new ApiObject(scope, id, { apiVersion, kind, metadata, ...body });
}
