// Between a client and the API servers of a cluster: plain HTTP here, the administrator's TLS there. So a test says what of
// a watch arrives, and when, and which server is asked.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient } from '../../../src/kube/index.js';

/** Gives the kubeconfig of the API server that takes a request. */
export type Route = (request: { readonly path: string; readonly isWatch: boolean }) => string;

export interface ApiGate {
  /** A client of what is behind the gate; the caller closes it. */
  client(): KubeClient;
  /** From now on nothing arrives of what watches of endpoint slices say. */
  withhold(): void;
  /** What was withheld arrives, and all that comes. */
  deliver(): void;
  /** What was withheld is lost: the watches break, and new ones say all. */
  lose(): void;
  /** As `lose`, and the next watch that would go on where it ended is too late: 410. */
  expire(): void;
  /** Breaks every connection; new requests go as this says. */
  reroute(route: Route): void;
  /** Requests so far. */
  asked(): number;
  close(): Promise<void>;
}

interface Watch {
  readonly answer: http.ServerResponse;
  readonly withheld: Buffer[];
}

/** `name` is the cluster's. */
export async function openApiGate(name: string, first: Route): Promise<ApiGate> {
  const watches = new Set<Watch>();
  let route = first;
  let [isWithholding, isExpired, asked] = [false, false, 0];

  async function pass(request: http.IncomingMessage, answer: http.ServerResponse): Promise<void> {
    asked += 1;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://gate');
    const isWatch = searchParams.has('watch');
    const isGated = isWatch && pathname.endsWith('/endpointslices');
    if (isGated && isExpired && !searchParams.has('sendInitialEvents')) {
      isExpired = false;
      answer
        .writeHead(410, { 'content-type': 'application/json' })
        .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 }));
      return;
    }
    const file = route({ path: pathname, isWatch });
    const { server, ca, clientCertificate, clientKey } = await credentialsFromKubeconfig({
      cluster: name,
      file,
    }).read();
    const { method, headers } = request;
    const agent = { agent: false, ca, cert: clientCertificate, key: clientKey };
    const onward = https.request(new URL(request.url ?? '', server), { ...agent, method, headers });
    answer.on('close', () => onward.destroy());
    onward.on('error', () => answer.destroy());
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers).flushHeaders();
      if (!isGated) {
        response.on('error', () => answer.destroy()).pipe(answer);
        return;
      }
      const watch: Watch = { answer, withheld: [] };
      watches.add(watch);
      answer.on('close', () => watches.delete(watch));
      response
        .on('data', (chunk: Buffer) => {
          if (isWithholding) watch.withheld.push(chunk);
          else answer.write(chunk);
        })
        .on('error', () => answer.destroy())
        .on('end', () => answer.end());
    });
    request.pipe(onward);
  }
  const server = http.createServer((request, answer) => void pass(request, answer).catch(() => answer.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: {} }],
  });
  const lose = (): void => {
    isWithholding = false;
    for (const { answer } of watches) answer.destroy();
  };
  return {
    client: () => createKubeClient({ name, credentials: credentialsFromKubeconfig({ cluster: name, text }) }),
    withhold: () => void (isWithholding = true),
    deliver() {
      isWithholding = false;
      for (const { answer, withheld } of watches) for (const chunk of withheld.splice(0)) answer.write(chunk);
    },
    lose,
    expire() {
      isExpired = true;
      lose();
    },
    reroute(next) {
      route = next;
      server.closeAllConnections();
    },
    asked: () => asked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
