import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, type KubeClient } from '../../src/kube/index.js';
import { exitCodes } from '../../src/rich-container/index.js';
import { references, unprivilegedUser } from './images/lab-images.js';
import { clientOf, containerOf, isReady } from './node/pods.js';
import { richPods } from './node/rich-pod.js';
import { useLab } from './use-lab.js';

const namespace = 'rich-container-test';

/** The demo's app that on USR2 does something more. */
const onUsr2 = (what: string) => ({
  entrypoint: [
    'node',
    '--input-type=module',
    '-e',
    `await import('/app/examples/demo/app.mjs'); process.on('SIGUSR2', () => { ${what} })`,
  ],
});

describe('a rich container in a real pod', () => {
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

  it('starts the helper, then the app, then runs preload and online, and only then is running and ready', async () => {
    const pod = await pods.start('in-order');
    const whenRunning: (readonly string[])[] = [];
    await pod.until('ready', (seen) => {
      if (containerOf(seen)?.state.running !== undefined) whenRunning.push(pod.trace());
      return isReady(seen);
    });
    // Without a gate the app counts as ready when it is started: before or after its own first word.
    expect(pod.trace().filter((line) => line !== 'entrypoint ready app')).toEqual([
      'entrypoint start log-agent',
      'log-agent ready',
      'entrypoint ready log-agent',
      'entrypoint start app',
      'app start',
      'hook preload',
      'hook online',
    ]);
    expect(whenRunning[0]).toContain('hook online');
    await pod.remove();
  });

  it("shows a hook's output in the container's log", async () => {
    const pod = await pods.start('hook-log');
    await pods.untilReady(pod);
    expect(await pod.logs()).toMatch(/^youzan-hook: preload done in \S+ s\nyouzan-hook: online done in \S+ s$/m);
    await pod.remove();
  });

  it('goes offline, then ends the app, then the helper, when it is deleted', async () => {
    const pod = await pods.start('deleted');
    await pods.untilReady(pod);
    const before = pod.trace().length;
    await pod.remove();
    expect(pod.trace().slice(before)).toEqual([
      'hook offline',
      'entrypoint stop app',
      'app term',
      'entrypoint exit app 0',
      'hook stop',
      'entrypoint stop log-agent',
      'log-agent term',
      'entrypoint exit log-agent 0',
      'entrypoint exit 0',
    ]);
  });

  it("ends with main's exit code and says so in its status, after it went offline", async () => {
    const pod = await pods.start('dying', { spec: onUsr2('process.exit(7)') });
    await pods.untilReady(pod);
    const before = pod.trace().length;
    await pod.exec('kill', '-USR2', '1');
    const { lastState } = containerOf(await pod.until('ended once', (seen) => containerOf(seen)?.restartCount === 1))!;
    expect(lastState.terminated).toMatchObject({
      exitCode: 7,
      reason: 'Error',
      message: expect.stringMatching(/^app ended unasked after \S+ s with exit code 7\n$/) as unknown,
    });
    const order = ['entrypoint exit app 7', 'hook offline', 'entrypoint stop log-agent', 'entrypoint exit 7'];
    expect(
      pod
        .trace()
        .slice(before)
        .filter((line) => order.includes(line))
        .slice(0, 4),
    ).toEqual(order);
    await pod.remove();
  });

  it('is killed when its preload fails, and status, events and log say which hook and why', async () => {
    const pod = await pods.start('not-preloaded', { environment: { FAIL_PRELOAD: '1' } });
    const failed = await pod.until('failed', (seen) => containerOf(seen)?.lastState.terminated !== undefined);
    const why = /postStart: preload failed: got HTTP 503 .*FAIL_PRELOAD is set.*; tries: \d+, time: \S+ s/;
    expect(containerOf(failed)?.lastState.terminated?.message).toMatch(why);
    expect((await pod.events()).join('\n')).toMatch(/FailedPostStartHook: PostStartHook failed/);
    await pod.remove();
  });

  it('runs without root on a read-only root file system, its state in an emptyDir', async () => {
    const { id } = unprivilegedUser;
    const pod = await pods.start('restricted', {
      environment: { YOUZAN_STATE_DIR: '/state' },
      change(spec, app) {
        spec.volumes = [...(spec.volumes ?? []), { name: 'state', emptyDir: {} }];
        app.volumeMounts = [...(app.volumeMounts ?? []), { name: 'state', mountPath: '/state' }];
        app.securityContext = {
          runAsNonRoot: true,
          runAsUser: id,
          runAsGroup: id,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        };
      },
    });
    await pods.untilReady(pod);
    expect(await pod.exec('id', '-u')).toBe(`${id}\n`);
    await expect(pod.exec('touch', '/file')).rejects.toThrow('Read-only file system');
    expect(await pod.logs()).toMatch(/^youzan-hook: online done/m);
    const before = pod.trace().length;
    await pod.remove();
    expect(pod.trace().slice(before)).toEqual(expect.arrayContaining(['hook offline', 'app term', 'log-agent term']));
  });

  it('says what to do on a read-only root file system without a place for its state', async () => {
    const pod = await pods.start('no-state', {
      change(_, app) {
        app.securityContext = { readOnlyRootFilesystem: true };
      },
    });
    const failed = await pod.until('failed', (seen) => containerOf(seen)?.lastState.terminated !== undefined);
    expect(containerOf(failed)?.lastState.terminated).toMatchObject({
      exitCode: exitCodes.stateDirectory.code,
      message: 'the state directory /tmp/youzan can not be written; mount an emptyDir and set YOUZAN_STATE_DIR to it\n',
    });
    await pod.remove();
  });

  it('is OOMKilled when the app takes more memory than its limit', async () => {
    const pod = await pods.start('greedy', {
      spec: onUsr2('const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1))'),
    });
    await pods.untilReady(pod);
    await pod.exec('kill', '-USR2', '1');
    const { lastState } = containerOf(await pod.until('ended once', (seen) => containerOf(seen)?.restartCount === 1))!;
    expect(lastState.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
      message: expect.stringContaining('app ended unasked') as unknown,
    });
    await pod.remove();
  });

  it('has a native sidecar up before it starts and until after it ended', async () => {
    const say = (event: string): string => `echo "-|sidecar|${event}" >>"$YOUZAN_TRACE"`;
    const pod = await pods.start('beside-a-sidecar', {
      change(spec, app) {
        spec.initContainers = [
          {
            name: 'sidecar',
            image: references.busybox,
            restartPolicy: 'Always',
            command: [
              'sh',
              '-c',
              `trap '${say('term')}; exit 0' TERM; ${say('start')}; while :; do sleep 60 & wait $!; done`,
            ],
            env: app.env?.filter(({ name }) => name === 'YOUZAN_TRACE') ?? [],
            volumeMounts: app.volumeMounts ?? [],
          },
        ];
      },
    });
    await pods.untilReady(pod);
    expect(pod.trace().slice(0, 2)).toEqual(['sidecar start', 'entrypoint start log-agent']);
    await pod.remove();
    expect(pod.trace().slice(-2)).toEqual(['entrypoint exit 0', 'sidecar term']);
  });
});
