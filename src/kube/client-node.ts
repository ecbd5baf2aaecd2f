import type { KubeConfig } from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { ExecResult } from './client.js';
import { checkCertificate, type Credentials, type CredentialsSource, rereadOnChange } from './credentials.js';
import { KubeError } from './error.js';

// The one file that knows client-node: it reads kubeconfigs, runs auth plugins and speaks exec streams. Imported lazily.

export interface KubeconfigOptions {
  /** The cluster's name in the fleet, for errors. */
  readonly cluster: string;
  /** Path of a kubeconfig; it is read again when it changes. */
  readonly file?: string | undefined;
  /** The kubeconfig itself, YAML or JSON, instead of a file. */
  readonly text?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
}

interface Loaded {
  readonly config: KubeConfig;
  readonly files: readonly string[];
}

async function load(options: KubeconfigOptions): Promise<Loaded> {
  const { cluster, file, text } = options;
  const origin = file ?? 'the given kubeconfig';
  const fail = (what: string, hint: string, cause?: unknown): KubeError =>
    new KubeError('KUBE_CREDENTIALS', `cluster ${cluster}: ${what}`, { path: cluster, hint, cause });
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  let content: string;
  try {
    content = text ?? readFileSync(file ?? '', 'utf8');
  } catch (error) {
    throw fail(
      `can't read the kubeconfig ${origin}: ${error instanceof Error ? error.message : String(error)}`,
      'check the path and its permissions',
      error,
    );
  }
  try {
    config.loadFromString(content);
  } catch (error) {
    throw fail(
      `${origin} is not a kubeconfig: ${error instanceof Error ? error.message : String(error)}`,
      'see "kubectl config view"',
      error,
    );
  }
  const wanted = options.context ?? config.getCurrentContext();
  const contexts = config.getContexts().map(({ name }) => name);
  if (!contexts.includes(wanted)) {
    throw fail(
      `${origin} has no context "${wanted}"; it has ${contexts.join(', ') || 'none'}`,
      'name one of these in the fleet',
    );
  }
  // This object is ours alone and never shared, so choosing its context switches nothing under anybody.
  config.setCurrentContext(wanted);
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null) {
    throw fail(
      `the context "${wanted}" of ${origin} names a cluster or user that is not there`,
      'see "kubectl config view"',
    );
  }
  const at = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const files = [file, at?.caFile, user?.certFile, user?.keyFile].filter((path) => path !== undefined);
  return { config, files };
}

/**
 * Credentials from a kubeconfig: certificates, tokens, token files and exec plugins. Files are read again when they change.
 *
 * @example
 * const credentials = credentialsFromKubeconfig({ cluster: 'bc-a', file: '/etc/youzan/bc-a.kubeconfig' });
 */
export function credentialsFromKubeconfig(options: KubeconfigOptions): CredentialsSource {
  let files: readonly string[] = options.file === undefined ? [] : [options.file];
  let config: KubeConfig | undefined;
  const parsed = rereadOnChange(
    () => files,
    async () => {
      const loaded = await load(options);
      config = loaded.config;
      files = loaded.files;
      return await snapshot(options, loaded.config);
    },
  );
  return {
    async read(): Promise<Credentials> {
      const fixed = await parsed.read();
      const user = config?.getCurrentUser();
      // Tokens from a plugin or a file end and are renewed: client-node keeps them as long as they are good.
      if (config === undefined || (user?.exec === undefined && user?.authProvider === undefined)) return fixed;
      return await snapshot(options, config);
    },
  };
}

async function snapshot(options: KubeconfigOptions, config: KubeConfig): Promise<Credentials> {
  const { cluster } = options;
  const origin = options.file ?? 'the given kubeconfig';
  const at = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const request: {
    headers: Record<string, string>;
    cert?: Buffer | string;
    key?: Buffer | string;
    ca?: Buffer | string;
  } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(request);
  } catch (error) {
    throw new KubeError(
      'KUBE_CREDENTIALS',
      `cluster ${cluster}: ${origin}: ${error instanceof Error ? error.message : String(error)}`,
      {
        path: cluster,
        hint: 'check the user in the kubeconfig, its files and its plugin',
        cause: error,
      },
    );
  }
  const text = (value: Buffer | string | undefined): string | undefined =>
    value === undefined ? undefined : value.toString();
  const clientCertificate = text(request.cert);
  if (clientCertificate !== undefined) checkCertificate(cluster, clientCertificate, origin);
  const bearer = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return {
    server: at?.server ?? '',
    ca: text(request.ca),
    clientCertificate,
    clientKey: text(request.key),
    token: bearer?.startsWith('Bearer ') === true ? bearer.slice('Bearer '.length) : user?.token,
    skipTlsVerify: at?.skipTLSVerify ?? false,
    serverName: at?.tlsServerName,
  };
}

/** Runs a command in a container and waits for its end. */
export async function exec(
  credentials: Credentials,
  target: {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
    readonly command: readonly string[];
  },
  signal: AbortSignal,
): Promise<ExecResult> {
  const { Exec, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const base64 = (pem: string | undefined): string | undefined =>
    pem === undefined ? undefined : Buffer.from(pem).toString('base64');
  config.loadFromClusterAndUser(
    {
      name: 'cluster',
      server: credentials.server,
      caData: base64(credentials.ca),
      skipTLSVerify: credentials.skipTlsVerify,
      tlsServerName: credentials.serverName,
    },
    {
      name: 'user',
      certData: base64(credentials.clientCertificate),
      keyData: base64(credentials.clientKey),
      token: credentials.token,
    },
  );
  const collect = (): { stream: PassThrough; text: () => string } => {
    const chunks: Buffer[] = [];
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
  };
  const out = collect();
  const err = collect();
  signal.throwIfAborted();
  return await new Promise<ExecResult>((resolve, reject) => {
    let socket: { close(): void } | undefined;
    const abort = (): void => {
      socket?.close();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    new Exec(config)
      .exec(
        target.namespace,
        target.pod,
        target.container,
        [...target.command],
        out.stream,
        err.stream,
        null,
        false,
        (status) => {
          signal.removeEventListener('abort', abort);
          const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
          if (status.status === 'Success') resolve({ stdout: out.text(), stderr: err.text(), exitCode: 0 });
          else if (code !== undefined) resolve({ stdout: out.text(), stderr: err.text(), exitCode: Number(code) });
          else reject(new Error(status.message ?? 'exec failed'));
        },
      )
      .then(
        (opened) => {
          socket = opened;
          opened.on('error', reject);
        },
        (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))),
      );
  });
}
