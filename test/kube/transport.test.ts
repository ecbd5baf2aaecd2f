import { describe, expect, it } from 'vitest';
import { createKubeClient } from '../../src/kube/index.js';
import { clientOf, credentialsFor, endWithTest, failureOfCall, startStand } from './stands.js';
import { pod, pods, ref } from './verbs.js';

describe('the first calls of a client', () => {
  it('may come together: none of them is lost', async () => {
    const stand = await startStand();
    stand.always((request) => request.answer(pod, { status: 201 }));
    const client = clientOf(stand);
    const calls = Array.from({ length: 20 }, () => client.create(pods, pod));
    expect((await Promise.allSettled(calls)).map(({ status: end }) => end)).toEqual(calls.map(() => 'fulfilled'));
  });
});

describe('a client over TLS', () => {
  it('shows its certificate, and a new one when it has changed', async () => {
    const stand = await startStand({ tls: true });
    stand.always((request) => request.answer(pod));
    const authority = stand.authority!;
    let name = 'one';
    const client = createKubeClient({
      name: 'bc-a',
      credentials: {
        read: async () => {
          const { certificate, key } = await authority.clientPair({ user: name });
          return credentialsFor(stand, {
            ca: authority.certificate,
            clientCertificate: certificate,
            clientKey: key,
          });
        },
      },
    });
    endWithTest(() => client.close());
    await client.get(pods, ref);
    name = 'two';
    await client.get(pods, ref);
    expect(stand.received.map(({ clientName }) => clientName)).toEqual(['one', 'two']);
  });

  it('loses no call while the certificate changes', async () => {
    const stand = await startStand({ tls: true });
    stand.always((request) => request.answer(pod, { status: 201 }));
    const authority = stand.authority!;
    const pairs = await Promise.all(['one', 'two'].map((user) => authority.clientPair({ user })));
    let reads = 0;
    const client = createKubeClient({
      name: 'bc-a',
      credentials: {
        read: () => {
          const { certificate, key } = pairs[(reads += 1) % 2]!;
          return Promise.resolve(
            credentialsFor(stand, { ca: authority.certificate, clientCertificate: certificate, clientKey: key }),
          );
        },
      },
    });
    endWithTest(() => client.close());
    const calls = Array.from({ length: 10 }, () => client.create(pods, pod));
    expect((await Promise.allSettled(calls)).map(({ status: end }) => end)).toEqual(calls.map(() => 'fulfilled'));
    expect(new Set(stand.received.map(({ clientName }) => clientName))).toEqual(new Set(['one', 'two']));
  });

  it('does not trust a server of another name', async () => {
    const stand = await startStand({ tls: true });
    const credentials = { ca: stand.authority!.certificate, serverName: 'api.example' };
    expect(await failureOfCall(clientOf(stand, { credentials }).get(pods, ref))).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string,
    });
  });
});

describe('two clients side by side', () => {
  it('share no token, certificate or connection', async () => {
    const [one, two] = await Promise.all([startStand({ tls: true }), startStand({ tls: true })]);
    const clients = await Promise.all(
      [one, two].map(async (stand, index) => {
        const { certificate, key } = await stand.authority!.clientPair({ user: `user-${index}` });
        stand.always((request) => request.answer(pod));
        return clientOf(stand, {
          name: `bc-${index}`,
          credentials: {
            ca: stand.authority!.certificate,
            token: `token-${index}`,
            clientCertificate: certificate,
            clientKey: key,
          },
        });
      }),
    );
    await Promise.all(Array.from({ length: 10 }, (_, index) => clients[index % 2]!.get(pods, ref)));
    for (const [index, stand] of [one, two].entries()) {
      const seen = stand.received.map(
        ({ headers, clientName }) => `${headers.authorization ?? ''} ${clientName ?? ''}`,
      );
      expect(seen).toEqual(Array.from({ length: 5 }, () => `Bearer token-${index} user-${index}`));
    }
  });

  it('of one server have connections of their own, and one outlives the other', async () => {
    const stand = await startStand();
    stand.always((request) => request.answer(pod));
    const [one, two] = [clientOf(stand, { name: 'bc-a' }), clientOf(stand, { name: 'bc-b' })];
    await one.get(pods, ref);
    await two.get(pods, ref);
    await one.close();
    await two.get(pods, ref);
    expect(stand.received.map(({ connection }) => connection)).toEqual([1, 2, 2]);
  });
});
