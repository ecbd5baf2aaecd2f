import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 3600 * 1000;

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface ClientIdentity {
  /** The user's name (CN). */
  readonly user: string;
  /** The user's groups (O); default none. */
  readonly groups?: readonly string[];
  /** Default a year from now; a time in the past makes an expired certificate. */
  readonly notAfter?: Date;
}

/** A cluster's own certificate authority, kept in memory only. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  serverPair(hosts: readonly string[]): Promise<KeyPair>;
  clientPair(identity: ClientIdentity): Promise<KeyPair>;
}

const pem = (label: string, der: ArrayBuffer): string => {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
};

const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^./, '1');

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

export async function createAuthority(clusterName: string): Promise<Authority> {
  const keys = await generateKeys();
  const notBefore = new Date(Date.now() - dayMs);
  const issuer = `CN=${clusterName}-ca`;
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: issuer,
    notBefore,
    notAfter: new Date(Date.now() + 3650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  async function issue(
    subject: x509.JsonName,
    usage: x509.ExtendedKeyUsage,
    more: readonly x509.Extension[],
    notAfter: Date,
  ): Promise<KeyPair> {
    const own = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject,
      issuer,
      notBefore: new Date(Math.min(notBefore.getTime(), notAfter.getTime() - dayMs)),
      notAfter,
      signingAlgorithm: algorithm,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...more,
      ],
    });
    return {
      certificate: `${certificate.toString('pem')}\n`,
      key: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', own.privateKey)),
    };
  }

  const inAYear = new Date(Date.now() + 365 * dayMs);
  return {
    certificate: `${root.toString('pem')}\n`,
    serverPair: (hosts) =>
      issue(
        [{ CN: ['kube-apiserver'] }],
        x509.ExtendedKeyUsage.serverAuth,
        [
          new x509.SubjectAlternativeNameExtension(
            hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
          ),
        ],
        inAYear,
      ),
    clientPair: ({ user, groups = [], notAfter = inAYear }) =>
      issue(
        [...groups.map((group) => ({ O: [group] })), { CN: [user] }],
        x509.ExtendedKeyUsage.clientAuth,
        [],
        notAfter,
      ),
  };
}
