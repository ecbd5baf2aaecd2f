// Images have different programs that can ask: a gate uses the first that there is.
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  entrypointTools,
  exitCodes,
  httpTools,
  renderEntrypoint,
  tcpTools,
  type Gate,
} from '../../src/rich-container/index.js';
import { startAppServer, type Answer, type AppServer } from '../hooks/app-server.js';
import { tellers } from '../hooks/http-programs.js';
import { Pod, shells, toolFolder, which } from './pod.js';

let pod: Pod | undefined;
let server: AppServer | undefined;
afterEach(async () => {
  pod?.dispose();
  await server?.close();
});

const busy: Answer = { status: 503, body: 'warming up' };
const closedPort = 9;
// A busybox shell has its own wget and nc, wherever PATH points.
const shell = shells.find(({ name }) => name !== 'busybox');

describe.runIf(shell !== undefined)('in an image in which only one program can ask', () => {
  const basics = Object.fromEntries(['sh', 'env', ...entrypointTools].map((name) => [name, which(name) ?? '']));

  /** The end of a container whose helper has the gate and whose app ends at once. */
  async function end(gate: Gate, programs: Readonly<Record<string, string>>): Promise<{ code: number; log: string }> {
    pod = new Pod(shell!);
    const script = renderEntrypoint({
      processes: [
        { name: 'agent', command: ['sleep', '600'], ready: gate },
        { name: 'app', main: true, command: ['sh', '-c', 'exit 0'], after: ['agent'] },
      ],
      graceSeconds: 5,
    });
    const env = { PATH: toolFolder(join(pod.folder, 'bin'), { ...basics, ...programs }) };
    return { code: await pod.start(script, { env }).exit, log: pod.read('termination-log') };
  }
  const http = (port: number, deadlineSeconds: number): Gate => ({
    type: 'http',
    port,
    path: '/r?a=1',
    deadlineSeconds,
  });
  const tcp = (port: number, deadlineSeconds: number): Gate => ({ type: 'tcp', port, deadlineSeconds });

  it.each(tellers)('an http gate passes with $tool as soon as the answer is 2xx', async ({ program, path }) => {
    server = await startAppServer((_, asked) => (asked < 2 ? busy : { status: 204 }));
    expect(await end(http(server.port, 30), { [program]: path })).toEqual({ code: 0, log: '' });
    expect(server.requests).toEqual(['/r?a=1', '/r?a=1', '/r?a=1']);
  });

  it.each(tellers)('an http gate tells with $tool what it was answered', async ({ tool, program, path }) => {
    server = await startAppServer(() => busy);
    const { code, log } = await end(http(server.port, 0.5), { [program]: path });
    expect(code).toBe(exitCodes.gateFailed.code);
    const said = tool === 'busybox wget' ? 'Service Unavailable' : 'warming up';
    expect(log).toMatch(new RegExp(`last: HTTP 503: ${said}\\n$`));
  });

  const connecting = tellers.filter(({ program }) => tcpTools.includes(program));
  it.each(connecting)('a tcp gate passes with $tool when the port is open', async ({ program, path }) => {
    server = await startAppServer(() => busy);
    expect(await end(tcp(server.port, 30), { [program]: path })).toEqual({ code: 0, log: '' });
  });

  it.each(connecting)('a tcp gate fails with $tool when the port is closed', async ({ program, path }) => {
    const { code, log } = await end(tcp(closedPort, 0.5), { [program]: path });
    expect(code).toBe(exitCodes.gateFailed.code);
    expect(log).toMatch(/its tcp gate on port 9 did not pass within 0.5 s; after .* tries; last: .*/);
  });

  it.each([
    ['http', http(closedPort, 5), httpTools],
    ['tcp', tcp(closedPort, 5), tcpTools],
  ] as const)('%s gates say so when there is none, before anything starts', async (type, gate, tools) => {
    const { code, log } = await end(gate, {});
    expect(code).toBe(exitCodes.noProbeTool.code);
    expect(log).toBe(`none of ${tools.join(' ')} in the image for the ${type} gates; use file or exec gates\n`);
    expect(pod?.trace()).toEqual([]);
  });
});
