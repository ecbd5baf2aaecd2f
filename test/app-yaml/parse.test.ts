import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAppSpec, commandOf, parseAppYaml, type AppSpec } from '../../src/app-yaml/index.js';
import { defineConventions, isYouzanKubeError, youzanConventions } from '../../src/conventions/index.js';

const file = 'trade-core/app.yaml';
const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const head = 'stack: s\nruntime: node-20\nentrypoint: node app.mjs\n';

/** `line:column message` of each finding. */
function findingsOf(text: string, name = file): string[] {
  try {
    parseAppYaml(text, { file: name });
  } catch (error) {
    if (!isYouzanKubeError(error) || error.code !== 'APP_YAML_INVALID') throw error;
    const [title, ...lines] = error.message.split('\n');
    expect(title).toBe(`${name} is not valid: ${lines.length === 1 ? '1 finding' : `${lines.length} findings`}`);
    expect(error.path).toMatch(/:\d+:\d+$/);
    return lines.map((line) => line.trim().replace(`${name}:`, '').replace(': ', ' '));
  }
  throw new Error('the text was taken');
}

describe('app.yaml', () => {
  it("may be the seed's three keys", () => {
    expect(parseAppYaml(fixture('seed.yaml'), { file })).toEqual({
      name: 'trade-core',
      kind: 'python',
      stack: 'youzanyun-centos6',
      runtime: 'python-2.7',
      entrypoint: ['gunicorn', '-c', 'gunicorn_config.py', 'wsgi:application'],
      after: [],
      ports: { http: 8030, manage: 8001 },
      env: { PYTHONUNBUFFERED: '1' },
      helpers: [],
      hooks: {},
      resources: {},
      probes: {},
    });
  });

  it('may have every other key', () => {
    expect(parseAppYaml(fixture('full.yaml'), { file: 'app.yaml' })).toEqual({
      name: 'trade-core',
      kind: 'java',
      stack: 'youzanyun-centos7',
      runtime: 'openjdk-8',
      entrypoint: { shell: 'exec java $JAVA_OPTS -jar trade-core.jar' },
      after: ['trace-agent'],
      ports: { http: 8080, rpc: 8100, manage: 8001, metrics: 9101 },
      env: { JAVA_OPTS: '-Xmx1g', SELF: '$(POD_IP):8080' },
      helpers: [
        {
          name: 'config',
          command: ['fetch-config', '--to', '/data/a b'],
          after: [],
          ready: { type: 'file', path: '/data/ready', deadlineSeconds: 5 },
        },
        {
          name: 'trace-agent',
          command: { shell: 'trace-agent | tee /data/trace' },
          after: ['config'],
          ready: { type: 'tcp', port: 2280, deadlineSeconds: 10 },
        },
      ],
      hooks: {
        preload: { path: '/warm', expect: 'READY', tries: 5, intervalSeconds: 0.5, deadlineSeconds: 20 },
        online: {
          deadlineSeconds: 3,
          after: [{ type: 'script', name: 'register', command: ['bin/register.sh'], deadlineSeconds: 5 }],
        },
        offline: {
          before: [
            { type: 'http', name: 'http', port: 8001, path: '/unregister', expectStatus: 204, deadlineSeconds: 2 },
          ],
        },
        drainSeconds: 8,
        stop: { deadlineSeconds: 30 },
      },
      resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
      replicas: 3,
      probes: {
        readiness: { periodSeconds: 1, failureThreshold: 3 },
        liveness: { path: '/alive', timeoutSeconds: 5 },
        startup: { port: 'rpc' },
      },
    });
  });

  it("is the demo's", () => {
    const demo = readFileSync(new URL('../../examples/demo/app.yaml', import.meta.url), 'utf8');
    const spec = parseAppYaml(demo, { file: 'examples/demo/app.yaml' });
    expect(spec).toMatchObject({
      name: 'trade-core',
      kind: 'node',
      entrypoint: ['node', 'examples/demo/app.mjs'],
      after: ['log-agent'],
    });
  });

  it('takes its name from the key, else from the caller, else from its folder', () => {
    expect(parseAppYaml(`name: own\n${head}`, { file, name: 'given' }).name).toBe('own');
    expect(parseAppYaml(head, { file, name: 'given' }).name).toBe('given');
    expect(parseAppYaml(head, { file: 'repo\\trade-core\\app.yaml' }).name).toBe('trade-core');
    expect(findingsOf(head, 'app.yaml')).toEqual([
      `1:1 "name" is missing, and no folder in the file's path can give it`,
    ]);
  });

  it('starts the app after all helpers unless it says which', () => {
    const helpers = 'helpers: [{ name: a, command: a }, { name: b, command: b }]\n';
    expect(parseAppYaml(head + helpers, { file }).after).toEqual(['a', 'b']);
    expect(parseAppYaml(`${head}${helpers}after: [b]\n`, { file }).after).toEqual(['b']);
    expect(parseAppYaml(`${head}${helpers}after: []\n`, { file }).after).toEqual([]);
  });

  it("knows a company's own kinds and ports", () => {
    const conventions = defineConventions({
      ports: { http: 8080 },
      kinds: {
        deno: {
          runtimes: ['deno'],
          roles: ['http', 'manage', 'metrics'],
          terminationSignal: 'INT',
          stack: 'youzanyun-debian12',
          runtime: 'deno-2',
        },
      },
    });
    const spec = parseAppYaml('stack: s\nruntime: deno-2\nentrypoint: deno run app.ts\n', { file, conventions });
    expect([spec.kind, spec.ports]).toEqual(['deno', { http: 8080, manage: 8001, metrics: 9100 }]);
  });

  it.each<[string, Partial<AppSpec>]>([
    ['java', { runtime: 'openjdk-17', entrypoint: { shell: 'exec java $JAVA_OPTS -jar app.jar' }, env: {}, hooks: {} }],
    ['php', { runtime: 'php-8.2', entrypoint: ['php-fpm8.2', '--nodaemonize', '--fpm-config', 'php-fpm.conf'] }],
    ['static', { runtime: 'nginx-1.22', ports: { http: 8030 }, hooks: { online: false, offline: false } }],
  ])('may be nothing but its kind, %s', (kind, expected) => {
    const spec = parseAppYaml(`kind: ${kind}\n`, { file });
    expect(spec).toMatchObject({ kind, stack: 'youzanyun-debian12', ...expected });
  });

  it.each(['node', 'python', 'generic'])('needs an entrypoint beside its kind, %s', (kind) => {
    expect(findingsOf(`kind: ${kind}\n`)).toEqual(['1:1 "entrypoint" is missing']);
  });

  it("may have another stack, runtime and entrypoint than its kind's", () => {
    const text = 'kind: java\nstack: s\nruntime: graal-1\nentrypoint: ./app\n';
    expect(parseAppYaml(text, { file })).toMatchObject({ stack: 's', runtime: 'graal-1', entrypoint: ['./app'] });
  });

  it("has the kind's variables, with its own in their place", () => {
    const env = (lines: string) => parseAppYaml(`kind: python\nentrypoint: x\n${lines}`, { file }).env;
    expect(env('env: { A: b }\n')).toEqual({ PYTHONUNBUFFERED: '1', A: 'b' });
    expect(env("env: { PYTHONUNBUFFERED: '' }\n")).toEqual({ PYTHONUNBUFFERED: '' });
  });

  it('may ask for the switch that its kind has not', () => {
    const { hooks } = parseAppYaml('kind: static\nhooks: { online: {}, offline: {} }\n', { file });
    expect(hooks).toEqual({ online: {}, offline: {} });
  });

  it.each([0, 1, 500])('may want %i pods', (replicas) => {
    expect(parseAppYaml(`${head}replicas: ${replicas}\n`, { file }).replicas).toBe(replicas);
  });

  it('may leave hooks out', () => {
    const { hooks } = parseAppYaml(`${head}hooks: { preload: false, online: false, offline: false }\n`, { file });
    expect(hooks).toEqual({ preload: false, online: false, offline: false });
  });

  it('may use anchors', () => {
    const text = `${head}helpers:\n  - { name: a, command: a, ready: &gate { file: x, deadlineSeconds: 1 } }\n  - { name: b, command: b, ready: *gate }\n`;
    expect(parseAppYaml(text, { file }).helpers[1]?.ready).toEqual({ type: 'file', path: 'x', deadlineSeconds: 1 });
  });
});

