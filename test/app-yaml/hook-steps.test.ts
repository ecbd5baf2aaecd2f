import { describe, expect, it } from 'vitest';
import { parseAppYaml, type HookSettings } from '../../src/app-yaml/index.js';
import { isYouzanKubeError } from '../../src/conventions/index.js';

const head = 'stack: s\nruntime: openjdk-8\nentrypoint: java -jar app.jar\n';
const file = 'trade-core/app.yaml';
const hooksOf = (line: string): HookSettings => parseAppYaml(`${head}hooks: ${line}\n`, { file }).hooks;
const onlineSteps = (step: string): unknown => {
  const { online } = hooksOf(`{ online: { after: [${step}] } }`);
  return online === false ? undefined : online?.after;
};
function findingsOf(line: string): string[] {
  try {
    hooksOf(line);
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((one) => one.trim().replace(`${file}:`, '').replace(': ', ' '));
  }
  throw new Error('the hooks were taken');
}

describe('a step in app.yaml', () => {
  it.each<[string, string, object]>([
    ['a wait', '{ wait: 1.5 }', { type: 'wait', name: 'wait', seconds: 1.5 }],
    [
      'a script that is tried again',
      '{ name: warm, script: bin/warm.sh, retries: 3, intervalSeconds: 2, deadlineSeconds: 9 }',
      { type: 'script', name: 'warm', command: ['bin/warm.sh'], retries: 3, intervalSeconds: 2, deadlineSeconds: 9 },
    ],
    [
      'a POST',
      `{ http: { port: 8001, path: /warm, method: POST, body: '{"a":1}' }, retries: 0, deadlineSeconds: 2 }`,
      {
        type: 'http',
        name: 'http',
        port: 8001,
        path: '/warm',
        method: 'POST',
        body: '{"a":1}',
        retries: 0,
        deadlineSeconds: 2,
      },
    ],
    [
      'a registration of everything as it is by default',
      '{ registry: {}, deadlineSeconds: 5 }',
      { type: 'registry', name: 'registry', registry: {}, deadlineSeconds: 5 },
    ],
    [
      'a registration with everything otherwise',
      '{ name: register, registry: { protocol: dubbo, namespace: a.b, service: c, port: http, weight: 0, extData: "[]", endpoints: ["http://10.0.0.1:2379"] }, deadlineSeconds: 5, onFailure: warn }',
      {
        type: 'registry',
        name: 'register',
        registry: {
          protocol: 'dubbo',
          namespace: 'a.b',
          service: 'c',
          port: 'http',
          weight: 0,
          extData: '[]',
          endpoints: ['http://10.0.0.1:2379'],
        },
        deadlineSeconds: 5,
        onFailure: 'warn',
      },
    ],
  ])('may be %s', (_, text, step) => {
    expect(onlineSteps(text)).toEqual([step]);
  });

  it('may stand after preload, before offline and before stop', () => {
    const wait = { type: 'wait', name: 'wait', seconds: 1 };
    expect(
      hooksOf(
        '{ preload: { after: [{ wait: 1 }] }, offline: { before: [{ wait: 1 }] }, stop: { before: [{ wait: 1 }] } }',
      ),
    ).toEqual({ preload: { after: [wait] }, offline: { before: [wait] }, stop: { before: [wait] } });
  });
});

