// The certificates and keys of one cluster, each a file of the names that kubeadm gives them.
import { generateKeyPair } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createAuthority, type ClientIdentity, type KeyPair } from '../../../src/testing/cluster/certificates.js';
import { kubeconfigText } from '../../../src/testing/cluster/kubeconfig.js';

export interface ClusterCertificates {
  /** The file of that name: `ca.crt`, `apiserver.key`. */
  readonly file: (name: string) => string;
  /** PEM of the authority that signs servers and clients. */
  readonly authority: string;
  /** A client certificate of the cluster. */
  readonly clientPair: (identity: ClientIdentity) => Promise<KeyPair>;
  /** Writes `NAME.crt` and `NAME.key` of a server that is reached by these names and addresses. */
  readonly writeServerPair: (name: string, hosts: readonly string[]) => Promise<void>;
  /** Writes a kubeconfig of one user, everything embedded, and gives its path. */
  readonly writeKubeconfig: (fileName: string, identity: ClientIdentity, url: string) => Promise<string>;
}

async function serviceAccountKeys(): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { certificate: publicKey, key: privateKey };
}

/** Makes and writes what a control plane needs. `hosts` are the names and addresses its API server is reached by. */
export async function writeCertificates(
  cluster: string,
  folder: string,
  hosts: readonly string[],
): Promise<ClusterCertificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const write = (name: string, text: string): void => writeFileSync(file(name), text, { mode: 0o600 });
  const writePair = (name: string, pair: KeyPair): void => {
    write(`${name}.crt`, pair.certificate);
    write(`${name}.key`, pair.key);
  };
  const authority = await createAuthority(cluster);
  const frontProxy = await createAuthority(`${cluster}-front-proxy`);
  write('ca.crt', authority.certificate);
  write('front-proxy-ca.crt', frontProxy.certificate);
  writePair('apiserver', await authority.serverPair(hosts));
  writePair(
    'apiserver-kubelet-client',
    await authority.clientPair({ user: 'kube-apiserver-kubelet-client', groups: ['system:masters'] }),
  );
  writePair('front-proxy-client', await frontProxy.clientPair({ user: 'front-proxy-client' }));
  const accounts = await serviceAccountKeys();
  write('sa.pub', accounts.certificate);
  write('sa.key', accounts.key);
  return {
    file,
    authority: authority.certificate,
    clientPair: (identity) => authority.clientPair(identity),
    async writeServerPair(name, serverHosts) {
      writePair(name, await authority.serverPair(serverHosts));
    },
    async writeKubeconfig(fileName, identity, url) {
      const pair = await authority.clientPair(identity);
      write(fileName, kubeconfigText({ name: cluster, url, authority: authority.certificate }, { pair }));
      return file(fileName);
    },
  };
}
