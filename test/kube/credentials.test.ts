import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkCertificate, rereadOnChange } from '../../src/kube/credentials.js';
import { credentialsInCluster } from '../../src/kube/index.js';
import { createAuthority } from '../../src/testing/cluster/certificates.js';
import { rewrite, testFolder } from './folder.js';
import { credentialsFor } from './stands.js';

afterEach(() => vi.unstubAllEnvs());

const dayMs = 24 * 3600 * 1000;

function serviceAccount(): string {
  const folder = testFolder();
  writeFileSync(join(folder, 'token'), 'token-1\n');
  writeFileSync(join(folder, 'ca.crt'), 'the authority');
  return folder;
}

describe('credentialsInCluster', () => {
  it("takes the pod's token and authority, and the server from the environment", async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443');
    expect(await credentialsInCluster({ cluster: 'bc-a', folder: serviceAccount() }).read()).toEqual({
      server: 'https://10.96.0.1:6443',
      ca: 'the authority',
      clientCertificate: undefined,
      clientKey: undefined,
      token: 'token-1',
      skipTlsVerify: false,
      serverName: undefined,
    });
  });

  it('writes an IPv6 server in brackets, and has port 443 unless another is said', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', undefined);
    const { server } = await credentialsInCluster({ cluster: 'bc-a', folder: serviceAccount() }).read();
    expect(server).toBe('https://[fd00::1]:443');
  });

  it('takes up the token that the kubelet has renewed', async () => {
    const folder = serviceAccount();
    const source = credentialsInCluster({ cluster: 'bc-a', folder, server: 'https://api' });
    const first = await source.read();
    rewrite(join(folder, 'token'), 'token-2');
    expect([first.token, (await source.read()).token]).toEqual(['token-1', 'token-2']);
  });

  it('says outside a pod that it is in none', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
    await expect(credentialsInCluster({ cluster: 'bc-a' }).read()).rejects.toMatchObject({
      code: 'KUBE_CREDENTIALS',
      path: 'bc-a',
      message: 'cluster bc-a: KUBERNETES_SERVICE_HOST is not set, so this process is not in a pod',
      hint: 'give a kubeconfig instead',
    });
  });

  it('says which folder has no service account, and reads it when there is one', async () => {
    const folder = testFolder();
    const source = credentialsInCluster({ cluster: 'bc-a', folder, server: 'https://api' });
    await expect(source.read()).rejects.toMatchObject({
      code: 'KUBE_CREDENTIALS',
      message: expect.stringContaining(`can't read the service account in ${folder}`) as string,
      hint: 'mount a service account token, or give a kubeconfig',
    });
    writeFileSync(join(folder, 'token'), 'token-1');
    writeFileSync(join(folder, 'ca.crt'), 'the authority');
    expect((await source.read()).token).toBe('token-1');
  });
});

describe('rereadOnChange', () => {
  const file = (text: string): string => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, text);
    return path;
  };
  const counted = (
    path: string,
  ): { reads: () => number; read: () => Promise<{ readonly token: string | undefined }> } => {
    let reads = 0;
    const source = rereadOnChange(
      () => [path],
      () => credentialsFor({ url: 'https://api' }, { token: `read ${(reads += 1)}` }),
    );
    return { reads: () => reads, read: () => source.read() };
  };

  it('reads once while nothing changes, however many ask', async () => {
    const source = counted(file('one'));
    await Promise.all([source.read(), source.read()]);
    await source.read();
    expect(source.reads()).toBe(1);
  });

  it('reads again when a file was written, removed, or came back', async () => {
    const path = file('one');
    const source = counted(path);
    await source.read();
    rewrite(path, 'two');
    expect((await source.read()).token).toBe('read 2');
    rmSync(path);
    expect((await source.read()).token).toBe('read 3');
    writeFileSync(path, 'three');
    expect((await source.read()).token).toBe('read 4');
  });

  it('tries again after a failure, though no file has changed', async () => {
    let broken = true;
    const source = rereadOnChange(
      () => [],
      () => {
        if (broken) throw new Error('not yet');
        return credentialsFor({ url: 'https://api' });
      },
    );
    await expect(source.read()).rejects.toThrow('not yet');
    broken = false;
    expect((await source.read()).server).toBe('https://api');
  });
});

describe('checkCertificate', () => {
  it('takes one that is valid now', async () => {
    const { certificate } = await (await createAuthority('bc-a')).clientPair({ user: 'me' });
    expect(() => checkCertificate('bc-a', certificate, 'the kubeconfig', new Date())).not.toThrow();
  });

  it('says of one that has expired whose it is, when that was, and what to do', async () => {
    const notAfter = new Date('2026-01-02T03:04:05Z');
    const { certificate } = await (await createAuthority('bc-a')).clientPair({ user: 'me', groups: ['ops'], notAfter });
    const at = (time: number) => (): void => checkCertificate('bc-a', certificate, 'the kubeconfig', new Date(time));
    expect(at(notAfter.getTime())).not.toThrow();
    expect(at(notAfter.getTime() + 1)).toThrow(
      expect.objectContaining({
        code: 'KUBE_CREDENTIALS',
        path: 'bc-a',
        message:
          'cluster bc-a: the client certificate in the kubeconfig (O=ops, CN=me) expired at Jan  2 03:04:05 2026 GMT',
        hint: 'renew the certificate and write it to the kubeconfig; it is read again when the file changes',
      }),
    );
  });

  it('says of one that is not yet valid that the clock may be wrong', async () => {
    const { certificate } = await (await createAuthority('bc-a')).clientPair({ user: 'me' });
    const early = new Date(Date.now() - 10 * dayMs);
    expect(() => checkCertificate('bc-a', certificate, 'the kubeconfig', early)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/\(CN=me\) is not valid before /) as string,
        hint: "check this machine's clock",
      }),
    );
  });

  it('says that something else is no certificate', () => {
    expect(() => checkCertificate('bc-a', 'no certificate', '/etc/client.crt', new Date())).toThrow(
      expect.objectContaining({
        message: 'cluster bc-a: the client certificate in /etc/client.crt is not a PEM certificate',
        hint: 'write the kubeconfig anew',
      }),
    );
  });
});