describe('a malformed step in app.yaml', () => {
  const step = (text: string): string => `{ online: { after: [${text}] } }`;
  it.each<[string, string, string]>([
    [
      'of two kinds',
      step('{ script: x, wait: 1 }'),
      '4:28 hooks.online.after[0] is one of script, http, wait and registry; got script and wait',
    ],
    ['without a deadline', step('{ script: x }'), '4:28 hooks.online.after[0].deadlineSeconds is missing'],
    [
      'a wait with a deadline',
      step('{ wait: 1, deadlineSeconds: 1 }'),
      '4:56 hooks.online.after[0].deadlineSeconds is for steps that may fail only',
    ],
    [
      'a wait of nothing',
      step('{ wait: 0 }'),
      '4:36 hooks.online.after[0].wait 0 is out of range: more than 0, at most 3600 seconds',
    ],
    [
      'too many retries',
      step('{ script: x, retries: 1001, deadlineSeconds: 1 }'),
      '4:50 hooks.online.after[0].retries 1001 is out of range: a whole number from 0 to 1000',
    ],
    [
      'a body of a GET',
      step('{ http: { port: 1, path: /, body: x }, deadlineSeconds: 1 }'),
      '4:36 hooks.online.after[0].http has a body, which only a POST has',
    ],
    [
      'an unknown method',
      step('{ http: { port: 1, path: /, method: PUT }, deadlineSeconds: 1 }'),
      '4:64 hooks.online.after[0].http.method "PUT" is neither GET nor POST',
    ],
    [
      'a script that only warns',
      step('{ script: x, deadlineSeconds: 1, onFailure: warn }'),
      '4:72 hooks.online.after[0].onFailure is for registry only',
    ],
    [
      'a registration that retries',
      step('{ registry: {}, retries: 1, deadlineSeconds: 1 }'),
      '4:53 hooks.online.after[0].retries is for script and http only',
    ],
    [
      'an unknown key of a registration',
      step('{ registry: { servce: x }, deadlineSeconds: 1 }'),
      '4:42 unknown key "servce"; did you mean "service"?',
    ],
    [
      'a service with a slash',
      step('{ registry: { service: a/b }, deadlineSeconds: 1 }'),
      '4:51 hooks.online.after[0].registry.service "a/b" has other characters than letters, digits, "_", ".", "$" and "-"',
    ],
    [
      'a role that is none',
      step('{ registry: { port: grpc }, deadlineSeconds: 1 }'),
      '4:48 hooks.online.after[0].registry.port "grpc" is no port role; known are http, rpc, manage, metrics',
    ],
    [
      'a port that is not open',
      step('{ registry: { port: metrics }, deadlineSeconds: 1 }'),
      '4:48 hooks.online.after[0].registry.port registers the port metrics, which the app does not open; it opens http, rpc, manage',
    ],
    [
      'an address behind TLS',
      step('{ registry: { endpoints: ["https://a:1"] }, deadlineSeconds: 1 }'),
      '4:54 hooks.online.after[0].registry.endpoints[0] "https://a:1" is no address such as http://10.0.0.1:2379',
    ],
    [
      'no address',
      step('{ registry: { endpoints: [] }, deadlineSeconds: 1 }'),
      '4:53 hooks.online.after[0].registry.endpoints is empty; leave it out or name one',
    ],
    [
      'a reaction that is none',
      step('{ registry: {}, deadlineSeconds: 1, onFailure: ignore }'),
      '4:75 hooks.online.after[0].onFailure "ignore" is neither fail nor warn',
    ],
  ])('has a finding: %s', (_, line, finding) => {
    expect(findingsOf(line)).toEqual([finding]);
  });

  it('may be a registration, which only follows online', () => {
    expect(findingsOf('{ offline: { before: [{ registry: {}, deadlineSeconds: 1 }] } }')).toEqual([
      '4:30 hooks.offline.before[0] is one of script, http and wait; got none',
      '4:32 unknown key "registry"; known are name, script, http, wait, deadlineSeconds, retries, intervalSeconds',
    ]);
  });

  it('has all its findings at once', () => {
    const line = step('{ http: { port: 1, path: /, body: x }, onFailure: warn }');
    expect(findingsOf(line).map((finding) => finding.split(' ').slice(1, 2).join())).toEqual([
      'hooks.online.after[0].deadlineSeconds',
      'hooks.online.after[0].http',
      'hooks.online.after[0].onFailure',
    ]);
  });
});
