import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, ContainerStatus, PodSpec } from 'kubernetes-types/core/v1.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resources } from '../../../../src/kube/resource.js';
import { startControllers } from '../../../../src/testing/cluster/controllers/controllers.js';
import { getOf, kinds, type PodObject } from '../../../../src/testing/cluster/controllers/objects.js';
import { randomSubnet } from '../../../../src/testing/cluster/kubelet/addresses.js';
import { createKubelet, type Kubelet } from '../../../../src/testing/cluster/kubelet/kubelet.js';
import type { PodEvent } from '../../../../src/testing/cluster/kubelet/pod-worker.js';
import { findProcesses } from '../../../../src/testing/cluster/kubelet/processes.js';
import { createStore, type MemoryStore } from '../../../../src/testing/cluster/memory-store.js';
import { until } from '../until.js';

let store: MemoryStore;
let kubelet: Kubelet;
let folder: string;
let clusterId: string;
let controllers: { stop(): void };
const events: PodEvent[] = [];
const errors: unknown[] = [];

beforeEach(() => {
  store = createStore();
  folder = mkdtempSync(join(tmpdir(), 'youzan-kube-test-'));
  clusterId = randomUUID();
  events.length = 0;
  errors.length = 0;
  const onError = (...error: unknown[]): void => void errors.push(error);
  controllers = startControllers({ store, onError });
  kubelet = createKubelet({
    store,
    subnet: randomSubnet(),
    nodes: [{ name: 'node-1', zone: 'bc', version: 'v1.34.4' }],
    clusterId,
    folder,
    workdir: folder,
    environment: { EXTRA: 'extra' },
    restartBackoffMs: 50,
    onEvent: (event) => void events.push(event),
    onError,
  });
  kubelet.start();
});
afterEach(async () => {
  controllers.stop();
  await kubelet.stop(0);
  expect(findProcesses('YOUZAN_CLUSTER_ID', clusterId)).toEqual([]);
  rmSync(folder, { recursive: true });
  expect(errors).toEqual([]);
});

/** Starts a pod `web` whose container runs a shell script. */
function start(script: string, container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): void {
  const app = { name: 'app', image: 'app', command: ['/bin/sh', '-c', script], ...container };
  const metadata = { name: 'web', namespace: 'default' };
  store.create(
    resources.pods,
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [app], ...spec } },
    'test',
  );
}
const pod = (): PodObject | undefined => getOf(store, kinds.pods, 'default', 'web');
const status = (): ContainerStatus | undefined => pod()?.status?.containerStatuses?.[0];
const condition = (type: string): string | undefined =>
  pod()?.status?.conditions?.find((one) => one.type === type)?.status;
