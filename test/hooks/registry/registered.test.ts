// The registration as a real etcd has it, under each shell.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type ExpectStatic, it } from 'vitest';
import {
  registryDefaults,
  renderHooks,
  type HooksSpec,
  type Registration,
  type RegistryStep,
} from '../../../src/hooks/index.js';
import { registryAgent } from '../../../src/hooks/registry/agent.js';
import { renderEntrypoint, type ProcessSpec } from '../../../src/rich-container/index.js';
import { Pod, shells, toolFolder, waitUntil, which, type Running } from '../../rich-container/pod.js';
import { startAppServer, type AppServer } from '../app-server.js';
import { tellers } from '../http-programs.js';
import { createEtcd, freePort, hasEtcd, type Etcd } from './etcd.js';

const quick = { ...registryDefaults, ttlSeconds: 6, refreshSeconds: 1, requestSeconds: 15, retrySeconds: 0.2 };
const where = { POD_IP: '10.1.2.3', YOUZAN_IDC: 'bc' };
const pods: Pod[] = [];
let etcd: Etcd;
let app: AppServer | undefined;

beforeAll(async () => {
  if (!hasEtcd) return;
  etcd = await createEtcd();
  await etcd.start();
  app = await startAppServer(() => ({ status: 200 }));
});
afterAll(async () => {
  for (const pod of pods) pod.dispose();
  await app?.close();
  if (hasEtcd) await etcd.dispose();
});

const patient = { timeout: 30_000 };
/** A lease that nobody renews is gone by then. */
async function pastTimeToLive(expect: ExpectStatic): Promise<void> {
  const since = performance.now();
  await expect.poll(() => performance.now() - since, patient).toBeGreaterThan(1000 * (quick.ttlSeconds + 1));
}
const toolsOf = (...names: string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['sh', 'sleep', 'timeout', 'mkfifo', 'mv', 'rm', ...names].map((name) => [name, which(name) ?? '']),
  );
