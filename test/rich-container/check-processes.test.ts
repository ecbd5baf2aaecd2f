import { describe, expect, it } from 'vitest';
import { isYouzanKubeError } from '../../src/conventions/index.js';
import {
  httpTools,
  renderEntrypoint,
  tcpTools,
  type EntrypointSpec,
  type Gate,
  type ProcessSpec,
} from '../../src/rich-container/index.js';

const app: ProcessSpec = { name: 'app', main: true, command: ['app'] };
const agent: ProcessSpec = { name: 'agent', command: ['agent'] };

/** The findings of the error, or none. */
function findingsOf(processes: readonly ProcessSpec[], more: Partial<EntrypointSpec> = {}): string[] {
  try {
    renderEntrypoint({ processes, graceSeconds: 20, ...more });
    return [];
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    expect(error.code).toBe('RICH_CONTAINER_INVALID');
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^- /, ''));
  }
}
const gated = (ready: Gate): readonly ProcessSpec[] => [app, { ...agent, ready }];
const http = { type: 'http', port: 80, path: '/', deadlineSeconds: 1 } as const;
const tcp = { type: 'tcp', port: 80, deadlineSeconds: 1 } as const;

describe('the processes of an entrypoint', () => {
  it.each<[string, readonly ProcessSpec[]]>([
    ['one that is main', [app]],
    ['a helper after main', [app, { ...agent, after: ['app'] }]],
    ['gates of every type', gated(http)],
    ['a file gate below the state directory', gated({ type: 'file', path: 'ready', deadlineSeconds: 0.5 })],
    ['a helper with a signal of its own', [app, { ...agent, signals: { TERM: 'QUIT' } }]],
    [
      'graces that fill the whole',
      [
        { ...app, graceSeconds: 15 },
        { ...agent, graceSeconds: 5 },
      ],
    ],
  ])('may be %s', (_, processes) => {
    expect(findingsOf(processes)).toEqual([]);
  });

  it.each<[string, readonly ProcessSpec[], string]>([
    ['none', [], 'no process is main; there are none'],
    ['none that is main', [agent], 'no process is main; there are agent'],
    ['two mains', [app, { ...agent, main: true }], 'app and agent are main; one is allowed'],
    [
      'a bad name',
      [app, { ...agent, name: 'Log agent' }],
      'name "Log agent"; lower-case letters, digits and inner dashes are allowed, at most 63',
    ],
    ["the entrypoint's name", [app, { ...agent, name: 'entrypoint' }], 'name "entrypoint" is the entrypoint\'s own'],
    ['one name twice', [app, agent, agent], 'name "agent" stands more than once'],
    [
      'an unknown name in after',
      [{ ...app, after: ['agnet'] }, agent],
      'app.after names "agnet"; there are app, agent',
    ],
    [
      'a circle',
      [app, { ...agent, after: ['b'] }, { ...agent, name: 'b', after: ['agent'] }],
      'a circle: agent after b after agent',
    ],
    ['no command', [app, { ...agent, command: [] }], 'agent.command is empty'],
    ['an empty shell text', [app, { ...agent, command: { shell: '' } }], 'agent.command is empty'],
    [
      'a NUL',
      [app, { ...agent, command: ['a', 'b\0'] }],
      'agent.command[1] holds a NUL character, which no argument can',
    ],
    [
      'half a character',
      [app, { ...agent, command: ['a', '\ud800'] }],
      'agent.command[1] holds half of a surrogate pair',
    ],
    [
      'a signal that reaches only main',
      [app, { ...agent, signals: { HUP: 'USR1' } }],
      'agent.signals has HUP, which reach only main',
    ],
    ['no grace', [app, { ...agent, graceSeconds: 0 }], 'agent.graceSeconds is 0; seconds above 0 are allowed'],
    [
      'graces that do not fit',
      [
        { ...app, graceSeconds: 18 },
        { ...agent, graceSeconds: 5 },
      ],
      'graces agent 5 s + app 18 s do not fit into 20 s',
    ],
    [
      'a gate without an end',
      gated({ ...tcp, deadlineSeconds: Infinity }),
      'agent.ready.deadlineSeconds is Infinity; seconds above 0 are allowed',
    ],
    ['a gate of no port', gated({ ...tcp, port: 0 }), 'agent.ready.port is 0; 1 to 65535 is allowed'],
    [
      'a gate of no path',
      gated({ ...http, path: 'ready' }),
      'agent.ready.path is "ready"; a path that starts with "/", without spaces, is allowed',
    ],
    ['a gate of no file', gated({ type: 'file', path: '', deadlineSeconds: 1 }), 'agent.ready.path is no path'],
    ['a gate of no command', gated({ type: 'exec', command: [], deadlineSeconds: 1 }), 'agent.ready.command is empty'],
  ])('may not be %s', (_, processes, finding) => {
    expect(findingsOf(processes)).toContain(finding);
  });

  it('are refused with all findings at once', () => {
    const bad = { ...agent, command: [], ready: { ...tcp, port: -1 } };
    expect(findingsOf([bad, { ...bad, name: 'b' }], { graceSeconds: -1 }).length).toBeGreaterThanOrEqual(6);
  });
});

describe('the gates of an image whose programs are known', () => {
  const tools = ['sh', 'sleep', 'java'];

  it.each<[string, Gate, readonly string[]]>([
    ['http', http, httpTools],
    ['tcp', tcp, tcpTools],
  ])('are refused when they ask by %s and none of them can', (type, gate, wanted) => {
    expect(findingsOf(gated(gate), { tools })).toEqual([
      `agent.ready asks by ${type}, and the image has none of ${wanted.join(', ')}; a file or exec gate needs none`,
    ]);
  });

  it.each<[string, Gate, string | undefined]>([
    ['by http with wget', http, 'wget'],
    ['by tcp with php', tcp, 'php'],
    ['for a file with nothing', { type: 'file', path: 'ready', deadlineSeconds: 1 }, undefined],
    ['a command with nothing', { type: 'exec', command: ['true'], deadlineSeconds: 1 }, undefined],
  ])('may ask %s', (_, gate, tool) => {
    expect(findingsOf(gated(gate), { tools: [...tools, ...(tool === undefined ? [] : [tool])] })).toEqual([]);
  });

  it('are not held to tools where they are not known', () => {
    expect(findingsOf(gated(http))).toEqual([]);
  });
});
