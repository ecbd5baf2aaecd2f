import { afterEach } from 'vitest';
import {
  createKubeClient,
  type Credentials,
  isKubeError,
  type KubeClient,
  type KubeError,
} from '../../src/kube/index.js';
import { ApiStand } from './api-stand.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Ends something with the test that began it, last begun first. */
export function endWithTest(end: () => Promise<void>): void {
  ends.push(end);
}

export async function startStand({ tls = false } = {}): Promise<ApiStand> {
  const stand = await (tls ? ApiStand.startTls() : ApiStand.start());
  endWithTest(() => stand.stop());
  return stand;
}

/** Credentials for a stand, without anything that it does not ask for. */
export function credentialsFor(stand: { readonly url: string }, more: Partial<Credentials> = {}): Credentials {
  return {
    server: stand.url,
    ca: undefined,
    clientCertificate: undefined,
    clientKey: undefined,
    token: undefined,
    skipTlsVerify: false,
    serverName: undefined,
    ...more,
  };
}

/** A client of cluster `bc-a` that tries nothing twice, unless it is told to. */
export function clientOf(
  stand: { readonly url: string },
  more: { readonly name?: string; readonly retries?: number; readonly credentials?: Partial<Credentials> } = {},
): KubeClient {
  const { name = 'bc-a', retries = 0, credentials = {} } = more;
  const client = createKubeClient({
    name,
    retries,
    credentials: { read: () => Promise.resolve(credentialsFor(stand, credentials)) },
  });
  endWithTest(() => client.close());
  return client;
}

/** The error of a call that must fail. */
export async function failureOfCall(call: Promise<unknown>): Promise<KubeError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKubeError(error)) throw new Error(`not a KubeError: ${String(error)}`, { cause: error });
  return error;
}