/** Ends all of a pod at once, without a word. */
function kill(pod: Pod): void {
  for (const pid of pod.processes()) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Each test has a service of its own. */
let services = 0;

describe.runIf(hasEtcd).for(shells)('a registration under $name', { timeout: 60_000, concurrent: true }, (shell) => {
  const podOf = (): Pod => {
    const pod = new Pod(shell);
    pods.push(pod);
    return pod;
  };
  function setup(rest: Partial<Registration> & Pick<Partial<RegistryStep>, 'onFailure' | 'deadlineSeconds'> = {}) {
    const { onFailure, deadlineSeconds = 30, ...fields } = rest;
    const port = app?.port ?? 0;
    const service = `${shell.name}-${services++}`;
    const registration = { service, port: 8100, endpoints: [etcd.endpoint], ...fields };
    const step: RegistryStep = { type: 'registry', name: 'register', registration, deadlineSeconds };
    const spec: HooksSpec = {
      preload: false,
      online: { port, after: [onFailure === undefined ? step : { ...step, onFailure }] },
      offline: { port },
      drainSeconds: 0,
      stop: false,
    };
    const hooks = renderHooks(spec);
    const pod = podOf();
    mkdirSync(pod.stateDir);
    const agent = registryAgent('registry-agent', registration, undefined, quick);
    const shellOf = ({ command }: ProcessSpec): string => ('shell' in command ? command.shell : '');
    const key = `nova:com.youzan.service/${service}/10.1.2.3:8100`;
    return {
      pod,
      key,
      agent,
      hooks,
      startAgent: (env: Readonly<Record<string, string>> = {}): Running =>
        pod.start(shellOf(agent), { env: { ...where, ...env } }),
      online: (): Running => pod.start(hooks.postStart ?? ''),
      offline: (): Running => pod.start(hooks.preStop),
      status: async (): Promise<unknown> => ((await etcd.read(key)) as { readonly Status: number } | undefined)?.Status,
    };
  }

  it("is OK once online is done, under the key and with the fields of Youzan's registry", async () => {
    const { key, startAgent, online, pod } = setup({ weight: 50, extData: `[{"owner":"it's \u6709\u8d5e $(id) $$"}]` });
    startAgent();
    expect(await etcd.read(key)).toBeUndefined();
    expect(await online().exit).toBe(0);
    expect(await etcd.read(key)).toEqual({
      DataCenter: 'bc',
      Namespace: 'com.youzan.service',
      SrvName: key.split('/')[1],
      IP: '10.1.2.3',
      Port: 8100,
      Protocol: 'nova',
      Status: 1,
      Weight: 50,
      ExtData: `[{"owner":"it's 有赞 $(id) $$"}]`,
    });
    expect(pod.read('termination-log')).toBe('');
  });

  it('is UNREG once offline is done, and stays there', async () => {
    const { startAgent, online, offline, status } = setup();
    startAgent();
    expect(await online().exit).toBe(0);
    expect(await offline().exit).toBe(0);
    expect(await status()).toBe(3);
  });

  it('may go online again after it went offline', async () => {
    const { startAgent, online, offline, status } = setup();
    startAgent();
    for (const hook of [online, offline, online]) expect(await hook().exit).toBe(0);
    expect(await status()).toBe(1);
  });

  it('bears both hooks twice, one after the other and at once', async () => {
    const { startAgent, online, offline, status } = setup();
    startAgent();
    for (const hook of [online, offline]) {
      expect(await Promise.all([hook(), hook()].map(({ exit }) => exit))).toEqual([0, 0]);
      expect(await hook().exit).toBe(0);
    }
    expect(await status()).toBe(3);
  });

  it('is kept past its time to live by the agent, without being written again, and is gone without it', async ({
    expect,
  }) => {
    const { pod, key, startAgent, online, status } = setup();
    startAgent();
    expect(await online().exit).toBe(0);
    const lease = await etcd.leaseOf(key);
    await pastTimeToLive(expect);
    expect([await status(), await etcd.leaseOf(key)]).toEqual([1, lease]);
    kill(pod);
    await expect.poll(status, patient).toBeUndefined();
  });

  it('comes back when its lease was lost', async ({ expect }) => {
    const { key, startAgent, online, status } = setup();
    startAgent();
    expect(await online().exit).toBe(0);
    const lease = await etcd.leaseOf(key);
    await etcd.ask('lease/revoke', { ID: lease });
    expect(await status()).toBeUndefined();
    await expect.poll(status, patient).toBe(1);
    expect(await etcd.leaseOf(key)).not.toBe(lease);
  });

  it('is UNREG though its lease was lost just before', async () => {
    const { key, startAgent, online, offline, status } = setup();
    startAgent();
    expect(await online().exit).toBe(0);
    await etcd.ask('lease/revoke', { ID: await etcd.leaseOf(key) });
    expect(await offline().exit).toBe(0);
    expect(await status()).toBe(3);
  });

  it('is nothing for an app that was never online', async () => {
    const { startAgent, offline, status } = setup();
    startAgent();
    expect(await offline().exit).toBe(0);
    expect(await status()).toBeUndefined();
  });

  it('takes its endpoints from YOUZAN_REGISTRY, and goes on to the next when one does not answer', async () => {
    const { startAgent, online, status } = setup({ endpoints: undefined });
    startAgent({ YOUZAN_REGISTRY: `http://127.0.0.1:${await freePort()}, ${etcd.endpoint}/` });
    expect(await online().exit).toBe(0);
    expect(await status()).toBe(1);
  });

  it('fails online with the reason when no endpoint answers by the deadline', async () => {
    const at = `127.0.0.1:${await freePort()}`;
    const { startAgent, online, pod } = setup({ endpoints: [`http://${at}`], deadlineSeconds: 5 });
    startAgent();
    expect(await online().exit).toBe(1);
    expect(pod.read('termination-log')).toMatch(
      new RegExp(`^postStart: register failed: ${at}: HTTP 000 .+; tries: \\d+, time: \\d\\.\\d\\d s\n$`),
    );
  });

  it('fails online when its agent does not run', async () => {
    const { online, pod } = setup({ deadlineSeconds: 0.5 });
    expect(await online().exit).toBe(1);
    expect(pod.read('termination-log')).toContain('postStart: register failed: no answer of registry-agent; tries: ');
  });

  it('may be waited for no longer than its deadline, and come later', async ({ expect }) => {
    const late = await createEtcd();
    const { key, startAgent, online, pod } = setup({
      endpoints: [late.endpoint],
      onFailure: 'warn',
      deadlineSeconds: 0.5,
    });
    startAgent();
    expect(await online().exit).toBe(0);
    expect(pod.read('stdout')).toMatch(/postStart: register failed: .*\nyouzan-hook: online done/);
    await late.start();
    await expect.poll(() => late.read(key), patient).toMatchObject({ Status: 1 });
    await late.dispose();
  });

  it('tells its log what changed, and not each try', async ({ expect }) => {
    const late = await createEtcd();
    await late.start();
    const { startAgent, online, key } = setup({ endpoints: [late.endpoint] });
    const agent = startAgent();
    expect(await online().exit).toBe(0);
    const ok = `status 1 at ${late.endpoint}: ${key}\n`;
    await expect.poll(() => agent.stdout, patient).toBe(ok);
    await late.kill();
    await expect.poll(() => agent.stdout, patient).toMatch(/\nfailed: 127\.0\.0\.1:.*\n$/);
    await late.start();
    await expect.poll(() => agent.stdout.endsWith(`\n${ok}`), patient).toBe(true);
    expect(agent.stdout).toMatch(/^status .*\nfailed: .*\nstatus .*\n$/);
    await late.dispose();
  });

  const programs = shell.name === 'dash' ? tellers : [];
  it.for(programs)('can be kept with $tool', async ({ program, path }, { expect }) => {
    const { pod, key, startAgent, online, offline, status } = setup();
    const folder = toolFolder(join(pod.folder, 'bin'), { ...toolsOf('base64'), [program]: path });
    startAgent({ PATH: folder });
    expect(await online().exit).toBe(0);
    const lease = await etcd.leaseOf(key);
    expect(lease).toBeDefined();
    await pastTimeToLive(expect);
    expect(await etcd.leaseOf(key)).toBe(lease);
    expect(await offline().exit).toBe(0);
    expect(await status()).toBe(3);
  });

  // A busybox shell has its own, wherever PATH points.
  const hasOwn = shell.name === 'busybox';
  if (!hasOwn)
    it('needs base64 in the image, and says so', async () => {
      const { pod, startAgent, online } = setup({ deadlineSeconds: 5 });
      startAgent({ PATH: toolFolder(join(pod.folder, 'bin'), toolsOf()) });
      expect(await online().exit).toBe(1);
      expect(pod.read('termination-log')).toContain('failed: the image has no base64;');
    });

  describe('in a rich container', () => {
    const trace = (event: string): string => `echo "$POD_UID|app|${event}" >>"$YOUZAN_TRACE"`;
    const main: ProcessSpec = {
      name: 'app',
      main: true,
      command: {
        shell: `${trace('up')}; trap 'exit 3' USR2; trap 'exit 0' TERM; while :; do sleep 0.05 & wait $!; done`,
      },
    };
    async function container(pod: Pod, agent: ProcessSpec, offline: ReturnType<typeof renderHooks>['offline']) {
      const running = pod.start(renderEntrypoint({ processes: [agent, main], graceSeconds: 10, offline }), {
        env: where,
      });
      await pod.traced('app up');
      return running;
    }

    it('is UNREG after main ended unasked', async () => {
      const { pod, agent, hooks, online, status } = setup();
      const entrypoint = await container(pod, agent, hooks.offline);
      expect(await online().exit).toBe(0);
      expect(await status()).toBe(1);
      entrypoint.kill('SIGUSR2');
      expect(await entrypoint.exit).toBe(3);
      expect(await status()).toBe(3);
    });

    it('is kept by the next agent when one is killed', async ({ expect }) => {
      const { pod, agent, hooks, online, status, key } = setup();
      const entrypoint = await container(pod, agent, hooks.offline);
      expect(await online().exit).toBe(0);
      const lease = await etcd.leaseOf(key);
      process.kill(-pod.lineOf('registry-agent')!.pid!, 'SIGKILL');
      await waitUntil('another agent', () => pod.lineOf('registry-agent')?.restarts === 1);
      await expect.poll(() => etcd.leaseOf(key), patient).not.toBe(lease);
      expect(await status()).toBe(1);
      entrypoint.kill('SIGTERM');
      expect(await entrypoint.exit).toBe(0);
    });

    it('does not come from what the last container left in the state directory', async ({ expect }) => {
      const { pod, agent, hooks, online, offline, status } = setup();
      await container(pod, agent, hooks.offline);
      expect(await online().exit).toBe(0);
      kill(pod);
      await expect.poll(status, patient).toBeUndefined();
      await container(pod, agent, hooks.offline);
      await waitUntil('the agent', () => pod.read('state/registry-agent.wanted') === '');
      expect(await offline().exit).toBe(0);
      expect(await status()).toBeUndefined();
    });
  });
});
