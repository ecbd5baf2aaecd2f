import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppSpec } from '../../src/app-yaml/index.js';
import { resources, type KubeClient } from '../../src/kube/index.js';
import { exitCodes } from '../../src/rich-container/index.js';
import { demoSpec } from '../constructs/specs.js';
import { clientOf, containerOf, isReady, type ContainerStatus, type Pod } from './node/pods.js';
import { richPods, type RichPod } from './node/rich-pod.js';
import { useLab } from './use-lab.js';

const namespace = 'sidecar-test';
const placements = ['rich', 'sidecar'] as const;

const say = (event: string): string => `echo "-|first|${event}" >>"$YOUZAN_TRACE"`;
/** It is ready a while after it is up, ends a while after it is asked to, and has something to say. */
const first = {
  name: 'first',
  command: {
    shell: `trap 'sleep 0.5; ${say('term')}; exit 0' TERM; echo hello; ${say('up')}; sleep 1; ${say('ready')}; : >\${YOUZAN_STATE_DIR:-/tmp/youzan}/first.ok; while :; do sleep 60 & wait $!; done`,
  },
  after: [],
  ready: { type: 'file', path: 'first.ok', deadlineSeconds: 30 },
} as const;
/** The demo's app, after its log agent, which is after `first`. */
const spec: Partial<AppSpec> = {
  helpers: [...demoSpec.helpers.map((helper) => ({ ...helper, after: ['first'] })), first],
  after: ['log-agent'],
};
/** What the processes and hooks themselves said: the same, wherever they run. */
const said = (pod: RichPod): string[] => pod.trace().filter((line) => !line.startsWith('entrypoint '));
const ofSidecar = (pod: Pod, name: string): ContainerStatus | undefined =>
  (pod.status as { initContainerStatuses?: ContainerStatus[] }).initContainerStatuses?.find((one) => one.name === name);

describe('one description of helpers', () => {
  let client: KubeClient;
  let pods: ReturnType<typeof richPods>;

  beforeAll(async () => {
    const { 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc', nodes: 2 } });
    client = clientOf(cluster);
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    pods = richPods(client, namespace);
  });
  afterAll(async () => {
    await client.delete(resources.namespaces, { name: namespace });
    await client.close();
    pods.dispose();
  });

  describe.each(placements)('as %s', (placement) => {
    it('starts them in order before the app, and stops them in reverse after it', async () => {
      const pod = await pods.start(`order-${placement}`, { spec, placement });
      await pods.untilReady(pod);
      const started = ['first up', 'first ready', 'log-agent ready', 'app start', 'hook preload', 'hook online'];
      expect(said(pod)).toEqual(started);
      await pod.remove();
      expect(said(pod).slice(started.length)).toEqual([
        'hook offline',
        'app term',
        'hook stop',
        'log-agent term',
        'first term',
      ]);
    });

    it('says how its processes are, and gives their output to the log', async () => {
      const pod = await pods.start(`status-${placement}`, { spec, placement });
      await pods.untilReady(pod);
      const status = await pod.exec('sh', '/tmp/youzan/status');
      expect(status).toMatch(/^app +ready +\d+ +0 +\d+s$/m);
      const { name } = await pod.pod().then(({ metadata }) => metadata);
      if (placement === 'rich') {
        expect(status).toMatch(/^first +ready /m);
        expect(await pod.logs()).toMatch(/^\[first\] hello$/m);
      } else {
        expect(await pod.exec('sh', '/tmp/youzan/helpers/first/status')).toMatch(/^first +ready +\d+ +0 +\d+s$/m);
        expect(await client.logs({ namespace, name }, { container: 'first' })).toMatch(/^hello$/m);
      }
      await pod.remove();
    });

    it('does not start the app when a gate does not pass, and says which and why', async () => {
      const late = { ...first, ready: { type: 'file', path: 'never', deadlineSeconds: 3 } } as const;
      const pod = await pods.start(`late-${placement}`, {
        spec: { helpers: [late], after: ['first'] },
        placement,
      });
      const container = (seen: Pod): ContainerStatus | undefined =>
        placement === 'rich' ? containerOf(seen) : ofSidecar(seen, 'first');
      const failed = await pod.until('failed', (seen) => container(seen)?.lastState.terminated !== undefined);
      expect(container(failed)?.lastState.terminated).toMatchObject({
        exitCode: exitCodes.gateFailed.code,
        message: expect.stringMatching(
          /^first is not ready: its file gate never did not pass within 3 s; after \S+ s, \d+ tries; last: it does not exist\n$/,
        ) as unknown,
      });
      expect(said(pod)).not.toContain('app start');
      await pod.remove();
    });
  });

  it('as sidecar keeps the helpers while the app starts again, after it went offline', async () => {
    const entrypoint = [
      'node',
      '--input-type=module',
      '-e',
      "await import('/app/examples/demo/app.mjs'); process.on('SIGUSR2', () => { process.exit(7) })",
    ];
    const pod = await pods.start('dying-sidecar', { spec: { ...spec, entrypoint }, placement: 'sidecar' });
    await pods.untilReady(pod);
    const before = said(pod).length;
    await pod.exec('kill', '-USR2', '1');
    const again = await pod.until('ready again', (seen) => containerOf(seen)?.restartCount === 1 && isReady(seen));
    expect(containerOf(again)?.lastState.terminated).toMatchObject({ exitCode: 7 });
    expect(said(pod).slice(before)).toEqual(['hook offline', 'app start', 'hook preload', 'hook online']);
    expect(ofSidecar(again, 'first')?.restartCount).toBe(0);
    await pod.remove();
  });
});
