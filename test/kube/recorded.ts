// What a real API server has answered: see fixtures/README.md.
import { readFileSync } from 'node:fs';
import type { KubeObject, WatchEvent } from '../../src/kube/index.js';

const read = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

export interface RecordedStatus {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A Status, or text: too many requests are refused before anything is read. */
  readonly body: { readonly reason: string; readonly message: string } | string;
}
export const recordedStatus = (name: string): RecordedStatus =>
  JSON.parse(read(`status-${name}.json`)) as RecordedStatus;

export interface RecordedList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly KubeObject[];
}
export const recordedList = (name: 'list' | 'list-page-1' | 'list-page-2'): RecordedList =>
  JSON.parse(read(`${name}.json`)) as RecordedList;

/** The bytes of a watch, as they came. */
export const recordedWatch = (name: 'watch' | 'watch-initial-events' | 'watch-expired'): Buffer =>
  Buffer.from(read(`${name}.ndjson`));

export const eventsOf = (bytes: Buffer): WatchEvent[] =>
  bytes
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchEvent);
