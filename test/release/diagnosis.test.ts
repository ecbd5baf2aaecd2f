import { describe, expect, it } from 'vitest';
import { diagnosisOf, type EventObject, isEnding, type PodObject } from '../../src/release/diagnosis.js';

function pod(status: PodObject['status']): PodObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', uid: 'u-1' },
    status: { phase: 'Pending', podIP: '10.0.0.1', ...status },
  };
}
const event = (reason: string, message: string): EventObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e' },
  type: 'Warning',
  reason,
  message,
});
const container = (state: object, lastState: object = {}) => ({
  containerStatuses: [{ name: 'app', ready: false, restartCount: 2, state, lastState }],
});
const output = 'youzan-hook: postStart: preload failed: got HTTP 503 {"status":"DOWN"}; tries: 3, time: 0.6 s';

describe('diagnosisOf', () => {
  it("names the hook and its output, which a real kubelet's event does not have, from the termination message", () => {
    const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
    const ended = { terminated: { exitCode: 143, reason: 'Error', message: output } };
    const text = diagnosisOf(
      pod(container(waiting, ended)),
      [event('FailedPostStartHook', 'PostStartHook failed')],
      '',
    );
    expect(text).toBe(
      `pod web-1 (u-1, 10.0.0.1): postStart hook failed: PostStartHook failed; container app waits: CrashLoopBackOff: back-off 10s; container app ended with 143 (restarts: 2): Error: ${output}`,
    );
  });

  it("leaves out the hook's script, with which a real kubelet begins its message", () => {
    const script = "/bin/sh -c set -fu\n_a='b' exit 1";
    const message = `Exec lifecycle hook ([${script}]) for Container "app" in Pod "web-1_default(u-1)" failed - error: command '${script}' exited with 1: , message: "${output}"`;
    const waiting = { waiting: { reason: 'PostStartHookError', message } };
    const text = diagnosisOf(pod(container(waiting)), [], '');
    expect(text).toBe(
      `pod web-1 (u-1, 10.0.0.1): container app waits: PostStartHookError: exited with 1: , message: "${output}"`,
    );
  });

  it('takes the output from the log when nothing else has it, and says nothing twice', () => {
    const text = diagnosisOf(
      pod({}),
      [event('FailedPostStartHook', 'PostStartHook failed')],
      `starting\n${output}\nstopping\n`,
    );
    expect(text).toContain(output);
    expect(diagnosisOf(pod({}), [event('FailedPostStartHook', output)], output).split(output)).toHaveLength(2);
  });

  it.each<[string, PodObject, EventObject[], string, string]>([
    [
      'a missing image',
      pod(container({ waiting: { reason: 'ErrImagePull', message: 'not found' } })),
      [],
      '',
      'container app waits: ErrImagePull: not found',
    ],
    [
      'a crash',
      pod(container({ terminated: { exitCode: 1, reason: 'Error' } })),
      [],
      'boom\n',
      'container app ended with 1 (restarts: 2): Error; its last output: boom',
    ],
    [
      'a failing probe',
      pod({}),
      [event('Unhealthy', 'Readiness probe failed: 404')],
      '',
      'Unhealthy: Readiness probe failed: 404',
    ],
    [
      'no room',
      pod({
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
        ],
      }),
      [],
      '',
      '0/3 nodes are available',
    ],
    ['silence', pod({}), [], '', 'is Pending and says nothing'],
  ])('tells of %s', (_, seen, events, log, text) => {
    expect(diagnosisOf(seen, events, log)).toBe(`pod web-1 (u-1, 10.0.0.1): ${text}`);
  });
});

describe('isEnding', () => {
  const failed = [event('FailedPostStartHook', 'PostStartHook failed')];
  const ended = { terminated: { exitCode: 143, reason: 'Error' } };

  it.each<[string, PodObject['status'], EventObject[], boolean]>([
    [
      'a hook failed and its container is still being stopped',
      container({ waiting: { reason: 'ContainerCreating' } }),
      failed,
      true,
    ],
    ['no hook failed', container({ waiting: { reason: 'ContainerCreating' } }), [], false],
    ['the container has ended', container(ended), failed, false],
    ['it waits to be started again', container({ waiting: { reason: 'CrashLoopBackOff' } }, ended), failed, false],
    ['it waits with the hook as the reason', container({ waiting: { reason: 'PostStartHookError' } }), failed, false],
  ])('%s', (_, status, events, expected) => {
    expect(isEnding(pod(status), events)).toBe(expected);
  });
});
