import { request } from 'node:http';
import { clusterFaults, type ClusterFaults, type ClusterInfo, type LabCluster } from '../cluster/lab-cluster.js';
import { LabError } from '../lab-error.js';
import type { LabAnswer, LabRequest } from './serve.js';
import type { LabSpec } from './start.js';

/** Longer than any start inside, than building a binary that is asked for, and than another's use of a cluster. */
const deadlineMs = 600_000;

async function ask(socketPath: string, question: LabRequest): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const call = request({ socketPath, method: 'POST', signal: AbortSignal.timeout(deadlineMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response
        .on('data', (piece: string) => (body += piece))
        .on('end', () => resolve(body))
        .on('error', reject);
    });
    call.on('error', reject).end(JSON.stringify(question));
  });
  const answer = JSON.parse(text) as LabAnswer;
  if ('error' in answer) throw new LabError(answer.error);
  return answer.result;
}

const staying = new Map<string, Promise<void>>();

/** Lets the lab know until this process ends that it is there. */
function stay(socketPath: string, user: string): Promise<void> {
  const question: LabRequest = { ask: 'stay', user };
  const known =
    staying.get(user) ??
    new Promise<void>((resolve, reject) => {
      const call = request({ socketPath, method: 'POST', agent: false }, (response) => {
        response.resume();
        response.socket.unref();
        resolve();
      });
      call.on('error', reject).end(JSON.stringify(question));
    });
  staying.set(user, known);
  return known;
}

/**
 * The named clusters of a lab that another process runs; those that are not up yet are started, for `user`. Until this process
 * ends nobody else gets them.
 */
export async function connectLab(
  socketPath: string,
  clusters: LabSpec['clusters'],
  user: string,
): Promise<Readonly<Record<string, LabCluster>>> {
  await stay(socketPath, user);
  const found = (await ask(socketPath, { ask: 'clusters', clusters, user })) as readonly ClusterInfo[];
  return Object.fromEntries(
    found.map((info) => {
      const faults = clusterFaults.map((fault) => [
        fault,
        (...args: readonly unknown[]) => ask(socketPath, { ask: 'fault', cluster: info.name, fault, args }),
      ]);
      return [info.name, { ...info, ...(Object.fromEntries(faults) as ClusterFaults) }];
    }),
  );
}
