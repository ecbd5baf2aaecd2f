import { request } from 'node:http';
import { clusterFaults, type ClusterFaults, type ClusterInfo, type LabCluster } from '../cluster/lab-cluster.js';
import { LabError } from '../lab-error.js';
import type { LabAnswer, LabRequest } from './serve.js';
import type { LabSpec } from './start.js';

/** Longer than any start inside, and than building a binary that is asked for. */
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

/** The named clusters of a lab that another process runs; those that are not up yet are started, for `user`. */
export async function connectLab(
  socketPath: string,
  clusters: LabSpec['clusters'],
  user: string,
): Promise<Readonly<Record<string, LabCluster>>> {
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
