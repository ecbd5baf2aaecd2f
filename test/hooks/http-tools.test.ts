// Images have different programs that can ask: the hooks use the first that there is.
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { renderHooks } from '../../src/hooks/index.js';
import { Pod, shells, toolFolder, which } from '../rich-container/pod.js';
import { startAppServer, type AppServer } from './app-server.js';
import { present, tellers } from './http-programs.js';

let pod: Pod | undefined;
let app: AppServer | undefined;
afterEach(async () => {
  pod?.dispose();
  await app?.close();
});

// A busybox shell has its own wget and nc, wherever PATH points.
const shell = shells.find(({ name }) => name !== 'busybox');

describe.runIf(shell !== undefined)('an image in which only one program can ask', () => {
  const basics = Object.fromEntries(['sh', 'sleep', 'timeout'].map((name) => [name, which(name) ?? '']));
  const up = { status: 200, body: '{"status":"UP"}' };
  const busy = { status: 409, body: 'not yet' };
  async function preload(programs: Readonly<Record<string, string>>): Promise<{ code: number; log: string }> {
    pod = new Pod(shell!);
    app = await startAppServer((_, asked) =>
      asked < 1 ? { status: 503, body: 'warming up' } : { status: 200, body: '{"status":"UP"}' },
    );
    const { port } = app;
    const { postStart } = renderHooks({ preload: { port, tries: 2, intervalSeconds: 0.05 }, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, ...programs });
    const code = await pod.start(postStart ?? '', { env: { PATH: folder } }).exit;
    return { code, log: pod.read('termination-log') };
  }

  it.each(present)('is asked with $tool', async ({ tool, path }) => {
    expect(await preload({ [tool]: path })).toEqual({ code: 0, log: '' });
    expect(app?.requests).toEqual(['/health', '/health']);
  });

  it('fails with a message when there is none', async () => {
    const { code, log } = await preload({});
    expect(code).toBe(1);
    expect(log).toContain('preload failed: got HTTP 000 no program in the image can ask');
    expect(app?.requests).toEqual([]);
  });

  it.each(tellers)('is told something with $tool', async ({ tool, program, path }) => {
    // It calls every answer of 2xx a success, and does not say which it was.
    const status = tool === 'busybox wget' ? 200 : 201;
    pod = new Pod(shell!);
    app = await startAppServer((url, asked) => (url !== '/warm?a=1' ? up : asked < 1 ? busy : { status }));
    const { port } = app;
    const body = `{"it's":"有赞","a":["$(id)","$$","%s\\n"]}`;
    const warm = { type: 'http', name: 'warm', port, path: '/warm?a=1', method: 'POST', body } as const;
    const after = [{ ...warm, expectStatus: status, intervalSeconds: 0.05, deadlineSeconds: 20 }];
    const { postStart } = renderHooks({ preload: { port, after }, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, [program]: path });
    expect(await pod.start(postStart ?? '', { env: { PATH: folder } }).exit).toBe(0);
    const posted = { path: '/warm?a=1', type: 'application/json', body };
    expect(app.posted).toEqual([posted, posted]);
  });

  it.each(tellers)('tells with $tool what its telling was answered', async ({ program, path }) => {
    pod = new Pod(shell!);
    app = await startAppServer((url) => (url === '/warm' ? busy : up));
    const { port } = app;
    const warm = { type: 'http', name: 'warm', port, path: '/warm', method: 'POST', deadlineSeconds: 5 } as const;
    const { postStart } = renderHooks({ preload: { port, after: [{ ...warm, retries: 1 }] }, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, [program]: path });
    expect(await pod.start(postStart ?? '', { env: { PATH: folder } }).exit).toBe(1);
    expect(pod.read('termination-log')).toMatch(/warm failed: got HTTP 409 .+; tries: 2, /);
    expect(app.posted.map(({ body }) => body)).toEqual(['', '']);
  });

  it.each(tellers)('waits with $tool for an answer that takes its time', async ({ program, path }) => {
    pod = new Pod(shell!);
    app = await startAppServer(() => up, { lateMs: 300 });
    const { port } = app;
    const warm = { type: 'http', name: 'warm', port, path: '/warm', method: 'POST', deadlineSeconds: 30 } as const;
    const preload = { port, tries: 1, after: [{ ...warm, retries: 0 }] };
    const { postStart } = renderHooks({ preload, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, [program]: path });
    const code = await pod.start(postStart ?? '', { env: { PATH: folder } }).exit;
    expect({ code, log: pod.read('termination-log') }).toEqual({ code: 0, log: '' });
    expect(app.requests).toEqual(['/health', '/warm']);
  });

  it.each(present)('tells with $tool what it was answered', async ({ tool, path }) => {
    pod = new Pod(shell!);
    app = await startAppServer(() => ({ status: 503, body: 'warming up' }));
    const { postStart } = renderHooks({ preload: { port: app.port, tries: 1 }, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, [tool]: path });
    expect(await pod.start(postStart ?? '', { env: { PATH: folder } }).exit).toBe(1);
    expect(pod.read('termination-log')).toMatch(/got HTTP 503 warming up.*; tries: 1,/);
  });
});
