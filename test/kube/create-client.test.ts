import { describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/kube/index.js';
import { clientOf, failureOfCall, startStand } from './stands.js';
import { pod, pods, ref, take } from './verbs.js';

const status = (reason: string): object => ({ kind: 'Status', reason, message: 'said' });

describe('a client', () => {
  it('sends what the API wants and gives what it answers', async () => {
    const stand = await startStand();
    const got = clientOf(stand, { credentials: { token: 'secret' } }).create(pods, pod, { fieldManager: 'me' });
    const request = await stand.next();
    expect([request.method, request.path, request.query, JSON.parse(request.body)]).toEqual([
      'POST',
      '/api/v1/namespaces/shop/pods',
      { fieldManager: 'me' },
      pod,
    ]);
    expect(request.headers).toMatchObject({
      authorization: 'Bearer secret',
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'youzan-kube',
    });
    request.answer({ ...pod, metadata: { ...ref, uid: 'u-1' } }, { status: 201 });
    expect(await got).toMatchObject({ metadata: { uid: 'u-1' } });
  });

  it('gives items of a list what the list itself says once, and the token of the next page', async () => {
    const stand = await startStand();
    const listed = clientOf(stand).list(pods, { limit: 1 });
    const items = [{ metadata: ref }];
    (await stand.next()).answer({ kind: 'PodList', metadata: { resourceVersion: '7', continue: 'next' }, items });
    expect(await listed).toEqual({ resourceVersion: '7', continue: 'next', items: [pod] });
  });

  it.each([{ items: null }, { items: [] }, {}])(
    'takes a list with %j for an empty one without a further page',
    async (answer) => {
      const stand = await startStand();
      const listed = clientOf(stand).list(pods);
      (await stand.next()).answer({ metadata: { resourceVersion: '7', continue: '' }, ...answer });
      expect(await listed).toEqual({ resourceVersion: '7', continue: undefined, items: [] });
    },
  );

  it('gives logs as they are', async () => {
    const stand = await startStand();
    const logs = clientOf(stand).logs(ref, { container: 'app' });
    (await stand.next()).answer('one\n\ntwö\n', { headers: { 'content-type': 'text/plain' } });
    expect(await logs).toBe('one\n\ntwö\n');
  });

  it('refuses a name that would mean something else, before it asks anybody', async () => {
    const stand = await startStand();
    const client = clientOf(stand);
    expect(await failureOfCall(client.delete(pods, { namespace: 'shop', name: '' }))).toMatchObject({
      code: 'KUBE_INVALID',
    });
    expect(stand.received).toEqual([]);
  });

  it('says of an answer that is no JSON that something else may stand there', async () => {
    const stand = await startStand();
    const got = failureOfCall(clientOf(stand).get(pods, ref));
    (await stand.next()).answer('<html>welcome</html>');
    expect(await got).toMatchObject({
      code: 'KUBE_BAD_ANSWER',
      message: 'cluster bc-a: get pods shop/p: the answer is no JSON: <html>welcome</html>',
      hint: 'is there a proxy between, or another server at this address?',
    });
  });

  it('keeps Retry-After in the error', async () => {
    const stand = await startStand();
    const got = failureOfCall(clientOf(stand).get(pods, ref));
    (await stand.next()).answer(status('TooManyRequests'), { status: 429, headers: { 'retry-after': '17' } });
    expect(await got).toMatchObject({ code: 'KUBE_TOO_MANY_REQUESTS', status: 429, retryAfterMs: 17_000 });
    expect(stand.received).toHaveLength(1);
  });

  it('tries a read again after a 503, and takes the answer', async () => {
    const stand = await startStand();
    const got = clientOf(stand, { retries: 1 }).get(pods, ref);
    (await stand.next()).answer(status('ServiceUnavailable'), { status: 503 });
    (await stand.next()).answer(pod);
    expect(await got).toEqual(pod);
  });
});

describe('a watch', () => {
  it('says when it is open, then gives the events, and ends when the server ends it', async () => {
    const stand = await startStand();
    let opens = 0;
    const events = take(clientOf(stand).watch(pods, { onOpen: () => (opens += 1) }), 10);
    const request = await stand.next();
    expect(opens).toBe(0);
    request.open();
    await expect.poll(() => opens).toBe(1);
    const lines = [
      { type: 'ADDED', object: pod },
      { type: 'BOOKMARK', object: pod },
    ];
    request.send(...lines);
    request.end();
    expect(await events).toEqual(lines);
  });

  it('does not say that it is open when it is refused', async () => {
    const stand = await startStand();
    let opened = false;
    const watched = failureOfCall(take(clientOf(stand).watch(pods, { onOpen: () => (opened = true) }), 1));
    (await stand.next()).answer(status('Expired'), { status: 410 });
    expect([(await watched).code, opened]).toEqual(['KUBE_GONE', false]);
  });

  it('throws when the stream ends in the middle of a line', async () => {
    const stand = await startStand();
    const events: WatchEvent[] = [];
    const watched = failureOfCall(
      (async () => {
        for await (const event of clientOf(stand).watch(pods)) events.push(event);
      })(),
    );
    const request = await stand.next();
    request.open();
    request.send({ type: 'ADDED', object: pod });
    request.sendBytes('{"type":"ADDED","obj');
    request.end();
    expect(await watched).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      message: 'cluster bc-a: watch pods: the stream ended in the middle of a line',
    });
    expect(events).toHaveLength(1);
  });

  it('throws when the connection breaks', async () => {
    const stand = await startStand();
    const watched = failureOfCall(take(clientOf(stand).watch(pods), 1));
    const request = await stand.next();
    request.open();
    request.cut();
    expect(await watched).toMatchObject({ code: 'KUBE_UNREACHABLE', path: 'bc-a' });
  });

  it('has no deadline once it is open, and ends at the server when its reader leaves', async () => {
    const stand = await startStand();
    const events = take(clientOf(stand).watch(pods, { timeoutMs: 60 }), 1);
    const request = await stand.next();
    request.open();
    const other = clientOf(stand).get(pods, ref, { timeoutMs: 120 });
    await expect(other).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
    request.send({ type: 'ADDED', object: pod });
    expect(await events).toHaveLength(1);
    await request.closed;
  });

  it('leaves unary calls their connections: they do not wait behind it', async () => {
    const stand = await startStand();
    const client = clientOf(stand);
    const watching = failureOfCall(take(client.watch(pods), 1));
    const watch = await stand.next();
    watch.open();
    const got = client.get(pods, ref);
    const request = await stand.next();
    request.answer(pod);
    expect(await got).toEqual(pod);
    expect(request.connection).not.toBe(watch.connection);
    await client.close();
    await watching;
  });
});

describe('a retried call', () => {
  it('ends in its wait when the client is closed', async () => {
    const stand = await startStand();
    const client = clientOf(stand, { retries: 1 });
    const failed = failureOfCall(client.get(pods, ref, { timeoutMs: 60_000 }));
    (await stand.next()).answer(status('TooManyRequests'), { status: 429, headers: { 'retry-after': '30' } });
    await expect.poll(() => stand.received.length).toBe(1);
    await client.close();
    expect((await failed).code).toBe('KUBE_ABORTED');
  });
});
