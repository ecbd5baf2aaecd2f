import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';

// The one file that knows client-node: it reads kubeconfigs and runs auth plugins. The package is loaded only here, and
// only when there is a kubeconfig to read.

export type { Cluster, KubeConfig, User };

/** Reads the text of a kubeconfig; throws what client-node says of it. */
export async function parseKubeconfig(text: string): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}

/** What client-node would give a request of the current context. */
export interface RequestOptions {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
}

/** Reads the files and runs the plugin of the current context's user; tokens that a plugin gave are kept while they last. */
export async function requestOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: {
    headers: Record<string, string>;
    ca?: Buffer | string;
    cert?: Buffer | string;
    key?: Buffer | string;
  } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const header = Object.entries(options.headers).find(([name]) => name.toLowerCase() === 'authorization');
  return {
    ca: options.ca?.toString(),
    cert: options.cert?.toString(),
    key: options.key?.toString(),
    authorization: header?.[1],
  };
}
