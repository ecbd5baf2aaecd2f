// Images have different programs that can ask: the hooks use the first that there is.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { renderHooks } from '../../src/hooks/index.js';
import { httpTools } from '../../src/rich-container/index.js';
import { Pod, shells, toolFolder, which } from '../rich-container/pod.js';
import { startAppServer, type AppServer } from './app-server.js';

let pod: Pod | undefined;
let app: AppServer | undefined;
afterEach(async () => {
  pod?.dispose();
  await app?.close();
});

/** Where a program is; a version manager's stand-in for it needs more than it stands for. */
function pathOf(tool: string): string | undefined {
  const path = which(tool);
  if (path === undefined || !tool.startsWith('python')) return path;
  return execFileSync(path, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}

const present = httpTools.flatMap((tool) => {
  const path = pathOf(tool);
  return path === undefined ? [] : [{ tool, path }];
});
const absent = httpTools.filter((name) => !present.some(({ tool }) => tool === name));
if (absent.length > 0) console.warn(`not asked with ${absent.join(', ')}: not on this machine`);

// A busybox shell has its own wget and nc, wherever PATH points.
const shell = shells.find(({ name }) => name !== 'busybox');

describe.runIf(shell !== undefined)('an image in which only one program can ask', () => {
  const basics = Object.fromEntries(['sh', 'sleep', 'timeout'].map((name) => [name, which(name) ?? '']));
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

  it.each(present)('tells with $tool what it was answered', async ({ tool, path }) => {
    pod = new Pod(shell!);
    app = await startAppServer(() => ({ status: 503, body: 'warming up' }));
    const { postStart } = renderHooks({ preload: { port: app.port, tries: 1 }, online: false });
    const folder = toolFolder(join(pod.folder, 'bin'), { ...basics, [tool]: path });
    expect(await pod.start(postStart ?? '', { env: { PATH: folder } }).exit).toBe(1);
    expect(pod.read('termination-log')).toMatch(/got HTTP 503 warming up.*; tries: 1,/);
  });
});
