import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Credentials, credentialsFromKubeconfig } from '../../src/kube/index.js';
import { type Authority, createAuthority } from '../../src/testing/cluster/certificates.js';
import { rewrite, testFolder } from './folder.js';
import { base64, kubeconfig, kubeconfigFile } from './kubeconfigs.js';

const cluster = 'bc-a';
const read = (text: string, context?: string): Promise<Credentials> =>
  credentialsFromKubeconfig({ cluster, text, context }).read();

/** What is said of a kubeconfig that can't be used: message and hint. */
async function complaint(text: string, context?: string): Promise<unknown> {
  return await read(text, context).then(
    () => 'taken',
    (error: unknown) => error,
  );
}
const said = (message: string | RegExp, hint: string): unknown =>
  expect.objectContaining({
    code: 'KUBE_CREDENTIALS',
    path: cluster,
    message: typeof message === 'string' ? `cluster bc-a: ${message}` : (expect.stringMatching(message) as unknown),
    hint,
  });

describe('a kubeconfig', () => {
  it('gives the server and token of its current context', async () => {
    expect(await read(kubeconfig())).toEqual({
      server: 'https://10.0.0.1:6443',
      ca: undefined,
      clientCertificate: undefined,
      clientKey: undefined,
      token: 'token-a',
      skipTlsVerify: false,
      serverName: undefined,
    });
  });

  it('gives those of the context that is named', async () => {
    expect(await read(kubeconfig(), 'bc-b')).toMatchObject({ server: 'https://10.0.0.2:6443', token: 'token-b' });
  });

  it('may be YAML', async () => {
    expect(await read(stringify(JSON.parse(kubeconfig())))).toMatchObject({ token: 'token-a' });
  });

  it('gives certificates, and how the server is to be trusted', async () => {
    const authority = await createAuthority(cluster);
    const { certificate, key } = await authority.clientPair({ user: 'me' });
    const text = kubeconfig({
      cluster: { 'certificate-authority-data': base64(authority.certificate), 'tls-server-name': 'api.example' },
      user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
    });
    expect(await read(text)).toMatchObject({
      ca: authority.certificate,
      clientCertificate: certificate,
      clientKey: key,
      token: undefined,
      skipTlsVerify: false,
      serverName: 'api.example',
    });
    expect(await read(kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }))).toMatchObject({
      skipTlsVerify: true,
    });
  });

  it('asks an exec plugin for a token', async () => {
    const answer = JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'token-of-plugin' },
    });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: [answer] };
    expect(await read(kubeconfig({ user: { exec } }))).toMatchObject({ token: 'token-of-plugin' });
  });
});

