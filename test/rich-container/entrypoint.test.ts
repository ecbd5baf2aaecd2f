import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes, renderEntrypoint, type EntrypointSpec, type ProcessSpec } from '../../src/rich-container/index.js';
import { canUnshare, Pod, shells, waitUntil, which, type Running, type StartOptions } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

/** Appends a line to the trace, as apps do. */
const say = (event: string): string => `echo "$POD_UID|$0|${event}" >>"$YOUZAN_TRACE"`;
/** A process that runs until TERM, which it traces. */
const patient = (name: string, onTerm = 'exit 0'): ProcessSpec['command'] => [
  'sh',
  '-c',
  `trap '${say('term').replaceAll("'", `'\\''`)}; ${onTerm}' TERM; ${say('up')}; while :; do sleep 0.1 & wait $!; done`,
  name,
];
const app = (rest: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name: 'app',
  main: true,
  command: patient('app'),
  ...rest,
});
const fileGate = (path: string, deadlineSeconds = 10) => ({ type: 'file', path, deadlineSeconds }) as const;

describe.each(shells)('an entrypoint under $name', (shell) => {
  function run(
    processes: readonly ProcessSpec[],
    { graceSeconds = 20, offline, ...options }: Partial<EntrypointSpec> & StartOptions = {},
  ): { pod: Pod; running: Running } {
    const pod = new Pod(shell);
    pods.push(pod);
    const script = renderEntrypoint({ processes, graceSeconds, ...(offline !== undefined && { offline }) });
    return { pod, running: pod.start(script, options) };
  }

  describe('start', () => {
    it('starts a process only when all that it is after are ready', async () => {
      const { pod, running } = run([
        app({ after: ['b', 'c'] }),
        { name: 'b', command: patient('b'), after: ['a'], ready: fileGate('b.ok') },
        { name: 'a', command: patient('a'), ready: fileGate('a.ok') },
        { name: 'c', command: patient('c'), ready: fileGate('c.ok') },
      ]);
      await pod.traced('a up');
      await pod.traced('c up');
      expect(pod.lineOf('b')?.state).toBe('waiting');
      writeFileSync(join(pod.stateDir, 'a.ok'), '');
      await pod.traced('b up');
      writeFileSync(join(pod.stateDir, 'b.ok'), '');
      await pod.traced('entrypoint ready b');
      expect(pod.trace()).not.toContain('entrypoint start app');
      writeFileSync(join(pod.stateDir, 'c.ok'), '');
      await pod.traced('app up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
    });

    it('writes a state file with one line a process, the entrypoint first', async () => {
      const { pod, running } = run([app({ after: ['agent'] }), { name: 'agent', command: patient('agent') }]);
      await pod.traced('app up');
      await waitUntil('running', () => pod.lineOf('entrypoint')?.state === 'running');
      expect(pod.state()).toMatchObject([
        { name: 'entrypoint', state: 'running', pid: running.pid, restarts: 0 },
        { name: 'agent', state: 'ready', restarts: 0 },
        { name: 'app', state: 'ready', restarts: 0 },
      ]);
      const { pid = 0, since } = await waitUntil('pid', () =>
        pod.state().find((line) => line.name === 'app' && line.pid),
      );
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('app');
      expect(Math.abs(since - Date.now() / 1000)).toBeLessThan(10);
    });

    it('starts over in a state directory that an earlier container left', async () => {
      const pod = new Pod(shell);
      pods.push(pod);
      mkdirSync(pod.stateDir);
      for (const name of ['stopping', 'state', 'events']) writeFileSync(join(pod.stateDir, name), 'old');
      const running = pod.start(renderEntrypoint({ processes: [app()], graceSeconds: 5 }));
      await pod.traced('app up');
      expect(existsSync(join(pod.stateDir, 'stopping'))).toBe(false);
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
    });

    it('is stopped before main was started with 143, and never starts main', async () => {
      const { pod, running } = run([
        app({ after: ['agent'] }),
        { name: 'agent', command: patient('agent'), ready: fileGate('never', 60) },
      ]);
      await pod.traced('agent up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
      expect(pod.trace()).not.toContain('entrypoint start app');
      expect(pod.trace()).toContain('agent term');
    });
  });

  describe('gates', () => {
    it.each([
      ['exec', { type: 'exec', command: ['test', '-e', 'go'], deadlineSeconds: 10 }],
      ['exec in a shell', { type: 'exec', command: { shell: 'test -e "$DIR/go"' }, deadlineSeconds: 10 }],
      ['absolute file', { type: 'file', path: 'go', deadlineSeconds: 10 }],
    ] as const)('%s: passes as soon as it holds', async (_, gate) => {
      const pod = new Pod(shell);
      pods.push(pod);
      const go = join(pod.folder, 'go');
      const real =
        gate.type === 'file'
          ? { ...gate, path: go }
          : 'shell' in gate.command
            ? gate
            : { ...gate, command: ['test', '-e', go] };
      const processes = [app({ after: ['agent'] }), { name: 'agent', command: patient('agent'), ready: real }];
      pod.start(renderEntrypoint({ processes, graceSeconds: 5 }));
      await pod.traced('agent up');
      await waitUntil('starting', () => pod.lineOf('agent')?.state === 'starting');
      expect(pod.trace()).not.toContain('entrypoint start app');
      writeFileSync(go, '');
      await pod.traced('app up');
    });

    it.each([
      ['file', fileGate('never', 0.3), 'its file gate never', 'it does not exist'],
      [
        'exec',
        { type: 'exec', command: { shell: 'echo first; echo "not yet" >&2; exit 3' }, deadlineSeconds: 0.3 },
        'its exec gate',
        'not yet',
      ],
      [
        'hanging exec',
        { type: 'exec', command: ['sleep', '60'], deadlineSeconds: 0.3 },
        'its exec gate',
        'killed after 1 s',
      ],
      ['tcp', { type: 'tcp', port: 9, deadlineSeconds: 0.3 }, 'its tcp gate on port 9', 'refused'],
      [
        'http',
        { type: 'http', port: 9, path: '/ready', deadlineSeconds: 0.3 },
        'its http gate on port 9, GET /ready,',
        'HTTP 000',
      ],
    ] as const)('%s: its deadline names process, gate, last error and time', async (_, gate, described, last) => {
      const { pod, running } = run([
        app({ after: ['agent'] }),
        { name: 'agent', command: patient('agent'), ready: gate },
      ]);
      expect(await running.exit).toBe(exitCodes.gateFailed.code);
      const message = pod.read('termination-log');
      expect(message).toContain(`agent is not ready: ${described} did not pass within 0.3 s`);
      expect(message).toMatch(/after \d+\.\d\d s, \d+ tries; last: /);
      expect(message.toLowerCase()).toContain(last.toLowerCase());
      expect(running.stderr).toContain(message.trim());
      expect(pod.trace()).toContain('agent term');
      expect(pod.trace()).not.toContain('entrypoint start app');
    });
  });

  describe('helpers', () => {
    it('are started again with a growing pause, and are counted', async () => {
      const { pod, running } = run([app(), { name: 'agent', command: ['sh', '-c', `${say('up')}; exit 3`, 'agent'] }]);
      await waitUntil('two restarts', () => (pod.lineOf('agent')?.restarts ?? 0) >= 2);
      expect(running.stderr).toContain('agent ended with exit code 3; again in 0.50 s');
      await waitUntil('the third pause', () => running.stderr.includes('again in 2.00 s'));
      expect(running.stderr).toContain('again in 1.00 s');
      await waitUntil('backoff', () => pod.lineOf('agent')?.state === 'backoff');
      expect(pod.lineOf('app')?.restarts).toBe(0);
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
      expect(pod.trace().filter((event) => event === 'agent up')).toHaveLength(3);
    });

    it('that crash before their gate passed do not let main start', async () => {
      const { pod, running } = run([
        app({ after: ['agent'] }),
        { name: 'agent', command: ['sh', '-c', 'exit 1'], ready: fileGate('never', 0.8) },
      ]);
      expect(await running.exit).toBe(exitCodes.gateFailed.code);
      expect(pod.trace()).not.toContain('entrypoint start app');
    });
  });

  describe('stop', () => {
    it('stops main first, then the helpers in reverse order of their start, each after the other has ended', async () => {
      const { pod, running } = run([
        app({ after: ['b'], command: patient('app', 'exit 5') }),
        { name: 'a', command: patient('a') },
        { name: 'b', command: patient('b'), after: ['a'] },
      ]);
      for (const event of ['a up', 'b up', 'app up']) await pod.traced(event);
      running.kill('SIGTERM');
      expect(await running.exit).toBe(5);
      expect(pod.trace().filter((event) => / (term|exit .*)$/.test(event) || /exit/.test(event))).toEqual([
        'app term',
        'entrypoint exit app 5',
        'b term',
        'entrypoint exit b 0',
        'a term',
        'entrypoint exit a 0',
        'entrypoint exit 5',
      ]);
      expect(pod.read('termination-log')).toBe('');
    });

    it('kills what does not end in its grace', async () => {
      const deaf: ProcessSpec['command'] = [
        'sh',
        '-c',
        `trap '' TERM; ${say('up')}; while :; do sleep 0.1; done`,
        'app',
      ];
      const { pod, running } = run([app({ command: deaf, graceSeconds: 0.3 })]);
      await pod.traced('app up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(137);
      expect(running.stderr).toContain('app did not end in its grace: KILL');
    });

    it('kills a helper that does not end in its own grace, and ends with the code of main all the same', async () => {
      const deaf = ['sh', '-c', `trap '' TERM; ${say('up')}; while :; do sleep 0.1; done`, 'agent'];
      const { pod, running } = run([app(), { name: 'agent', command: deaf, graceSeconds: 0.3 }]);
      await pod.traced('app up');
      await pod.traced('agent up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
      expect(running.stderr).toContain('agent did not end in its grace: KILL');
      expect(pod.trace()).toContain('entrypoint exit agent 137');
    });

    it('waits no more after a second TERM', async () => {
      const deaf = (name: string): ProcessSpec['command'] => [
        'sh',
        '-c',
        `trap '${say('term').replaceAll("'", `'\\''`)}' TERM; ${say('up')}; while :; do sleep 0.1; done`,
        name,
      ];
      const { pod, running } = run([app({ command: deaf('app') }), { name: 'agent', command: deaf('agent') }], {
        graceSeconds: 600,
      });
      await pod.traced('app up');
      await pod.traced('agent up');
      running.kill('SIGTERM');
      await pod.traced('entrypoint stop app');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(137);
      expect(pod.trace()).toContain('agent term');
    });

    it('stops the whole tree of a process', async () => {
      const tree = `(trap 'echo "$POD_UID|child|term" >>"$YOUZAN_TRACE"; exit' TERM; echo "$POD_UID|child|up" >>"$YOUZAN_TRACE"; while :; do sleep 0.1 & wait $!; done) & sleep 600`;
      const { pod, running } = run([app({ command: { shell: tree } })]);
      await pod.traced('child up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
      await waitUntil('no process left', () => pod.processes().length === 0);
    });

    it('leaves no process behind, timers and gates included', async () => {
      const { pod, running } = run([
        app(),
        { name: 'agent', command: patient('agent'), ready: { type: 'exec', command: ['false'], deadlineSeconds: 60 } },
        { name: 'crashing', command: ['false'] },
      ]);
      await pod.traced('app up');
      await waitUntil('backoff', () => pod.lineOf('crashing')?.state === 'backoff');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
      await waitUntil('no process left', () => pod.processes().length === 0);
    });

    // Before a process has a group of its own, a signal to the group reaches nobody. A busybox shell has its own setsid.
    it.skipIf(shell.name === 'busybox')('reaches a process that is only just starting', async () => {
      const pod = new Pod(shell);
      pods.push(pod);
      const slow = join(pod.folder, 'setsid');
      writeFileSync(slow, `#!/bin/sh\nsleep 0.3; exec ${which('setsid') ?? ''} "$@"\n`, { mode: 0o755 });
      const processes = [app({ command: ['sleep', '600'] }), { name: 'agent', command: ['sleep', '600'] }];
      const running = pod.start(renderEntrypoint({ processes, graceSeconds: 600 }), {
        env: { PATH: `${pod.folder}:${process.env['PATH'] ?? ''}` },
      });
      await pod.traced('entrypoint start app');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
    });

    it('sends the signals of the table instead', async () => {
      const command = [
        'sh',
        '-c',
        `trap '${say('quit').replaceAll("'", `'\\''`)}; exit 0' USR2; ${say('up')}; while :; do sleep 0.1 & wait $!; done`,
        'app',
      ];
      const { pod, running } = run([app({ command, signals: { TERM: 'USR2' } })]);
      await pod.traced('app up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
      expect(pod.trace()).toContain('app quit');
    });
  });

  describe('signals', () => {
    it('HUP, USR1 and USR2 reach main, each as the table says', async () => {
      const traps = ['HUP', 'USR2', 'WINCH'].map(
        (signal) => `trap 'echo "$POD_UID|app|${signal}" >>"$YOUZAN_TRACE"' ${signal}`,
      );
      const command = ['sh', '-c', `${traps.join('; ')}; ${say('up')}; while :; do sleep 0.1 & wait $!; done`, 'app'];
      const { pod, running } = run([app({ command, signals: { USR1: 'WINCH' } })]);
      await pod.traced('app up');
      running.kill('SIGHUP');
      await pod.traced('app HUP');
      running.kill('SIGUSR1');
      await pod.traced('app WINCH');
      running.kill('SIGUSR2');
      await pod.traced('app USR2');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
    });

    // A signal wakes the script just when its event is on the way: the moment at which an event is lost most easily.
    it('are all taken, one after the other', async () => {
      const times = 150;
      const trap = `trap 'echo "$POD_UID|app|usr1" >>"$YOUZAN_TRACE"' USR1`;
      const { pod, running } = run([
        app({ command: ['sh', '-c', `${trap}; ${say('up')}; while :; do sleep 1 & wait $!; done`, 'app'] }),
      ]);
      await pod.traced('app up');
      for (let sent = 1; sent <= times; sent += 1) {
        running.kill('SIGUSR1');
        await waitUntil(
          `signal ${sent}`,
          () => pod.trace().filter((event) => event === 'app usr1').length === sent,
          5000,
        );
      }
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
    });

    it('INT and QUIT stop it as TERM does', async () => {
      for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
        const { pod, running } = run([app()]);
        await pod.traced('app up');
        running.kill(signal);
        expect(await running.exit).toBe(0);
      }
    });
  });

  describe('exit codes', () => {
    it.each([
      ['0', 'exit 0', 0],
      ['its own', 'exit 7', 7],
      ['128 + n for a signal', 'kill -KILL $$', 137],
      ['a code above 128 of its own', 'exit 200', 200],
    ])('are those of main: %s', async (_, text, code) => {
      const { pod, running } = run([app({ command: { shell: text } }), { name: 'agent', command: patient('agent') }]);
      expect(await running.exit).toBe(code);
      const reason = `app ended unasked after`;
      if (code === 0) expect(pod.read('termination-log')).toBe('');
      else expect(pod.read('termination-log')).toMatch(new RegExp(`^${reason} .* with exit code ${code}\\n$`));
    });

    it('are 127 and a reason when main is not there', async () => {
      const { pod, running } = run([app({ command: ['no-such-program'] })]);
      expect(await running.exit).toBe(127);
      expect(running.stderr).toContain('no-such-program');
      expect(pod.read('termination-log')).toContain('exit code 127');
    });

    it('are 110 when the state directory can not be written', async () => {
      const { pod, running } = run([app()], { env: { YOUZAN_STATE_DIR: '/proc/none' } });
      expect(await running.exit).toBe(exitCodes.stateDirectory.code);
      expect(pod.read('termination-log')).toContain(
        'the state directory /proc/none can not be written; mount an emptyDir',
      );
    });

    // A busybox shell has its own programs, wherever PATH points.
    it.skipIf(shell.name === 'busybox')('are 111 when a program is missing', async () => {
      const { pod, running } = run([app()], { env: { PATH: '/nowhere' } });
      expect(await running.exit).toBe(exitCodes.toolMissing.code);
      expect(pod.read('termination-log')).toContain('the image has no setsid');
    });
  });

  describe('the end of main', () => {
    const offline = { script: 'echo "$POD_UID|hook|offline" >>"$YOUZAN_TRACE"', deadlineSeconds: 5 };

    it('unasked: runs offline, then stops the helpers', async () => {
      const { pod, running } = run(
        [app({ command: { shell: 'sleep 0.2; exit 3' } }), { name: 'agent', command: patient('agent') }],
        { offline },
      );
      expect(await running.exit).toBe(3);
      const trace = pod.trace();
      expect(trace.indexOf('entrypoint exit app 3')).toBeLessThan(trace.indexOf('hook offline'));
      expect(trace.indexOf('hook offline')).toBeLessThan(trace.indexOf('agent term'));
    });

    it('unasked, and offline hangs: is bounded by its deadline', async () => {
      const { running } = run([app({ command: ['false'] })], { offline: { script: 'sleep 600', deadlineSeconds: 1 } });
      expect(await running.exit).toBe(1);
    });

    it('after TERM: does not run offline', async () => {
      const { pod, running } = run([app()], { offline });
      await pod.traced('app up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(0);
      expect(pod.trace()).not.toContain('hook offline');
    });

    it('asked for by the stop hook: stays, with its helpers, until TERM, and ends with the code of main', async () => {
      const { pod, running } = run(
        [app({ command: patient('app', 'exit 4') }), { name: 'agent', command: patient('agent') }],
        { offline },
      );
      await pod.traced('app up');
      await pod.traced('agent up');
      writeFileSync(join(pod.stateDir, 'stopping'), '');
      writeFileSync(join(pod.stateDir, 'events'), 'stop\n');
      await waitUntil('main ended', () => pod.lineOf('entrypoint')?.state === 'ended');
      expect(pod.lineOf('app')?.state).toBe('exited');
      expect(pod.lineOf('agent')?.state).toBe('ready');
      expect(pod.trace()).not.toContain('hook offline');
      expect(pod.trace()).not.toContain('agent term');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(4);
      expect(pod.trace()).toContain('agent term');
      expect(pod.read('termination-log')).toBe('');
    });
  });

  describe('output', () => {
    it('is raw, or each line has the name of its process before it', async () => {
      const { running } = run([
        app({
          command: { shell: `printf '{"a":"\\\\n"}\\n'; while [ ! -e "$DIR/go" ]; do sleep 0.05; done; printf end` },
        }),
        {
          name: 'agent',
          output: 'prefix',
          command: { shell: `echo ' one  two \\'; echo three >&2; printf last; : >"$DIR/go"; sleep 600` },
        },
      ]);
      expect(await running.exit).toBe(0);
      for (const text of ['{"a":"\\n"}\n', '[agent]  one  two \\\n', '[agent] three\n', '[agent] last\n']) {
        expect(running.stdout).toContain(text);
      }
      expect(running.stdout).toContain('end');
    });
  });

  describe.runIf(canUnshare)('as PID 1', () => {
    it('reaps orphans, of whatever process', async () => {
      const orphans = `for i in 1 2 3 4 5; do (sh -c 'sleep 0.1; echo "$POD_UID|orphan|end" >>"$YOUZAN_TRACE"' &) ; done; sleep 600`;
      const { pod, running } = run([app({ command: { shell: orphans } })], { pid1: true });
      await waitUntil('five orphans', () => pod.trace().filter((event) => event === 'orphan end').length === 5);
      const { pid } = running;
      const zombies = (): string[] =>
        readdirSync('/proc').filter((entry) => {
          if (!/^\d+$/.test(entry)) return false;
          try {
            return new RegExp(`\\) Z ${pid} `).test(readFileSync(`/proc/${entry}/stat`, 'utf8'));
          } catch {
            return false;
          }
        });
      await waitUntil('no zombie', () => zombies().length === 0);
      running.kill('SIGTERM');
      expect(await running.exit).toBe(143);
    });

    it.each([
      ['its own code', 'exit 7', 7],
      ['128 + n for a signal', 'kill -KILL $$', 137],
    ])('ends with that of main: %s', async (_, text, code) => {
      const processes = [app({ command: { shell: text } }), { name: 'agent', command: patient('agent') }];
      const { running } = run(processes, { pid1: true });
      expect(await running.exit).toBe(code);
    });

    it('ends when a gate does not pass, and leaves no process behind', async () => {
      const { pod, running } = run(
        [app({ after: ['agent'] }), { name: 'agent', command: patient('agent'), ready: fileGate('never', 0.3) }],
        { pid1: true },
      );
      expect(await running.exit).toBe(exitCodes.gateFailed.code);
      await waitUntil('no process left', () => pod.processes().length === 0);
    });

    it('hands signals on to main, and hurries at a second TERM', async () => {
      const command = [
        'sh',
        '-c',
        `trap 'echo "$POD_UID|app|HUP" >>"$YOUZAN_TRACE"' HUP; trap '' TERM; ${say('up')}; while :; do sleep 0.1 & wait $!; done`,
        'app',
      ];
      const { pod, running } = run([app({ command })], { pid1: true, graceSeconds: 600 });
      await pod.traced('app up');
      running.kill('SIGHUP');
      await pod.traced('app HUP');
      running.kill('SIGTERM');
      await pod.traced('entrypoint stop app');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(137);
    });

    it('starts, stops and ends as elsewhere', async () => {
      const { pod, running } = run(
        [
          app({ after: ['agent'], command: patient('app', 'exit 6') }),
          { name: 'agent', command: patient('agent'), ready: fileGate('ok') },
        ],
        { pid1: true },
      );
      await pod.traced('agent up');
      expect(pod.lineOf('entrypoint')?.pid).toBe(1);
      writeFileSync(join(pod.stateDir, 'ok'), '');
      await pod.traced('app up');
      running.kill('SIGTERM');
      expect(await running.exit).toBe(6);
      expect(pod.trace().slice(-6)).toEqual([
        'app term',
        'entrypoint exit app 6',
        'entrypoint stop agent',
        'agent term',
        'entrypoint exit agent 0',
        'entrypoint exit 6',
      ]);
    });
  });
});
