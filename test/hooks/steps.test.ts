// The app's own steps, run for real: where they stand, how often and how long they are tried.
import { afterAll, describe, expect, it } from 'vitest';
import { renderHooks, type HookStep, type HooksSpec } from '../../src/hooks/index.js';
import { Pod, shells } from '../rich-container/pod.js';
import { startAppServer, type Answer, type AppServer } from './app-server.js';

const pods: Pod[] = [];
const apps: AppServer[] = [];
afterAll(async () => {
  for (const pod of pods) pod.dispose();
  await Promise.all(apps.map((app) => app.close()));
});

async function appThat(answer: (path: string, asked: number) => Answer): Promise<AppServer> {
  const app = await startAppServer(answer);
  apps.push(app);
  return app;
}
const trace = (event: string): string => `echo "$POD_UID|step|${event}" >>"$YOUZAN_TRACE"`;
const script = (event: string, shell = trace(event)): HookStep & { readonly type: 'script' } => ({
  type: 'script',
  name: event,
  command: { shell },
  deadlineSeconds: 10,
});

describe.concurrent.each(shells)("the app's own steps under $name", (shell) => {
  function podOf(): Pod {
    const pod = new Pod(shell);
    pods.push(pod);
    return pod;
  }
  /** Runs one of an app's hooks to its end. */
  async function run(hook: 'postStart' | 'preStop', spec: HooksSpec): Promise<{ pod: Pod; code: number }> {
    const pod = podOf();
    return { pod, code: await pod.start(renderHooks(spec)[hook] ?? '').exit };
  }
  const after = (...steps: HookStep[]): HooksSpec => ({ preload: { port: 1, tries: 1, after: steps }, online: false });

  it('stand after preload, before online and after it', async () => {
    const { port, requests } = await appThat((path) => ({ status: 200, body: path === '/health' ? 'UP' : '' }));
    const { pod, code } = await run('postStart', {
      preload: {
        port,
        after: [script('warm'), { type: 'http', name: 'fill', port, path: '/fill', deadlineSeconds: 5 }],
      },
      online: { port, path: '/on', after: [script('tell')] },
    });
    expect(code).toBe(0);
    expect(pod.trace()).toEqual(['step warm', 'hook preload', 'step tell', 'hook online']);
    expect(requests).toEqual(['/health', '/fill', '/on']);
  });

  it("say in the container's output what a script has printed", async () => {
    const { port } = await appThat(() => ({ status: 200, body: 'UP' }));
    const steps = [script('warm', 'echo warmed; echo "the cache" >&2'), script('quiet', ':')];
    const { pod } = await run('postStart', { preload: { port, after: steps }, online: false });
    expect(pod.read('stdout')).toMatch(/^warmed\nthe cache\nyouzan-hook: preload done in \S+ s\n/);
  });

  it('keep the app offline when one after preload fails', async () => {
    const { port, requests } = await appThat(() => ({ status: 200, body: 'UP' }));
    const { pod, code } = await run('postStart', {
      preload: { port, after: [script('warm', 'exit 4'), script('more')] },
      online: { port },
    });
    expect(code).toBe(1);
    expect([requests, pod.trace()]).toEqual([['/health'], []]);
    expect(pod.read('termination-log')).toContain('postStart: warm failed: exit code 4');
  });

  it('stand before offline, and after the drain before stop', async () => {
    const { port } = await appThat(() => ({ status: 200 }));
    const drainSeconds = 0.4;
    const started = performance.now();
    const { pod, code } = await run('preStop', {
      offline: { port, before: [script('leave')] },
      drainSeconds,
      stop: { before: [script('flush')], deadlineSeconds: 1 },
    });
    // There is no entrypoint that could stop main.
    expect(code).toBe(1);
    expect(pod.trace()).toEqual(['step leave', 'hook offline', 'step flush']);
    expect(pod.read('termination-log')).toMatch(/^preStop: stop failed: no entrypoint at /);
    expect(performance.now() - started).toBeGreaterThan(drainSeconds * 1000);
  });

  it('let time pass', async () => {
    const { port } = await appThat(() => ({ status: 200, body: 'UP' }));
    const started = performance.now();
    const wait: HookStep = { type: 'wait', name: 'settle', seconds: 0.6 };
    const { code } = await run('postStart', { preload: { port, after: [wait] }, online: false });
    expect(code).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(600);
  });

  it('are tried again as often as they say, and say how often they were', async () => {
    const { port, requests } = await appThat((path) => ({ status: path === '/health' ? 200 : 500, body: 'UP' }));
    const step = { type: 'http', name: 'ask', port, path: '/ask', intervalSeconds: 0.05, deadlineSeconds: 30 } as const;
    const { pod, code } = await run('postStart', {
      preload: { port, after: [{ ...step, retries: 2 }] },
      online: false,
    });
    expect(code).toBe(1);
    expect(requests.filter((path) => path === '/ask')).toHaveLength(3);
    expect(pod.read('termination-log')).toMatch(/ask failed: got HTTP 500 .*; tries: 3, /);
  });

  it('are not tried again when they do not say so, if they are scripts', async () => {
    const { port } = await appThat(() => ({ status: 200, body: 'UP' }));
    const step = script('once', `${trace('try')}; exit 1`);
    const { pod } = await run('postStart', { ...after(step), preload: { port, after: [step] } });
    expect(pod.trace()).toEqual(['step try']);
    expect(pod.read('termination-log')).toMatch(/once failed: exit code 1 ; tries: 1, /);
  });

  it('are done with the first try that does not fail', async () => {
    const { port } = await appThat(() => ({ status: 200, body: 'UP' }));
    const step = script('third', `${trace('try')}; [ $(wc -l <"$YOUZAN_TRACE") = 3 ]`);
    const { pod, code } = await run('postStart', {
      preload: { port, after: [{ ...step, retries: 5, intervalSeconds: 0.05 }] },
      online: false,
    });
    expect(code).toBe(0);
    expect(pod.trace()).toEqual(['step try', 'step try', 'step try', 'hook preload']);
    expect(pod.read('termination-log')).toBe('');
  });

  it('are not tried again past their deadline', async () => {
    const { port } = await appThat(() => ({ status: 200, body: 'UP' }));
    const step = { ...script('late', 'exit 1'), retries: 1000, intervalSeconds: 0.1, deadlineSeconds: 0.5 };
    const started = performance.now();
    const { pod, code } = await run('postStart', { preload: { port, after: [step] }, online: false });
    expect(code).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(pod.read('termination-log')).toMatch(/late failed: exit code 1 ; tries: \d, /);
  });
});
