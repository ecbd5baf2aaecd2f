// What every part of the contract works with: a client, a namespace of its own, and objects to send.
import { expect } from 'vitest';
import type { Answer, Api, Json } from './client.js';

/** What a run of the contract knows of its server beyond the kubeconfig. */
export interface ContractOptions {
  /** Gets what the server refused with 501, sorted, when all cases are through; what it throws fails the suite. */
  readonly onRefused?: (refused: readonly string[]) => void;
  /** The server's name in the titles. */
  readonly name: string;
  /** Makes every older resourceVersion 410. Absent: those cases are skipped. */
  readonly expire?: () => Promise<void>;
}

export interface World {
  readonly api: Api;
  readonly namespace: string;
  readonly options: ContractOptions;
  /** Paths in the test's namespace. */
  readonly core: (plural: string, name?: string) => string;
  readonly apps: (plural: string, name?: string) => string;
  /** A name that no other case of this run uses. */
  readonly fresh: (prefix: string) => string;
  /** 501 counts as refused and is listed at the end; anything else is for the case to judge. */
  readonly refused: (what: string, answer: Answer) => boolean;
}

let counter = 0;

export function createWorld(api: Api, namespace: string, options: ContractOptions, refusals: Set<string>): World {
  const path = (root: string, plural: string, name?: string): string =>
    `${root}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
  return {
    api,
    namespace,
    options,
    core: (plural, name) => path('/api/v1', plural, name),
    apps: (plural, name) => path('/apis/apps/v1', plural, name),
    fresh: (prefix) => {
      counter += 1;
      return `${prefix}-${counter}`;
    },
    refused(what, answer) {
      if (answer.status !== 501) return false;
      expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'NotImplemented', code: 501 });
      expect(answer.body['message']).toMatch(/does not model/);
      refusals.add(what);
      return true;
    },
  };
}

export const configMap = (name: string, data: Json = {}, metadata: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

/** A Deployment of no pods, so that controllers of a real cluster leave it alone. */
export const deployment = (name: string, spec: Json = {}, container: Json = {}): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1', ...container }] },
    },
    ...spec,
  },
});

/** A pod on a node that does not exist: it is never run, and its deletion waits for a kubelet. */
export const boundPod = (name: string, more: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more },
  spec: {
    nodeName: 'contract-no-such-node',
    automountServiceAccountToken: false,
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
  },
});

/** The value at a path, `spec.replicas`. */
export function at(body: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Json | undefined)?.[key], body);
}

/** The object without its resourceVersion: a write of it does not race with controllers. */
export function unconditional(body: Json): Json {
  const metadata = { ...(body['metadata'] as Json) };
  delete metadata['resourceVersion'];
  return { ...body, metadata };
}

export const versionOf = (body: unknown): string => String(at(body, 'metadata.resourceVersion'));

export function expectFailure(answer: Answer, status: number, reason: string, more: Json = {}): void {
  expect(answer.body).toMatchObject({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason,
    code: status,
    ...more,
  });
  expect(answer.status).toBe(status);
}

interface FieldsEntry extends Json {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: Json;
}

/** The `fieldsV1` of one manager's entry. */
export function fieldsOwnedBy(body: unknown, manager: string, operation = 'Apply'): Json | undefined {
  const entries = (at(body, 'metadata.managedFields') ?? []) as readonly FieldsEntry[];
  return entries.find((entry) => entry.manager === manager && entry.operation === operation)?.fieldsV1;
}
