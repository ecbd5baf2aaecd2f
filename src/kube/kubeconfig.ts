import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Cluster, type KubeConfig, parseKubeconfig, requestOptions, type User } from './client-node.js';
import { checkCertificate, type Credentials, type CredentialsSource, rereadOnChange } from './credentials.js';
import { KubeError } from './error.js';

export interface KubeconfigOptions {
  /** The cluster's name in the fleet, for errors. */
  readonly cluster: string;
  /** Path of a kubeconfig; it is read again when it changes. Paths in it are relative to its folder. */
  readonly file?: string | undefined;
  /** The kubeconfig itself, YAML or JSON, instead of a file. */
  readonly text?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
}

/**
 * Credentials from a kubeconfig: certificates, tokens, token files and exec plugins. Files are read again when they change.
 *
 * @throws KubeError `KUBE_CREDENTIALS` (from `read`) for what is missing, expired, or not supported: impersonation, a
 * user name with a password, a proxy.
 *
 * @example
 * const credentials = credentialsFromKubeconfig({ cluster: 'bc-a', file: '/etc/youzan/bc-a.kubeconfig' });
 */
export function credentialsFromKubeconfig(options: KubeconfigOptions): CredentialsSource {
  let loaded: Loaded | undefined;
  const parsed = rereadOnChange(
    () => loaded?.files ?? (options.file === undefined ? [] : [options.file]),
    async () => {
      loaded = await load(options);
      return await snapshot(options, loaded);
    },
  );
  return {
    async read(): Promise<Credentials> {
      const fixed = await parsed.read();
      // What a plugin gives ends and is renewed: client-node keeps it as long as it is good.
      if (loaded === undefined || !hasPlugin(loaded.user)) return fixed;
      return await snapshot(options, loaded);
    },
  };
}

/** A kubeconfig with its context chosen. */
interface Loaded {
  readonly config: KubeConfig;
  readonly at: Cluster;
  readonly user: User;
  readonly tokenFile: string | undefined;
  /** All that it was read from. */
  readonly files: readonly string[];
}

const originOf = ({ file }: KubeconfigOptions): string => file ?? 'the given kubeconfig';
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const hasPlugin = ({ exec, authProvider }: User): boolean => exec != null || authProvider != null;

function failure({ cluster }: KubeconfigOptions, what: string, hint: string, cause?: unknown): KubeError {
  return new KubeError('KUBE_CREDENTIALS', `cluster ${cluster}: ${what}`, { path: cluster, hint, cause });
}

async function load(options: KubeconfigOptions): Promise<Loaded> {
  const { file, text } = options;
  const origin = originOf(options);
  let content: string;
  try {
    content = text ?? readFileSync(file ?? '', 'utf8');
  } catch (error) {
    const what = `can't read the kubeconfig ${origin}: ${messageOf(error)}`;
    throw failure(options, what, 'check the path and its permissions', error);
  }
  let config: KubeConfig;
  try {
    config = await parseKubeconfig(content);
  } catch (error) {
    throw failure(options, `${origin} is not a kubeconfig: ${messageOf(error)}`, 'see "kubectl config view"', error);
  }
  if (file !== undefined) config.makePathsAbsolute(dirname(resolve(file)));
  const { at, user } = chooseContext(options, config);
  const tokenFile = tokenFileOf(content, user.name);
  const fromFolder = tokenFile === undefined || file === undefined ? tokenFile : resolve(dirname(file), tokenFile);
  const files = [file, at.caFile, user.certFile, user.keyFile, fromFolder].filter((path) => path != null);
  return { config, at, user, tokenFile: fromFolder, files };
}

function chooseContext(options: KubeconfigOptions, config: KubeConfig): { readonly at: Cluster; readonly user: User } {
  const origin = originOf(options);
  const wanted = options.context ?? config.getCurrentContext();
  const contexts = config.getContexts();
  const context = contexts.find(({ name }) => name === wanted);
  if (context === undefined) {
    const names = contexts.map(({ name }) => name).join(', ') || 'none';
    throw failure(options, `${origin} has no context "${wanted}"; it has ${names}`, 'name one of these in the fleet');
  }
  // This object is ours alone and never shared, so choosing its context switches nothing under anybody.
  config.setCurrentContext(wanted);
  const at = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const lacking = (what: string, name: string): KubeError =>
    failure(
      options,
      `the context "${wanted}" of ${origin} names ${what} "${name}", which is not there`,
      `add ${what}, or correct the context`,
    );
  if (at === null) throw lacking('the cluster', context.cluster);
  if (user === null) throw lacking('the user', context.user);
  const unsupported: readonly (readonly [string, unknown])[] = [
    ['proxy-url', at.proxyUrl],
    ['as', user.impersonateUser],
    ['username', user.username],
  ];
  for (const [key, value] of unsupported) {
    if (value != null)
      throw failure(
        options,
        `the context "${wanted}" of ${origin} has "${key}", which is not supported`,
        'use a certificate, a token, a token file or an exec plugin, without a proxy between',
      );
  }
  if (!/^https?:\/\//.test(at.server))
    throw failure(options, `${origin} has the server "${at.server}"; allowed is a URL`, 'write https://host:port');
  return { at, user };
}

/** `tokenFile` of a user, a key that client-node does not know. */
function tokenFileOf(content: string, user: string): string | undefined {
  const { users } = parse(content) as {
    readonly users?: readonly { readonly name?: string; readonly user?: { readonly tokenFile?: string } }[];
  };
  return users?.find(({ name }) => name === user)?.user?.tokenFile;
}

async function snapshot(options: KubeconfigOptions, { config, at, user, tokenFile }: Loaded): Promise<Credentials> {
  const origin = originOf(options);
  try {
    const { ca, cert, key, authorization } = await requestOptions(config);
    if (cert !== undefined) checkCertificate(options.cluster, cert, user.certFile ?? origin, new Date());
    const bearer = authorization?.startsWith('Bearer ') === true ? authorization.slice('Bearer '.length) : user.token;
    return {
      server: at.server,
      ca,
      clientCertificate: cert,
      clientKey: key,
      token: tokenFile === undefined ? bearer : readFileSync(tokenFile, 'utf8').trim(),
      skipTlsVerify: at.skipTLSVerify,
      serverName: at.tlsServerName,
    };
  } catch (error) {
    if (error instanceof KubeError) throw error;
    throw failure(
      options,
      `${origin}: ${messageOf(error)}`,
      'check the user in the kubeconfig, its files and its plugin',
      error,
    );
  }
}
