// A lab belongs to one process, and its processes die with that one. Others, such as the workers that run tests, reach it
// through a Unix socket in its folder: one JSON request, one JSON answer. A user says first that it is there, and is until that
// connection ends: for so long nobody else gets its clusters.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { clusterFaults, type ClusterInfo } from '../cluster/lab-cluster.js';
import { LabError } from '../lab-error.js';
import { createLeases, type Leases } from './leases.js';
import type { Lab, LabSpec } from './start.js';

export type LabRequest =
  | { readonly ask: 'stay'; readonly user: string }
  /** `user` says for whom: see `Lab.add`. */
  | { readonly ask: 'clusters'; readonly clusters: LabSpec['clusters']; readonly user: string }
  | { readonly ask: 'fault'; readonly cluster: string; readonly fault: string; readonly args: readonly unknown[] };

export type LabAnswer = { readonly result?: unknown } | { readonly error: string };

async function bodyOf(request: IncomingMessage): Promise<LabRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as LabRequest;
}

async function answerTo(lab: Lab, leases: Leases, request: Exclude<LabRequest, { ask: 'stay' }>): Promise<unknown> {
  if (request.ask === 'clusters') {
    await leases.take(Object.keys(request.clusters), request.user);
    await lab.add(request.clusters, request.user);
    return Object.keys(request.clusters).map((name): ClusterInfo => {
      const { idc, kubeconfig, url, logFolder, nodes } = lab.cluster(name);
      return { name, idc, kubeconfig, url, logFolder, nodes };
    });
  }
  const fault = clusterFaults.find((name) => name === request.fault);
  if (fault === undefined) throw new LabError(`no such fault: ${request.fault}`);
  const apply = lab.cluster(request.cluster)[fault] as (...args: readonly unknown[]) => Promise<unknown>;
  return apply(...request.args);
}

/** Serves the lab until its process ends, and gives the socket's path. */
export async function serveLab(lab: Lab): Promise<string> {
  const leases = createLeases();
  const stay = (user: string, response: ServerResponse): void => {
    response.on('close', () => {
      leases.release(user);
      lab.leave(user);
    });
    response.flushHeaders();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (body.ask === 'stay') {
      stay(body.user, response);
      return;
    }
    const told = await answerTo(lab, leases, body).then(
      (result): LabAnswer => ({ result }),
      (error: unknown): LabAnswer => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    response.end(JSON.stringify(told));
  };
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const path = join(lab.folder, 'control.sock');
  const server = createServer(respond);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  server.unref();
  return path;
}
