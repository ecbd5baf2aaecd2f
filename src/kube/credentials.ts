import { readFileSync, statSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { KubeError } from './error.js';

/** All that a connection to one cluster needs, at one moment. Never changed in place. */
export interface Credentials {
  /** `https://host:port`, without a path behind it. */
  readonly server: string;
  /** PEM. */
  readonly ca: string | undefined;
  /** PEM. */
  readonly clientCertificate: string | undefined;
  /** PEM. */
  readonly clientKey: string | undefined;
  readonly token: string | undefined;
  readonly skipTlsVerify: boolean;
  readonly serverName: string | undefined;
}

/** Where a cluster's credentials come from. Asked before each connection and each request; cheap when nothing changed. */
export interface CredentialsSource {
  /** Throws a {@link KubeError} `KUBE_CREDENTIALS` that names the cluster, what was tried and what to do. */
  read(): Promise<Credentials>;
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** A source that reads files again when one of them changes. */
export function rereadOnChange(
  files: () => readonly string[],
  load: () => Promise<Credentials> | Credentials,
): CredentialsSource {
  let stamp = '';
  let credentials: Promise<Credentials> | undefined;
  return {
    read(): Promise<Credentials> {
      const now = files().map(changeTime).join();
      if (credentials === undefined || now !== stamp) {
        stamp = now;
        const loading = Promise.resolve().then(load);
        credentials = loading;
        // A failed read is tried again by the next call.
        loading.catch(() => {
          if (credentials === loading) credentials = undefined;
        });
      }
      return credentials;
    },
  };
}

function changeTime(file: string): string {
  try {
    const { mtimeMs, ino } = statSync(file);
    return `${mtimeMs}/${ino}`;
  } catch {
    return 'absent';
  }
}

/**
 * The service account of the pod that this process runs in; its token is read again when the kubelet renews it.
 *
 * @throws KubeError `KUBE_CREDENTIALS` (from `read`) outside a pod.
 */
export function credentialsInCluster(options: {
  readonly cluster: string;
  readonly folder?: string;
  readonly server?: string;
}): CredentialsSource {
  const folder = options.folder ?? serviceAccountFolder;
  const files = [`${folder}/token`, `${folder}/ca.crt`];
  return rereadOnChange(
    () => files,
    () => {
      const host = process.env['KUBERNETES_SERVICE_HOST'];
      const port = process.env['KUBERNETES_SERVICE_PORT'] ?? '443';
      const server =
        options.server ??
        (host === undefined ? undefined : `https://${host.includes(':') ? `[${host}]` : host}:${port}`);
      if (server === undefined) {
        throw new KubeError(
          'KUBE_CREDENTIALS',
          `cluster ${options.cluster}: KUBERNETES_SERVICE_HOST is not set, so this process is not in a pod`,
          {
            path: options.cluster,
            hint: 'give a kubeconfig instead',
          },
        );
      }
      try {
        return {
          server,
          ca: readFileSync(`${folder}/ca.crt`, 'utf8'),
          clientCertificate: undefined,
          clientKey: undefined,
          token: readFileSync(`${folder}/token`, 'utf8').trim(),
          skipTlsVerify: false,
          serverName: undefined,
        };
      } catch (error) {
        throw new KubeError(
          'KUBE_CREDENTIALS',
          `cluster ${options.cluster}: can't read the service account in ${folder}: ${String(error)}`,
          {
            path: options.cluster,
            hint: 'mount a service account token, or give a kubeconfig',
            cause: error,
          },
        );
      }
    },
  );
}

/** Throws when a client certificate is no longer, or not yet, valid. */
export function checkCertificate(cluster: string, pem: string, origin: string, now: Date): void {
  const fail = (what: string, hint: string, cause?: unknown): KubeError =>
    new KubeError('KUBE_CREDENTIALS', `cluster ${cluster}: the client certificate in ${origin} ${what}`, {
      path: cluster,
      hint,
      cause,
    });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw fail('is not a PEM certificate', 'write the kubeconfig anew', error);
  }
  const subject = certificate.subject.replaceAll('\n', ', ');
  if (Date.parse(certificate.validTo) < now.getTime()) {
    throw fail(
      `(${subject}) expired at ${certificate.validTo}`,
      'renew the certificate and write it to the kubeconfig; it is read again when the file changes',
    );
  }
  if (Date.parse(certificate.validFrom) > now.getTime()) {
    throw fail(`(${subject}) is not valid before ${certificate.validFrom}`, "check this machine's clock");
  }
}