describe('a kubeconfig that cannot be used', () => {
  const config = 'see "kubectl config view"';
  const complaints: readonly [string, string, string | undefined, string | RegExp, string][] = [
    [
      'has no such context',
      kubeconfig(),
      'bc-c',
      'the given kubeconfig has no context "bc-c"; it has bc-a, bc-b',
      'name one of these in the fleet',
    ],
    [
      'has no contexts at all',
      JSON.stringify({ apiVersion: 'v1', kind: 'Config' }),
      'bc-a',
      'the given kubeconfig has no context "bc-a"; it has none',
      'name one of these in the fleet',
    ],
    [
      'lacks the user of its context',
      kubeconfig({ context: { user: 'nobody' } }),
      undefined,
      'the context "bc-a" of the given kubeconfig names the user "nobody", which is not there',
      'add the user, or correct the context',
    ],
    [
      'lacks the cluster of its context',
      kubeconfig({ context: { cluster: 'nowhere' } }),
      undefined,
      'the context "bc-a" of the given kubeconfig names the cluster "nowhere", which is not there',
      'add the cluster, or correct the context',
    ],
    ['is no YAML', '{', undefined, /^cluster bc-a: the given kubeconfig is not a kubeconfig: /, config],
    ['is empty', '', undefined, /^cluster bc-a: the given kubeconfig is not a kubeconfig: /, config],
    [
      'has a server that is no URL',
      kubeconfig({ server: '10.0.0.1:6443' }),
      undefined,
      'the given kubeconfig has the server "10.0.0.1:6443"; allowed is a URL',
      'write https://host:port',
    ],
    ...[
      ['as', kubeconfig({ user: { token: 't', as: 'admin' } })] as const,
      ['username', kubeconfig({ user: { username: 'me', password: 'secret' } })] as const,
      ['proxy-url', kubeconfig({ cluster: { 'proxy-url': 'http://proxy.example' } })] as const,
    ].map(([key, text]): [string, string, undefined, string, string] => [
      `has "${key}", which would be left out silently`,
      text,
      undefined,
      `the context "bc-a" of the given kubeconfig has "${key}", which is not supported`,
      'use a certificate, a token, a token file or an exec plugin, without a proxy between',
    ]),
    [
      'has a plugin that is not there',
      kubeconfig({ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nonexistent/plugin' } } }),
      undefined,
      /^cluster bc-a: the given kubeconfig: .*\/nonexistent\/plugin/,
      'check the user in the kubeconfig, its files and its plugin',
    ],
  ];
  it.each(complaints)('because it %s', async (_, text, context, message, hint) => {
    expect(await complaint(text, context)).toEqual(said(message, hint));
  });

  it('because its file is not there, and is read when it is', async () => {
    const file = join(testFolder(), 'bc-a.kubeconfig');
    const source = credentialsFromKubeconfig({ cluster, file });
    await expect(source.read()).rejects.toEqual(
      said(
        /^cluster bc-a: can't read the kubeconfig \S+\/bc-a.kubeconfig: ENOENT/,
        'check the path and its permissions',
      ),
    );
    writeFileSync(file, kubeconfig());
    expect((await source.read()).token).toBe('token-a');
  });

  it('because its client certificate has expired', async () => {
    const authority = await createAuthority(cluster);
    const expired = await authority.clientPair({ user: 'me', notAfter: new Date('2020-01-01') });
    const user = {
      'client-certificate-data': base64(expired.certificate),
      'client-key-data': base64(expired.key),
    };
    expect(await complaint(kubeconfig({ user }))).toEqual(
      said(
        'the client certificate in the given kubeconfig (CN=me) expired at Jan  1 00:00:00 2020 GMT',
        'renew the certificate and write it to the kubeconfig; it is read again when the file changes',
      ),
    );
  });

  it('because its certificate file is not there', async () => {
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const file = kubeconfigFile(kubeconfig({ user }));
    await expect(credentialsFromKubeconfig({ cluster, file }).read()).rejects.toEqual(
      said(
        new RegExp(`^cluster bc-a: ${file}: ENOENT.*${dirname(file)}/client.crt`),
        'check the user in the kubeconfig, its files and its plugin',
      ),
    );
  });
});

describe('the files of a kubeconfig', () => {
  function withFiles(authority: Authority): { file: string; folder: string; write: (user: string) => Promise<void> } {
    const user = { 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const file = kubeconfigFile(kubeconfig({ cluster: { 'certificate-authority': 'ca.crt' }, user }));
    const folder = dirname(file);
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    for (const name of ['client.crt', 'client.key']) writeFileSync(join(folder, name), '');
    return {
      file,
      folder,
      write: async (name) => {
        const { certificate, key } = await authority.clientPair({ user: name });
        rewrite(join(folder, 'client.crt'), certificate);
        rewrite(join(folder, 'client.key'), key);
      },
    };
  }

  it('are relative to its folder, and read again when they change', async () => {
    const authority = await createAuthority(cluster);
    const { file, folder, write } = withFiles(authority);
    const source = credentialsFromKubeconfig({ cluster, file });
    await write('one');
    await source.read();
    const one = await source.read();
    expect(one).toMatchObject({
      ca: authority.certificate,
      clientCertificate: readFileSync(join(folder, 'client.crt'), 'utf8'),
      clientKey: readFileSync(join(folder, 'client.key'), 'utf8'),
    });
    await write('two');
    const two = await source.read();
    expect(two.clientCertificate).toBe(readFileSync(join(folder, 'client.crt'), 'utf8'));
    expect(two.clientCertificate).not.toBe(one.clientCertificate);
  });

  it('are not read again while nothing changes', async () => {
    const { file, write } = withFiles(await createAuthority(cluster));
    await write('one');
    const source = credentialsFromKubeconfig({ cluster, file });
    await source.read();
    expect(await source.read()).toBe(await source.read());
  });

  it('may be a token file, which is worth more than a token', async () => {
    const file = kubeconfigFile(kubeconfig({ user: { token: 'old', tokenFile: 'token' } }));
    const token = join(dirname(file), 'token');
    writeFileSync(token, 'token-1\n');
    const source = credentialsFromKubeconfig({ cluster, file });
    await source.read();
    expect((await source.read()).token).toBe('token-1');
    rewrite(token, 'token-2\n');
    expect((await source.read()).token).toBe('token-2');
  });

  it('may name another context user after they changed: the kubeconfig itself is read again', async () => {
    const file = kubeconfigFile(kubeconfig());
    const source = credentialsFromKubeconfig({ cluster, file });
    expect((await source.read()).token).toBe('token-a');
    rewrite(file, kubeconfig({ context: { user: 'user-b' } }));
    expect((await source.read()).token).toBe('token-b');
  });
});
