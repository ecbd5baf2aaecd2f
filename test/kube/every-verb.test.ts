import { getEventListeners } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createKubeClient } from '../../src/kube/index.js';
import { createAuthority } from '../../src/testing/cluster/certificates.js';
import { clientOf, endWithTest, failureOfCall, startStand } from './stands.js';
import { verbs } from './verbs.js';

describe('every verb', () => {
  it.each(verbs)('%s has a deadline', async (verb, call) => {
    const stand = await startStand();
    const failed = failureOfCall(call(clientOf(stand), { timeoutMs: 50 }));
    expect(await failed).toMatchObject({
      code: 'KUBE_TIMEOUT',
      path: 'bc-a',
      message: expect.stringMatching(
        new RegExp(`^cluster bc-a: ${verb} pods.*: no answer from ${stand.url} within \\d+ ms$`),
      ) as string,
      hint: 'the API server is unreachable or slow; other clusters are not affected',
    });
  });

  it.each(verbs)('%s ends when its signal aborts, at the server too', async (_, call) => {
    const stand = await startStand();
    const stop = new AbortController();
    const failed = failureOfCall(call(clientOf(stand), { signal: stop.signal }));
    await stand.next();
    const reason = new Error('no longer wanted');
    stop.abort(reason);
    expect(await failed).toMatchObject({ code: 'KUBE_ABORTED', path: 'bc-a', cause: reason });
    await expect.poll(() => stand.open).toBe(0);
  });

  it.each(verbs)('%s leaves nothing in the signal that it was given', async (_, call) => {
    const stand = await startStand();
    const { signal } = new AbortController();
    expect((await failureOfCall(call(clientOf(stand), { signal, timeoutMs: 50 }))).code).toBe('KUBE_TIMEOUT');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(verbs)('%s is not begun when its signal has aborted', async (_, call) => {
    const stand = await startStand();
    const failed = failureOfCall(call(clientOf(stand), { signal: AbortSignal.abort() }));
    expect((await failed).code).toBe('KUBE_ABORTED');
    expect(stand.received).toEqual([]);
  });

  it.each(verbs)('%s ends when its client is closed, whatever else could end it', async (_, call) => {
    const stand = await startStand();
    const client = clientOf(stand);
    const timeoutMs = 600_000;
    const options = [{ timeoutMs }, { timeoutMs, signal: new AbortController().signal }];
    const failed = options.map((one) => failureOfCall(call(client, one)));
    await stand.next();
    await stand.next();
    await client.close();
    const closed = { code: 'KUBE_ABORTED', message: 'cluster bc-a: the client was closed' };
    expect(await Promise.all(failed)).toMatchObject([closed, closed]);
    await client.close();
    expect(await failureOfCall(call(client, { timeoutMs }))).toMatchObject(closed);
  });

  it.each(verbs)(
    '%s says which cluster could not be reached, where it was looked for, and what to do',
    async (verb, call) => {
      const url = await refusingAddress();
      expect(await failureOfCall(call(clientOf({ url }), {}))).toMatchObject({
        code: 'KUBE_UNREACHABLE',
        path: 'bc-a',
        message: expect.stringMatching(
          new RegExp(`^cluster bc-a: ${verb} pods.*: no answer from ${url}: .*ECONNREFUSED`),
        ) as string,
        hint: 'check the address in the kubeconfig, the network and the API server; other clusters are not affected',
      });
    },
  );

  it.each(verbs)('%s passes on what is wrong with the credentials', async (_, call) => {
    const error = new Error('no file');
    const client = createKubeClient({ name: 'bc-a', retries: 0, credentials: { read: () => Promise.reject(error) } });
    endWithTest(() => client.close());
    expect(await failureOfCall(call(client, {}))).toMatchObject({ path: 'bc-a', cause: error });
  });

  it.each(verbs)('%s does not trust a server of another authority, and says what to check', async (verb, call) => {
    const stand = await startStand({ tls: true });
    const ca = (await createAuthority('stand')).certificate;
    expect(await failureOfCall(call(clientOf(stand, { credentials: { ca } }), {}))).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      path: 'bc-a',
      message: expect.stringMatching(
        new RegExp(`^cluster bc-a: ${verb} pods.*: no answer from ${stand.url}: `),
      ) as string,
      hint: "the server's certificate does not fit: check certificate-authority and server in the kubeconfig",
    });
    expect(stand.received).toEqual([]);
  });
});

/** An address of loopback where nobody listens. */
async function refusingAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