describe('a malformed app.yaml', () => {
  it('gets all its findings at once, in the order of the file', () => {
    const text = `stack: 3.8
runtme: node-20
entrypoint: ''
foo: 1
ports: { http: 2280, rcp: 8, x: 1 }
env:
  A: 1
  b c: x
helpers:
  - name: log agent
    command: [x, 1]
  - name: b
    command: { shel: x }
    ready: { http: { port: 99999 } }
hooks: { preload: { tries: 0 }, online: { after: [{ script: x }] } }
resources: { limits: { memory: 1Gb } }
`;
    expect(findingsOf(text)).toEqual([
      '1:1 "runtime" is missing',
      '1:8 stack is the number 3.8; allowed is a text (put it in quotes)',
      '2:1 unknown key "runtme"; did you mean "runtime"?',
      '3:13 entrypoint must not be empty',
      expect.stringMatching(/^4:1 unknown key "foo"; known are stack, runtime, entrypoint, /),
      '5:22 unknown key "rcp"; did you mean "rpc"?',
      '5:30 unknown key "x"; known are http, rpc, manage, metrics',
      '7:6 env.A is the number 1; allowed is a text (put it in quotes)',
      '8:8 env.b c is no name of a variable: letters, digits and _',
      expect.stringMatching(/^10:11 helpers\[0\]\.name "log agent" is no name/),
      '11:18 helpers[0].command[1] is the number 1; allowed is a text (put it in quotes)',
      '13:14 helpers[1].command.shell is missing',
      '13:16 unknown key "shel"; did you mean "shell"?',
      '14:12 helpers[1].ready.deadlineSeconds is missing',
      '14:20 helpers[1].ready.http.path is missing',
      '14:28 helpers[1].ready.http.port 99999 is no port: a whole number from 1 to 65535',
      '15:28 hooks.preload.tries 0 is no whole number above 0',
      '15:51 hooks.online.after[0].deadlineSeconds is missing',
      '16:32 resources.limits.memory "1Gb" is no quantity above 0, such as 500m, 2 or 1Gi',
    ]);
  });

  it.each<[string, string, string]>([
    [
      'an unknown kind',
      'kind: rust',
      '4:7 kind "rust" is no known kind; known are java, node, python, php, static, generic',
    ],
    ['a reserved port', 'ports: { http: 2280 }', '4:16 ports.http 2280 is reserved for trace-agent'],
    ['one port twice', 'ports: { http: 9000, manage: 9000 }', '4:30 ports.manage 9000 is the port of http'],
    ["a convention's port twice", 'ports: { metrics: 8001 }', '4:19 ports.metrics 8001 is the port of manage'],
    ['a name that is none', 'name: Trade_Core', '4:7 name "Trade_Core" is no name'],
    ["a name of another app's debug release", 'name: trade-debug', '4:7 name "trade-debug" ends with "-debug"'],
    ["a name of another app's color", 'name: trade-gray', '4:7 name "trade-gray" ends with "-gray"'],
    ['an unknown helper', 'after: [agent]', '4:9 after[0] "agent" is no helper; there are none'],
    [
      'two helpers of one name',
      'helpers: [{ name: a, command: a }, { name: a, command: b }]',
      `helpers[1].name "a" is already another helper's`,
    ],
    [
      "the app's own name",
      'helpers: [{ name: app, command: a }]',
      `helpers[0].name "app" is a name of the rich container's own`,
    ],
    [
      'a circle',
      'helpers: [{ name: a, command: a, after: [b] }, { name: b, command: b, after: [a] }]',
      'a after b after a',
    ],
    [
      'a gate of two types',
      'helpers: [{ name: a, command: a, ready: { file: x, tcp: { port: 1 }, deadlineSeconds: 1 } }]',
      'helpers[0].ready is one of exec, tcp, http and file, with a deadlineSeconds; got tcp and file',
    ],
    ['a gate of none', 'helpers: [{ name: a, command: a, ready: { deadlineSeconds: 1 } }]', 'got none'],
    [
      'a step of none',
      'hooks: { offline: { before: [{ deadlineSeconds: 1 }] } }',
      '4:30 hooks.offline.before[0] is one of script, http and wait; got none',
    ],
    ["the conventions' variables", 'env: { POD_IP: x }', '4:8 "POD_IP" is set by the conventions in every container'],
    ["a port's variable", 'env: { PORT_HTTP: x }', '"PORT_HTTP" is set by the conventions'],
    [
      'a limit under its request',
      'resources: { requests: { cpu: 2 }, limits: { cpu: 500m } }',
      'resources.limits.cpu 500m is less than the request, 2',
    ],
    ['half a pod', 'replicas: 0.5', '4:11 replicas 0.5 is no number of pods: a whole number from 0'],
    ['fewer pods than none', 'replicas: -1', 'replicas -1 is no number of pods'],
    ['pods as a text', "replicas: '3'", 'replicas is a text; allowed is a number'],
    [
      'a probe of a port by its number',
      'probes: { liveness: { port: 8001 } }',
      '4:29 probes.liveness.port 8001 is no port role; known are http, rpc, manage, metrics',
    ],
    [
      'a probe of a port that is not open',
      'probes: { readiness: { port: rpc } }',
      '4:30 probes.readiness.port "rpc" is no port of the app; it opens http, manage',
    ],
    [
      'a probe without end',
      'probes: { startup: { failureThreshold: 0 } }',
      'probes.startup.failureThreshold 0 is out of range: a whole number from 1 to 3600',
    ],
    ['another probe', 'probes: { livenes: {} }', '4:11 unknown key "livenes"; did you mean "liveness"?'],
    ['a list for a map', 'ports: [8030]', '4:8 ports is a list; allowed is a map'],
    ['a list for a map of any keys', 'env: [a]', '4:6 env is a list; allowed is a map'],
    ['nothing for a map', 'env:', 'env is empty; allowed is a map'],
    [
      'a command that is a number',
      'helpers: [{ name: a, command: 1 }]',
      'helpers[0].command is the number 1; allowed is a line of text',
    ],
    ['a key twice', 'stack: t', '4:1 this key stands here a second time'],
    ['a tab', 'env:\n\tA: b', '5:1 a tab; YAML is indented with spaces'],
    ['a NUL', 'env: { A: "a\\0b" }', 'env.A holds a NUL character'],
  ])('has a finding for %s', (_, line, expected) => {
    expect(findingsOf(`${head}${line}\n`).join('\n')).toContain(expected);
  });

  it.each<[string, string, string]>([
    ['nothing', '', '1:1 is empty'],
    ['a comment', '# later\n', '1:1 is empty'],
    ['a list', '- a\n', '1:1 app.yaml is a map of keys; got a list'],
    ['a word', 'yes\n', '1:1 app.yaml is a map of keys; got a text'],
    ['no YAML', 'a: [\n', '2:1 '],
    ['two documents', `${head}---\n${head}`, '4:1 '],
    [
      'an unknown runtime',
      'stack: s\nruntime: rust-1\nentrypoint: x\n',
      '2:10 runtime "rust-1" belongs to no known kind; set "kind" to one of java',
    ],
    ['deep nesting', '['.repeat(100_000), '1:1 is nested too deeply'],
    ['a huge text', `# ${'x'.repeat(300_000)}`, '1:1 is 300002 characters long; at most 262144 are read'],
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n`,
      '1:1 its aliases repeat too much',
    ],
    ['keys of the prototype', '__proto__: { stack: s }\nconstructor: x\n', '1:1 unknown key "__proto__"'],
  ])('is %s', (_, text, expected) => {
    expect(findingsOf(text).join('\n')).toContain(expected);
  });

  it('is refused with findings whatever the text, or taken', () => {
    const piece = fc.constantFrom(
      'stack: s\n',
      'runtime: node-20\n',
      'entrypoint: x\n',
      'env:\n',
      '  A: ',
      '&a ',
      '*a',
      '[',
      '}',
      '- ',
      '"',
      '\t',
      '\n',
      '? ',
      '!!binary ',
      '|\n',
      '\u0000',
      '\ud800',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          try {
            expect(checkAppSpec(parseAppYaml(text, { file }), youzanConventions)).toEqual([]);
          } catch (error) {
            if (!isYouzanKubeError(error)) throw error;
            expect(error.code).toBe('APP_YAML_INVALID');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a spec that was changed after it was parsed', () => {
  const spec = parseAppYaml(fixture('seed.yaml'), { file });
  it.each<[string, Partial<AppSpec>, string, string]>([
    ['a number of pods that is none', { replicas: -1 }, 'replicas', '-1 is no number of pods: a whole number from 0'],
    [
      'a probe that never fails',
      { probes: { liveness: { failureThreshold: 0 } } },
      'probes.liveness.failureThreshold',
      '0 is out of range: a whole number from 1',
    ],
    [
      'a probe of a port that is not open',
      { probes: { startup: { port: 'metrics' } } },
      'probes.startup.port',
      '"metrics" is no port of the app; it opens http, manage',
    ],
  ])('has a finding for %s', (_, change, key, message) => {
    expect(checkAppSpec({ ...spec, ...change }, youzanConventions)).toEqual([{ key, message }]);
  });
});

describe('a command line', () => {
  it.each([
    ['node app.mjs', ['node', 'app.mjs']],
    ['  a   b\tc ', ['a', 'b', 'c']],
    ['gunicorn -c conf.py wsgi:application', ['gunicorn', '-c', 'conf.py', 'wsgi:application']],
    ['java $OPTS -jar a.jar', { shell: 'java $OPTS -jar a.jar' }],
    ["sh -c 'a b'", { shell: "sh -c 'a b'" }],
    ['A=1 node app.mjs', { shell: 'A=1 node app.mjs' }],
    ['a && b', { shell: 'a && b' }],
  ])('%s is %j', (line, command) => {
    expect(commandOf(line)).toEqual(command);
  });
});