const ready = (): Promise<unknown> => until(store, 'ready', () => condition('Ready') === 'True');
const gone = (): Promise<unknown> => until(store, 'gone', () => pod() === undefined);
const log = (): Promise<string> => kubelet.runtime.logs('default', 'web', {});
const remove = (gracePeriodSeconds?: number): void =>
  store.delete(resources.pods, 'default', 'web', gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
const reasons = (): string[] => store.list(resources.events).map((event) => String(event.reason));
const hook = (script: string): { exec: { command: string[] } } => ({ exec: { command: ['/bin/sh', '-c', script] } });
const logged = (text: string): Promise<unknown> => expect.poll(log, { interval: 10, timeout: 10_000 }).toContain(text);

describe('a pod', () => {
  it('runs with an address of its own, and its output is its log', async () => {
    start('echo "$EXTRA $LISTEN_HOST"; echo error >&2; exec sleep 1000');
    await ready();
    const ip = pod()?.status?.podIP ?? '';
    await logged(`extra ${ip}\nerror\n`);
    expect(await kubelet.runtime.logs('default', 'web', { tailLines: 1 })).toBe('error\n');
    expect(pod()?.status).toMatchObject({ phase: 'Running', hostIP: ip.replace(/\d+$/, '1'), podIPs: [{ ip }] });
    expect(kubelet.pods()).toMatchObject([{ name: 'web', ip, ready: true, restartCount: 0 }]);
  });

  it('is told of synchronously, in the order of its life', async () => {
    start('exec sleep 1000');
    await ready();
    remove(0);
    await expect
      .poll(() => events.map(({ type }) => type))
      .toEqual(['pod-started', 'pod-ready', 'pod-terminating', 'pod-terminated']);
  });

  it('answers exec with output and exit code', async () => {
    start('exec sleep 1000');
    await ready();
    const said = { out: '', err: '' };
    const code = await kubelet.runtime.exec(
      'default',
      'web',
      ['/bin/sh', '-c', 'echo $YOUZAN_HOST; echo no >&2; exit 3'],
      {
        stdout: (chunk) => void (said.out += chunk.toString()),
        stderr: (chunk) => void (said.err += chunk.toString()),
        signal: new AbortController().signal,
      },
    );
    expect([code, said.out, said.err]).toEqual([3, `${pod()?.status?.podIP ?? ''}\n`, 'no\n']);
  });

  it('that it cannot run waits with the reason, and makes no endless row of replacements', async () => {
    start('true', {}, { volumes: [{ name: 'v', emptyDir: {} }] });
    await until(store, 'refused', () => status()?.state?.waiting?.reason === 'NotModelled');
    expect(pod()?.status).toMatchObject({ phase: 'Pending', message: expect.stringContaining('volumes') as string });
    remove();
    await gone();
  });

  it('is ready only when its readiness gates are', async () => {
    start('exec sleep 1000', {}, { readinessGates: [{ conditionType: 'youzan.com/published' }] });
    await until(store, 'containers ready', () => condition('ContainersReady') === 'True');
    expect(condition('Ready')).toBe('False');
    const gate = { type: 'youzan.com/published', status: 'True' };
    const conditions = [...(pod()?.status?.conditions ?? []), gate];
    store.update(resources.pods, { ...pod()!, status: { ...pod()!.status, conditions } }, 'test', 'status');
    await ready();
  });

  it('that never restarts ends with its exit code, signal and message', async () => {
    start('echo why > "$YOUZAN_TERMINATION_LOG"; kill -KILL $$', {}, { restartPolicy: 'Never' });
    await until(store, 'failed', () => pod()?.status?.phase === 'Failed');
    expect(status()?.state?.terminated).toMatchObject({ exitCode: 137, signal: 9, reason: 'Error', message: 'why\n' });
  });

  it('that exits is started again, with back-off and its last state', async () => {
    start('exit 3');
    await until(store, 'back-off', () => status()?.state?.waiting?.reason === 'CrashLoopBackOff');
    expect(status()?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    await until(store, 'third start', () => (status()?.restartCount ?? 0) >= 3);
    expect(reasons()).toContain('BackOff');
  });

  it('starts each time with an empty state folder', async () => {
    start('ls -A "$YOUZAN_STATE_DIR"; echo seen; touch "$YOUZAN_STATE_DIR/mark"; exit 1');
    await until(store, 'third start', () => (status()?.restartCount ?? 0) >= 2);
    expect(await log()).not.toContain('mark');
  });

  it('leaves no process when its entrypoint ends, not even one in a session of its own', async () => {
    start('setsid sleep 1000 & sleep 0.05; exit 0', {}, { restartPolicy: 'Never' });
    await until(store, 'succeeded', () => pod()?.status?.phase === 'Succeeded');
    expect(findProcesses('YOUZAN_CLUSTER_ID', clusterId)).toEqual([]);
  });

  it('with a command that is not there says so', async () => {
    start('', { command: ['/no/such/program'] }, { restartPolicy: 'Never' });
    await until(store, 'failed', () => pod()?.status?.phase === 'Failed');
    expect(status()?.state?.terminated).toMatchObject({
      reason: 'StartError',
      message: expect.stringContaining('ENOENT') as string,
    });
  });
});

describe('postStart', () => {
  it('ends before the container is running and ready', async () => {
    start('exec sleep 1000', {
      lifecycle: { postStart: hook('until [ -e "$YOUZAN_STATE_DIR/go" ]; do sleep 0.01; done') },
    });
    await until(store, 'started', () => reasons().includes('Started'));
    expect([pod()?.status?.phase, status()?.state?.waiting?.reason]).toEqual(['Pending', 'ContainerCreating']);
    const touch = ['/bin/sh', '-c', 'touch "$YOUZAN_STATE_DIR/go"'];
    const quiet = { stdout: () => undefined, stderr: () => undefined, signal: new AbortController().signal };
    await kubelet.runtime.exec('default', 'web', touch, quiet);
    await ready();
    expect(status()?.state?.running).toBeDefined();
  });

  it('that fails kills the container, and its own words stand only in the waiting message, beside its command', async () => {
    start('exec sleep 1000', { lifecycle: { postStart: hook('echo not healthy; exit 1') } });
    const messages: string[] = [];
    const seen = (): boolean => {
      const { reason, message = '' } = status()?.state?.waiting ?? {};
      if (reason === 'PostStartHookError') messages.push(message);
      return reason === 'CrashLoopBackOff';
    };
    await until(store, 'back-off', seen);
    const uid = pod()?.metadata.uid ?? '';
    const command = '/bin/sh -c echo not healthy; exit 1';
    expect(messages[0]).toBe(
      `Exec lifecycle hook ([${command}]) for Container "app" in Pod "web_default(${uid})" failed - error: command '${command}' exited with 1: , message: "not healthy"`,
    );
    expect(status()?.lastState?.terminated?.message).toBeUndefined();
    const event = store.list(resources.events).find(({ reason }) => reason === 'FailedPostStartHook');
    expect(event?.message).toBe('PostStartHook failed');
    expect(condition('Ready')).toBe('False');
  });
});

describe('the end of a pod', () => {
  it('is preStop, then TERM to the entrypoint, then its removal', async () => {
    start('trap "echo term; exit 0" TERM; echo up; while :; do sleep 0.01; done', {
      lifecycle: { preStop: hook('echo pre-stop >> "$YOUZAN_STDOUT"') },
    });
    await logged('up');
    const place = join(folder, pod()?.metadata.uid ?? '');
    let last = '';
    const stop = store.subscribe(() => void log().then((text) => (last = text || last)));
    remove();
    await gone();
    stop();
    expect(last).toBe('up\npre-stop\nterm\n');
    await expect.poll(() => existsSync(place)).toBe(false);
  });

  it('is KILL once the grace is over', async () => {
    start('trap "" TERM; echo up; while :; do sleep 0.01; done');
    await logged('up');
    const from = Date.now();
    remove(1);
    await gone();
    expect(Date.now() - from).toBeGreaterThanOrEqual(950);
  });

  it('comes sooner when the grace is shortened', async () => {
    start('trap "" TERM; echo up; while :; do sleep 0.01; done');
    await logged('up');
    remove();
    await until(store, 'Killing', () => reasons().includes('Killing'));
    remove(1);
    await gone();
  });

  it('is at once when it is killed in the middle of preStop', async () => {
    start('trap "" TERM; echo up; while :; do sleep 0.01; done', { lifecycle: { preStop: hook('sleep 1000') } });
    await logged('up');
    remove();
    await until(store, 'Killing', () => reasons().includes('Killing'));
    const from = Date.now();
    await kubelet.stop(0);
    expect(Date.now() - from).toBeLessThan(1_000);
  });

  it('leaves the pod ready until its readiness fails', async () => {
    start(
      'exec sleep 1000',
      {
        readinessProbe: {
          exec: { command: ['/bin/sh', '-c', '[ ! -e "$YOUZAN_STATE_DIR/offline" ]'] },
          periodSeconds: 1,
          failureThreshold: 1,
        },
        lifecycle: { preStop: hook('touch "$YOUZAN_STATE_DIR/offline"; sleep 30') },
      },
      { terminationGracePeriodSeconds: 60 },
    );
    await ready();
    remove();
    await until(
      store,
      'terminating and ready',
      () => pod()?.metadata.deletionTimestamp !== undefined && condition('Ready') === 'True',
    );
    await until(store, 'terminating and not ready', () => condition('Ready') === 'False');
    expect(status()?.state?.running).toBeDefined();
    remove(0);
    await gone();
  });
});

describe('probes', () => {
  const server =
    'exec node -e "require(\'http\').createServer((q, r) => { r.statusCode = q.url === process.argv[1] ? 200 : 404; r.end() }).listen(8080, process.env.LISTEN_HOST)" /ok';
  const ports = [{ name: 'http', containerPort: 8080 }];

  it('by HTTP reach the pod by the name of a port', async () => {
    start(server, { ports, readinessProbe: { httpGet: { path: '/ok', port: 'http' }, periodSeconds: 1 } });
    await ready();
    expect(events.map(({ type }) => type)).toEqual(['pod-started', 'pod-ready']);
  });

  it('by HTTP that answer 404 keep the pod from being ready and say so', async () => {
    start(server, { ports, readinessProbe: { httpGet: { path: '/no', port: 8080 }, periodSeconds: 1 } });
    await until(store, 'an event', () =>
      store
        .list(resources.events)
        .some(({ message }) => message === 'Readiness probe failed: HTTP probe failed with statuscode: 404'),
    );
    expect(condition('Ready')).toBe('False');
  });

  it('by TCP tell a listening port', async () => {
    start(server, { ports, readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 } });
    await ready();
  });

  it('of liveness that fail start the container again', async () => {
    start('exec sleep 1000', {
      livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 },
    });
    await until(store, 'restart', () => status()?.restartCount === 1);
    expect(store.list(resources.events).map(({ message }) => message)).toContain(
      'Container app failed liveness probe, will be restarted',
    );
  });

  it('of startup come before the others', async () => {
    start('exec sleep 1000', {
      startupProbe: { exec: { command: ['/bin/sh', '-c', 'echo startup >> "$YOUZAN_STDOUT"'] }, periodSeconds: 1 },
      readinessProbe: { exec: { command: ['/bin/sh', '-c', 'echo readiness >> "$YOUZAN_STDOUT"'] }, periodSeconds: 1 },
    });
    await ready();
    expect(await log()).toBe('startup\nreadiness\n');
  });
});

describe('faults', () => {
  it('kill an entrypoint', async () => {
    start('exec sleep 1000');
    await ready();
    expect(kubelet.faults.killPod('web')).toBe(true);
    await until(store, 'restart', () => status()?.restartCount === 1);
    expect(status()?.lastState?.terminated?.exitCode).toBe(137);
  });

  it('lose a node: its pods turn not ready, run on, and are ready again with it', async () => {
    start('exec sleep 1000');
    await ready();
    const before = kubelet.pods()[0]?.pid;
    kubelet.faults.loseNode();
    await until(store, 'not ready', () => condition('Ready') === 'False');
    expect(kubelet.pods()[0]?.pid).toBe(before);
    kubelet.faults.startKubelet();
    await ready();
  });

  it('stop a kubelet: a deleted pod stays until it is back', async () => {
    start('exec sleep 1000');
    await ready();
    kubelet.faults.stopKubelet('node-1', { notReadyAfterMs: 60_000 });
    remove();
    await until(store, 'terminating', () => pod()?.metadata.deletionTimestamp !== undefined);
    expect(kubelet.pods()).toHaveLength(1);
    kubelet.faults.startKubelet('node-1');
    await gone();
  });
});
