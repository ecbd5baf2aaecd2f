import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createKubeClient, credentialsFromKubeconfig, resources } from '../../src/kube/index.js';
import { references } from './images/lab-images.js';
import { leftovers, processesInContainers } from './lab/leftovers.js';
import { readRecord } from './lab/record.js';
import { startLab } from './lab/start.js';
import { readyPods } from './node/pods.js';
import { isAlive } from './processes/identity.js';

const namespace = 'default';
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'sleeper', namespace, labels: { app: 'sleeper' } },
  spec: { containers: [{ name: 'app', image: references.busybox, command: ['sleep', '600'] }] },
};

interface Held {
  readonly process: ChildProcess;
  readonly folder: string;
}

/** A lab in a process of its own, with a pod running on its node. */
async function hold(): Promise<Held> {
  const script = fileURLToPath(new URL('node/hold.ts', import.meta.url));
  const process_ = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  held.push(process_);
  const [line] = await Promise.race([
    once(createInterface({ input: process_.stdout }), 'line') as Promise<[string]>,
    once(process_, 'exit').then(([code]) => {
      throw new Error(`the lab's process ended with ${String(code)}; why stands above`);
    }),
  ]);
  const { folder, kubeconfig } = JSON.parse(line) as { readonly folder: string; readonly kubeconfig: string };
  const text = readFileSync(kubeconfig, 'utf8');
  const client = createKubeClient({ name: 'held', credentials: credentialsFromKubeconfig({ cluster: 'held', text }) });
  await client.create(resources.pods, pod);
  await readyPods(client, namespace, 'app=sleeper', 1);
  await client.close();
  return { process: process_, folder };
}

const held: ChildProcess[] = [];

describe('a lab with a node', () => {
  afterEach(() => {
    for (const process_ of held.splice(0)) process_.kill('SIGKILL');
  });

  it('takes everything away when its process is told to end', async () => {
    const lab = await hold();
    expect(leftovers(lab.folder)).not.toEqual([]);
    expect(processesInContainers(lab.folder)).not.toEqual([]);
    const made = readRecord(join(lab.folder, 'record.jsonl')).filter((made) => made.kind === 'process');
    lab.process.kill('SIGTERM');
    await once(lab.process, 'exit');
    expect(made.filter(isAlive)).toEqual([]);
    expect(leftovers(lab.folder)).toEqual([]);
  });

  it('leaves no process when its own is killed, and the next lab takes the rest away', async () => {
    const lab = await hold();
    expect(processesInContainers(lab.folder)).not.toEqual([]);
    const made = readRecord(join(lab.folder, 'record.jsonl')).filter((made) => made.kind === 'process');
    lab.process.kill('SIGKILL');
    const alive = (): readonly string[] => made.filter(isAlive).map(({ name }) => name);
    await expect.poll(alive, { timeout: 10_000 }).toEqual([]);
    expect(processesInContainers(lab.folder)).toEqual([]);
    expect(leftovers(lab.folder)).not.toEqual([]);
    (await startLab({ clusters: {} })).stop();
    expect(leftovers(lab.folder)).toEqual([]);
  });
});
