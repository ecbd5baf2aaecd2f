import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../kube/object.js';
import { apiVersionOf } from '../../kube/resource.js';
import type { ApiError } from './api-error.js';
import { expired, isApiError } from './api-error.js';
import type { ApiRequest } from './api-request.js';
import type { ApiFaults } from './faults.js';
import { jsonOf } from './json-text.js';
import { refuseOption, tooLarge, versionOf } from './list.js';
import type { MemoryStore } from './memory-store.js';
import { matcherOf, type Matcher } from './selectors.js';
import type { StoreEvent } from './store.js';
import { tableEvent, wantsTable } from './table.js';

export interface WatchTimings {
  /** Between two bookmarks, milliseconds. */
  readonly bookmarkIntervalMs: number;
}

const longestMs = 30 * 60 * 1000;
/** A client that reads this much slower than events come is cut off. */
const backlogBytes = 64 * 1024 * 1024;

interface Start {
  /** Objects that come as ADDED before anything else. */
  readonly initial: readonly KubeObject[];
  readonly missed: readonly StoreEvent[];
  readonly endsInitial: boolean;
}

function startOf(store: MemoryStore, request: ApiRequest): Start {
  const { query, kind, namespace } = request;
  const initialEvents = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch');
  const wanted = versionOf(query.get('resourceVersion'));
  if (initialEvents === null && match !== null)
    throw refuseOption(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  if (initialEvents !== null && match !== 'NotOlderThan')
    throw refuseOption(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  if (initialEvents === 'true') {
    if (wanted !== undefined && wanted > store.resourceVersion) throw tooLarge(wanted, store.resourceVersion);
    return { initial: store.list(kind.type, namespace), missed: [], endsInitial: true };
  }
  if (wanted === undefined || wanted === 0)
    return { initial: initialEvents === null ? store.list(kind.type, namespace) : [], missed: [], endsInitial: false };
  return { initial: [], missed: store.since(wanted), endsInitial: false };
}

/** What a watch with a selector sees of a change; undefined when it sees nothing. */
export function seenBy(
  matches: Matcher,
  event: StoreEvent,
): { readonly type: string; readonly object: KubeObject } | undefined {
  const { previous, object, resourceVersion } = event;
  const before = previous !== undefined && matches(previous);
  const after = event.type !== 'DELETED' && matches(object);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  const last = event.type === 'DELETED' ? object : previous;
  return {
    type: 'DELETED',
    object: { ...last, metadata: { ...last.metadata, resourceVersion: String(resourceVersion) } },
  };
}

/** Answers a watch: one JSON object a line, until its time is over or either side leaves. */
export function serveWatch(
  store: MemoryStore,
  request: ApiRequest,
  response: ServerResponse,
  faults: ApiFaults,
  timings: WatchTimings,
): void {
  const { kind, query } = request;
  const matches = matcherOf(kind.type, query, request.namespace, request.name);
  let start: Start;
  let failed: ApiError | undefined;
  try {
    start = startOf(store, request);
  } catch (error) {
    if (!isApiError(error, 'Expired') || faults.expiredAsStatus) throw error;
    start = { initial: [], missed: [], endsInitial: false };
    failed = expired(error.message);
  }
  const bookmarks = query.get('allowWatchBookmarks') === 'true';
  const inTable = wantsTable(request.accept);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();

  let queue: Promise<void> | undefined;
  let truncating = false;
  let rows = 0;
  const write = (piece: string): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(piece);
    if (response.writableLength > backlogBytes) response.destroy();
  };
  const send = (type: string, body: string): void => {
    const line = `{"type":"${type}","object":${body}}\n`;
    if (truncating) {
      write(line.slice(0, line.length / 2));
      response.socket?.end();
      return;
    }
    if (queue === undefined && !faults.isSilent && !faults.isDripping) {
      write(line);
      return;
    }
    const mine: Promise<void> = (queue ?? Promise.resolve())
      .then(() => faults.deliver(line, write))
      .finally(() => {
        if (queue === mine) queue = undefined;
      });
    queue = mine;
  };
  const sendObject = (type: string, object: KubeObject): void => {
    rows += 1;
    send(type, inTable ? JSON.stringify(tableEvent(kind, object, rows === 1)) : jsonOf(object));
  };
  const bookmark = (annotations?: Record<string, string>): void => {
    const metadata = {
      resourceVersion: String(store.resourceVersion),
      ...(annotations === undefined ? {} : { annotations }),
    };
    const object = { kind: kind.type.kind, apiVersion: apiVersionOf(kind.type), metadata };
    send(
      'BOOKMARK',
      JSON.stringify(
        inTable ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: [] } : object,
      ),
    );
  };
  const finish = (): void => {
    stopAll();
    void (queue ?? Promise.resolve()).then(() => response.end());
  };

  for (const object of start.initial) if (matches(object)) sendObject('ADDED', object);
  if (start.endsInitial && bookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' });
  const onEvent = (event: StoreEvent): void => {
    if (event.resource.plural !== kind.type.plural || event.resource.group !== kind.type.group) return;
    const seen = seenBy(matches, event);
    if (seen !== undefined) sendObject(seen.type, seen.object);
  };
  for (const event of start.missed) onEvent(event);

  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timeout = setTimeout(
    () => {
      if (bookmarks) bookmark();
      finish();
    },
    seconds > 0 ? seconds * 1000 : longestMs,
  );
  const interval = bookmarks ? setInterval(() => bookmark(), timings.bookmarkIntervalMs) : undefined;
  const unsubscribe = store.subscribe(onEvent);
  const forget = faults.track({
    path: request.path,
    sendError: (error) => send('ERROR', JSON.stringify(error.toStatus())),
    truncateNext: () => {
      truncating = true;
    },
    end: finish,
  });
  const stopAll = (): void => {
    clearTimeout(timeout);
    clearInterval(interval);
    unsubscribe();
    forget();
  };
  response.on('close', stopAll);
  if (failed !== undefined) {
    send('ERROR', JSON.stringify(failed.toStatus()));
    finish();
  }
}
