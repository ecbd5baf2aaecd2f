import { afterAll, describe, expect, it } from 'vitest';
import { renderHooks, type HooksSpec, type HookStep } from '../../src/hooks/index.js';
import { Pod, shells, waitUntil, type Running, type StartOptions } from '../rich-container/pod.js';
import { startAppServer, type Answer, type AppServer } from './app-server.js';

const pods: Pod[] = [];
const apps: AppServer[] = [];
afterAll(async () => {
  for (const pod of pods) pod.dispose();
  await Promise.all(apps.map((app) => app.close()));
});

const health = '/health';
const online = '/_HB_.php?service=online';
const offline = '/_HB_.php?service=offline';
const up: Answer = { status: 200, body: '{"status":"UP"}' };
/** An app that is up at once and obeys its switch. */
const willing = (path: string): Answer => (path === health ? up : { status: 200, body: path.replace(/.*=/, '') });

async function appThat(answer: (path: string, asked: number) => Answer | undefined): Promise<AppServer> {
  const app = await startAppServer(answer);
  apps.push(app);
  return app;
}

describe.concurrent.each(shells)('a hook under $name', (shell) => {
  function podOf(): Pod {
    const pod = new Pod(shell);
    pods.push(pod);
    return pod;
  }
  const fast = { intervalSeconds: 0.05, deadlineSeconds: 10 };
  /** Hooks that call this port, preload and online only. */
  const startHooks = (port: number, rest: HooksSpec = {}): HooksSpec => ({
    preload: { port, tries: 100, ...fast },
    online: { port },
    ...rest,
  });
  async function runPostStart(
    spec: HooksSpec,
    options?: StartOptions,
  ): Promise<{ pod: Pod; running: Running; code: number }> {
    const pod = podOf();
    const running = pod.start(renderHooks(spec).postStart ?? '', options);
    return { pod, running, code: await running.exit };
  }

  describe('postStart', () => {
    it('asks for the health until the app is up, then turns the switch', async () => {
      const { port, requests } = await appThat((path, asked) =>
        path !== health ? willing(path) : asked < 1 ? { status: 503 } : asked < 2 ? { status: 200, body: 'DOWN' } : up,
      );
      const { pod, running, code } = await runPostStart(startHooks(port));
      expect(code).toBe(0);
      expect(requests).toEqual([health, health, health, online]);
      expect(pod.trace()).toEqual(['hook preload', 'hook online']);
      const said = /^youzan-hook: preload done in \d+\.\d\d s\nyouzan-hook: online done in \d+\.\d\d s\n$/;
      expect(pod.read('stdout')).toMatch(said);
      await waitUntil('the output', () => said.test(running.stdout));
      expect(pod.read('termination-log')).toBe('');
    });

    it.each([
      ['another word that holds it', 'STARTUP', 1],
      ['another word that begins with it', 'UP_SOON', 1],
      ['the word in JSON', '{"status": "UP"}', 0],
      ['the word alone', 'UP', 0],
      ['the word at the end of a line', 'status: UP\n', 0],
    ])('takes for the expected word: %s', async (_, body, expected) => {
      const { port } = await appThat(() => ({ status: 200, body }));
      const { code } = await runPostStart({ preload: { port, ...fast, tries: 1 }, online: false });
      expect(code).toBe(expected);
    });

    it('fails when the app is not up after its tries, says why in three places, and leaves the switch alone', async () => {
      const { port, requests } = await appThat(() => ({ status: 503, body: 'still\n warming   up' }));
      const { pod, running, code } = await runPostStart(startHooks(port, { preload: { port, ...fast, tries: 3 } }));
      expect(code).toBe(1);
      expect(requests).toEqual([health, health, health]);
      const reason = /postStart: preload failed: got HTTP 503 still warming up; tries: 3, time: \d+\.\d\d s\n$/;
      expect(pod.read('termination-log')).toMatch(reason);
      await waitUntil('the output', () => reason.test(running.stdout));
      expect(pod.read('stdout')).toMatch(reason);
      expect(pod.trace()).toEqual([]);
    });

    it('says that nobody answered', async () => {
      const { port, close } = await appThat(willing);
      await close();
      const { pod, code } = await runPostStart({ preload: { port, ...fast, tries: 2 } });
      expect(code).toBe(1);
      expect(pod.read('termination-log')).toMatch(/preload failed: got HTTP 000 .*; tries: 2, /);
    });

    it('keeps its deadline when the app takes the connection and never answers', async () => {
      const { port } = await appThat(() => undefined);
      const started = performance.now();
      const { pod, code } = await runPostStart({
        preload: { port, tries: 100, intervalSeconds: 0.1, deadlineSeconds: 1 },
      });
      expect(code).toBe(1);
      expect(performance.now() - started).toBeLessThan(4000);
      expect(pod.read('termination-log')).toMatch(/preload failed: got HTTP 000 .*; tries: \d, time: [12]\.\d\d s\n$/);
    });

    it('turns the switch again until it answers 200', async () => {
      const { port, requests } = await appThat((path, asked) =>
        asked < 1 ? { status: 404, body: 'offline' } : willing(path),
      );
      const { code } = await runPostStart({ preload: false, online: { port } });
      expect(code).toBe(0);
      expect(requests).toEqual([online, online]);
    });

    it('fails when the switch does not turn by its deadline', async () => {
      const { port } = await appThat(() => ({ status: 404, body: 'offline' }));
      const { pod, code } = await runPostStart({ preload: false, online: { port, deadlineSeconds: 0.3 } });
      expect(code).toBe(1);
      expect(pod.read('termination-log')).toContain('postStart: online failed: got HTTP 404 offline; tries: 1,');
    });

    it('runs the steps after online in their order', async () => {
      const { port, requests } = await appThat((path) => (path === '/register' ? { status: 201 } : willing(path)));
      const steps: HookStep[] = [
        { type: 'http', name: 'register', port, path: '/register', expectStatus: 201, deadlineSeconds: 2 },
        {
          type: 'script',
          name: 'tell',
          command: { shell: 'echo "$POD_UID|step|tell" >>"$YOUZAN_TRACE"' },
          deadlineSeconds: 5,
        },
      ];
      const { pod, code } = await runPostStart(startHooks(port, { online: { port, after: steps } }));
      expect(code).toBe(0);
      expect(requests).toEqual([health, online, '/register']);
      expect(pod.trace()).toEqual(['hook preload', 'step tell', 'hook online']);
    });

    it.each<[string, string, string]>([
      ['fails', 'echo first; echo "no  such table" >&2; exit 3', 'exit code 3 first no such table'],
      ['hangs', 'sleep 60; true', 'exit code 137'],
    ])('names the step that %s, with its own output', async (_, shellText, said) => {
      const { port } = await appThat(willing);
      const step: HookStep = { type: 'script', name: 'migrate', command: { shell: shellText }, deadlineSeconds: 1 };
      const { pod, code } = await runPostStart(startHooks(port, { online: { port, after: [step] } }));
      expect(code).toBe(1);
      expect(pod.read('termination-log')).toContain(`postStart: migrate failed: ${said}`);
    });

    it('ends a step with what it leaves in the background', async () => {
      const { port } = await appThat(willing);
      const step: HookStep = { type: 'script', name: 'tell', command: { shell: 'sleep 60 &' }, deadlineSeconds: 30 };
      const { pod, code } = await runPostStart({ preload: false, online: { port, after: [step] } });
      expect(code).toBe(0);
      await waitUntil('no process left', () => pod.processes().length === 0);
    });

    it('gives a step its words as they are', async () => {
      const words = ['a b', `it's`, '$HOME `id` $(id) $$', '"', '\\', '*', 'ü\n', ''];
      const command = ['sh', '-c', 'printf "%s|" "$@" >"$DIR/words"', 'sh', ...words];
      const { pod, code } = await runPostStart({
        preload: false,
        online: {
          port: (await appThat(willing)).port,
          after: [{ type: 'script', name: 'words', command, deadlineSeconds: 5 }],
        },
      });
      expect(code).toBe(0);
      expect(pod.read('words')).toBe(words.map((word) => `${word}|`).join(''));
    });

    it('may be delivered twice', async () => {
      const { port, requests } = await appThat(willing);
      const pod = podOf();
      const script = renderHooks(startHooks(port)).postStart ?? '';
      expect(await pod.start(script).exit).toBe(0);
      expect(await pod.start(script).exit).toBe(0);
      expect(requests).toEqual([health, online, health, online]);
    });

    it("does not fail because the container's output can not be written", async () => {
      const { port } = await appThat(willing);
      const { running, code } = await runPostStart(startHooks(port), { env: { YOUZAN_STDOUT: '/proc/none/1' } });
      expect(code).toBe(0);
      await waitUntil('the output', () => running.stdout.includes('online done'));
    });
  });

  describe('the script for a crash', () => {
    const crashOf = (port: number): string => renderHooks({ offline: { port, before: [] } }).offline?.script ?? '';

    it('turns the switch once, in the output of the container', async () => {
      const { port, requests } = await appThat(willing);
      const running = podOf().start(crashOf(port));
      expect(await running.exit).toBe(0);
      expect(requests).toEqual([offline]);
      await waitUntil('the output', () => running.stdout.startsWith('youzan-hook: offline done in '));
    });

    it('does not mind that nobody answers', async () => {
      const { port, close } = await appThat(willing);
      await close();
      expect(await podOf().start(crashOf(port)).exit).toBe(0);
    });
  });
});
