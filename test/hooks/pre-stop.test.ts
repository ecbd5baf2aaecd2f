import { afterAll, describe, expect, it } from 'vitest';
import { renderHooks, type HooksSpec } from '../../src/hooks/index.js';
import { renderEntrypoint, type ProcessSpec } from '../../src/rich-container/index.js';
import { Pod, shells, waitUntil, type Running } from '../rich-container/pod.js';
import { startAppServer, type Answer, type AppServer } from './app-server.js';

const pods: Pod[] = [];
const apps: AppServer[] = [];
afterAll(async () => {
  for (const pod of pods) pod.dispose();
  await Promise.all(apps.map((app) => app.close()));
});

const offline = '/_HB_.php?service=offline';
const done: Answer = { status: 200, body: 'offline' };
const ready = 'echo "$POD_UID|app|up" >>"$YOUZAN_TRACE"';
const main = (onTerm: string): ProcessSpec => ({
  name: 'app',
  main: true,
  command: { shell: `trap '${onTerm}' TERM; ${ready}; while :; do sleep 0.05 & wait $!; done` },
});
const willing = main('echo "$POD_UID|app|term" >>"$YOUZAN_TRACE"; exit 0');
const deaf = main('');
const agent: ProcessSpec = { name: 'agent', command: ['sleep', '600'] };

async function appThat(answer: (path: string, asked: number) => Answer | undefined): Promise<AppServer> {
  const app = await startAppServer(answer);
  apps.push(app);
  return app;
}

describe.concurrent.each(shells)('preStop under $name', (shell) => {
  const quick = (port: number, rest: HooksSpec = {}): HooksSpec => ({
    offline: { port, deadlineSeconds: 5 },
    drainSeconds: 0.1,
    stop: { deadlineSeconds: 10 },
    ...rest,
  });
  function podOf(): Pod {
    const pod = new Pod(shell);
    pods.push(pod);
    return pod;
  }
  /** A pod whose entrypoint runs with an app and an agent. */
  async function running(app = willing, graceSeconds = 20): Promise<{ pod: Pod; entrypoint: Running }> {
    const pod = podOf();
    const entrypoint = pod.start(renderEntrypoint({ processes: [app, agent], graceSeconds }));
    await pod.traced('app up');
    return { pod, entrypoint };
  }
  const preStop = (pod: Pod, spec: HooksSpec): Running => pod.start(renderHooks(spec).preStop);

  it('turns the switch, waits for the drain, and stops main; the helpers stay until TERM', async () => {
    const { port, requests } = await appThat(() => done);
    const { pod, entrypoint } = await running();
    const hook = preStop(pod, quick(port));
    expect(await hook.exit).toBe(0);
    expect(requests).toEqual([offline]);
    const order = pod.trace().filter((event) => /^(hook|app term|entrypoint stop)/.test(event));
    expect(order).toEqual(['hook offline', 'entrypoint stop app', 'app term', 'hook stop']);
    await waitUntil('the output', () =>
      /^youzan-hook: offline done .*\nyouzan-hook: stop done .*\n$/.test(hook.stdout),
    );
    expect(pod.lineOf('entrypoint')?.state).toBe('ended');
    expect(pod.lineOf('agent')?.state).toBe('ready');
    entrypoint.kill('SIGTERM');
    expect(await entrypoint.exit).toBe(0);
    expect(pod.read('termination-log')).toBe('');
  });

  it('lets requests in flight end for as long as the drain lasts', async () => {
    const { port } = await appThat(() => done);
    const started = performance.now();
    expect(await preStop(podOf(), quick(port, { drainSeconds: 0.6, stop: false })).exit).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(600);
  });

  it('runs the steps before offline before it', async () => {
    const { port, requests } = await appThat((path) => (path === '/unregister' ? { status: 204 } : done));
    const before = [
      { type: 'http', name: 'unregister', port, path: '/unregister', expectStatus: 204, deadlineSeconds: 2 },
    ] as const;
    const hook = preStop(podOf(), quick(port, { offline: { port, before }, stop: false }));
    expect(await hook.exit).toBe(0);
    expect(requests).toEqual(['/unregister', offline]);
  });

  it('drains and stops all the same when the switch does not turn, and fails with the reason', async () => {
    const { port } = await appThat(() => ({ status: 500, body: 'no lock' }));
    const { pod } = await running();
    const hook = preStop(pod, quick(port, { offline: { port, deadlineSeconds: 0.3 } }));
    expect(await hook.exit).toBe(1);
    const reason = /preStop: offline failed: got HTTP 500 no lock; tries: 1, time: \d+\.\d\d s\n/;
    for (const output of [pod.read('stdout'), pod.read('termination-log')]) expect(output).toMatch(reason);
    await waitUntil('the output', () => reason.test(hook.stdout));
    expect(pod.trace()).toContain('app term');
    expect(pod.trace()).toContain('hook stop');
    expect(pod.trace()).not.toContain('hook offline');
  });

  it('may be delivered twice, one after the other and at once', async () => {
    const { port, requests } = await appThat(() => done);
    const { pod, entrypoint } = await running();
    const both = [preStop(pod, quick(port)), preStop(pod, quick(port))];
    expect(await Promise.all(both.map(({ exit }) => exit))).toEqual([0, 0]);
    expect(await preStop(pod, quick(port)).exit).toBe(0);
    expect(requests).toEqual([offline, offline, offline]);
    expect(pod.trace().filter((event) => event === 'app term')).toHaveLength(1);
    expect(pod.lineOf('agent')?.state).toBe('ready');
    entrypoint.kill('SIGTERM');
    expect(await entrypoint.exit).toBe(0);
  });

  it('waits for main no longer than its deadline', async () => {
    const { port } = await appThat(() => done);
    const { pod } = await running(deaf, 600);
    const hook = preStop(pod, quick(port, { stop: { deadlineSeconds: 0.5 } }));
    expect(await hook.exit).toBe(1);
    expect(pod.read('termination-log')).toMatch(
      /preStop: stop failed: main has not ended, the entrypoint is stopping; tries: \d+, time: \d\.\d\d s\n$/,
    );
  });

  it('says that there is no entrypoint, at once', async () => {
    const { port } = await appThat(() => done);
    const pod = podOf();
    expect(await preStop(pod, quick(port)).exit).toBe(1);
    expect(pod.read('termination-log')).toContain(`preStop: stop failed: no entrypoint at ${pod.stateDir}`);
  });

  it('ends when the entrypoint is killed while it waits', async () => {
    const { port } = await appThat(() => done);
    const { pod, entrypoint } = await running(deaf, 600);
    const hook = preStop(pod, quick(port, { stop: { deadlineSeconds: 1 } }));
    await waitUntil('the stop', () => pod.lineOf('entrypoint')?.state === 'stopping');
    entrypoint.kill('SIGKILL');
    expect(await hook.exit).toBe(1);
  });
});
