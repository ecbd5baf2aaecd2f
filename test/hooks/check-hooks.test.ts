import { describe, expect, it } from 'vitest';
import { isYouzanKubeError } from '../../src/conventions/index.js';
import {
  renderHooks,
  type HooksSpec,
  type HookStep,
  type OnlineStep,
  type Registration,
} from '../../src/hooks/index.js';

/** The findings of hooks that are refused. */
function findingsOf(spec: HooksSpec): string[] {
  try {
    renderHooks(spec);
  } catch (error) {
    if (!isYouzanKubeError(error) || error.code !== 'HOOKS_INVALID') throw error;
    const [title, ...lines] = error.message.split('\n');
    expect(title).toBe("the hooks can't be made:");
    return lines.map((line) => line.replace(/^- /, ''));
  }
  throw new Error('the hooks were taken');
}

const http: HookStep = { type: 'http', name: 'register', port: 8001, path: '/register', deadlineSeconds: 1 };
const script: HookStep = { type: 'script', name: 'register', command: ['true'], deadlineSeconds: 1 };
const after = (...steps: OnlineStep[]): HooksSpec => ({ online: { after: steps } });
const registry = (fields: Partial<Registration>): HooksSpec =>
  after({ type: 'registry', name: 'r', registration: { service: 'a', port: 1, ...fields }, deadlineSeconds: 1 });
const path = 'a path that starts with "/", without spaces, is allowed';
const registration = 'online.after[0].registration';
const word = 'letters, digits, "_", ".", "$" and "-" are allowed';
const name = 'lower-case letters, digits, dashes and spaces are allowed';

describe('hooks that can not be made', () => {
  it.each<[string, HooksSpec, string]>([
    ['a port that is none', { preload: { port: 0 } }, 'preload.port is 0; 1 to 65535 is allowed'],
    ['a port with a fraction', { online: { port: 80.5 } }, 'online.port is 80.5; 1 to 65535 is allowed'],
    ['a port too large', { offline: { port: 65_536 } }, 'offline.port is 65536; 1 to 65535 is allowed'],
    ['a path without its slash', { online: { path: 'up' } }, `online.path is "up"; ${path}`],
    ['a path with a space', { offline: { path: '/a b' } }, `offline.path is "/a b"; ${path}`],
    ['a path with a line break', { preload: { path: '/a\n' } }, `preload.path is "/a\\n"; ${path}`],
    ['no tries', { preload: { tries: 0 } }, 'preload.tries is 0; whole numbers from 1 are allowed'],
    ['half a try', { preload: { tries: 1.5 } }, 'preload.tries is 1.5; whole numbers from 1 are allowed'],
    [
      'an expected text that is no word',
      { preload: { expect: '"UP"' } },
      'preload.expect is "\\"UP\\""; one word of letters, digits and "_" is allowed',
    ],
    ['no interval', { preload: { intervalSeconds: 0 } }, 'preload.intervalSeconds is 0; seconds above 0 are allowed'],
    [
      'a deadline that never comes',
      { preload: { deadlineSeconds: Infinity } },
      'preload.deadlineSeconds is Infinity; seconds above 0 are allowed',
    ],
    ['no deadline', { online: { deadlineSeconds: 0 } }, 'online.deadlineSeconds is 0; seconds above 0 are allowed'],
    [
      'a deadline that is no number',
      { offline: { deadlineSeconds: NaN } },
      'offline.deadlineSeconds is NaN; seconds above 0 are allowed',
    ],
    ['a drain in the past', { drainSeconds: -1 }, 'drainSeconds is -1; seconds from 0 are allowed'],
    ['a stop without time', { stop: { deadlineSeconds: 0 } }, 'stop.deadlineSeconds is 0; seconds above 0 are allowed'],
    ['a step with another name', after({ ...script, name: 'A' }), `online.after[0].name is "A"; ${name}`],
    ['a step of no words', after({ ...script, command: [] }), 'online.after[0].command is empty'],
    ['a step without a program', after({ ...script, command: ['', 'x'] }), 'online.after[0].command is empty'],
    ['an empty shell step', after({ ...script, command: { shell: '' } }), 'online.after[0].command is empty'],
    [
      'a step with a NUL',
      after({ ...script, command: { shell: 'a\0b' } }),
      'online.after[0].command holds a NUL character',
    ],
    [
      "a step's port",
      { offline: { before: [http, { ...http, port: -1 }] } },
      'offline.before[1].port is -1; 1 to 65535 is allowed',
    ],
    ["a step's path", { offline: { before: [{ ...http, path: '' }] } }, `offline.before[0].path is ""; ${path}`],
    [
      "a step's deadline",
      after({ ...http, deadlineSeconds: -1 }),
      'online.after[0].deadlineSeconds is -1; seconds above 0 are allowed',
    ],
    [
      'a wait of nothing',
      after({ type: 'wait', name: 'w', seconds: 0 }),
      'online.after[0].seconds is 0; seconds above 0 are allowed',
    ],
    [
      'half a retry',
      after({ ...http, retries: 0.5 }),
      'online.after[0].retries is 0.5; whole numbers from 0 to 1000 are allowed',
    ],
    [
      'retries without end',
      { preload: { after: [{ ...script, retries: Infinity }] } },
      'preload.after[0].retries is Infinity; whole numbers from 0 to 1000 are allowed',
    ],
    [
      'an interval of nothing',
      { stop: { before: [{ ...script, intervalSeconds: 0 }] } },
      'stop.before[0].intervalSeconds is 0; seconds above 0 are allowed',
    ],
    ['a body of a GET', after({ ...http, body: '{}' }), 'online.after[0].body is for the method POST only'],
    ['a body with a NUL', after({ ...http, method: 'POST', body: '\0' }), 'online.after[0].body holds a NUL character'],
    ['a protocol that is no word', registry({ protocol: 'a:b' }), `${registration}.protocol is "a:b"; ${word}`],
    ['a namespace with a slash', registry({ namespace: 'a/b' }), `${registration}.namespace is "a/b"; ${word}`],
    ['a service with a quote', registry({ service: 'a"' }), `${registration}.service is "a\\""; ${word}`],
    ['a registered port that is none', registry({ port: 0 }), `${registration}.port is 0; 1 to 65535 is allowed`],
    [
      'a weight below nothing',
      registry({ weight: -1 }),
      `${registration}.weight is -1; whole numbers from 0 to 1000 are allowed`,
    ],
    [
      'half a character',
      registry({ extData: '\ud800' }),
      `${registration}.extData holds a NUL character or half of a surrogate pair`,
    ],
    ['no endpoint', registry({ endpoints: [] }), `${registration}.endpoints is empty; leave it out or name one`],
    [
      'an endpoint behind TLS',
      registry({ endpoints: ['http://a:1', 'https://a:2379'] }),
      `${registration}.endpoints[1] is "https://a:2379"; http://host:port is allowed`,
    ],
  ])('%s', (_, spec, finding) => {
    expect(findingsOf(spec)).toEqual([finding]);
  });

  it('get all their findings at once', () => {
    expect(
      findingsOf({
        preload: { port: 0, tries: 0 },
        online: { path: 'x', after: [{ ...script, command: [] }] },
        drainSeconds: -1,
      }),
    ).toHaveLength(5);
  });

  it('are none without a step of their own', () => {
    expect(() => renderHooks({ preload: false, online: false, offline: false, stop: false })).not.toThrow();
  });
});
