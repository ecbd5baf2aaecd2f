import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { YouzanAppProps } from '../../constructs/index.js';
import type { ResourceSettings } from '../../src/app-yaml/index.js';
import { defineConventions } from '../../src/conventions/index.js';
import { knowsLimits } from '../../constructs/pod/jvm.js';
import { containerOf } from './objects.js';
import { demoSpec, propsOf } from './specs.js';

const limits = { cpu: '2500m', memory: '2Gi' };

/** An app of kind java with these limits. */
function app(runtime: string, own: { env?: Record<string, string>; limits?: ResourceSettings['limits'] } = {}) {
  const spec = { ...demoSpec, kind: 'java', runtime, env: own.env ?? {}, resources: { limits: own.limits ?? limits } };
  return propsOf(spec);
}
/** The variables that a JVM or the loader reads. */
function variablesOf(props: YouzanAppProps): Record<string, string | undefined> {
  const names = ['JAVA_TOOL_OPTIONS', 'LD_PRELOAD', 'CONTAINER_CPUS'];
  const found = containerOf(props).env.filter(({ name }) => names.includes(name));
  expect(new Set(found.map(({ name }) => name)).size).toBe(found.length);
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}
const optionsOf = (props: YouzanAppProps): string | undefined => variablesOf(props)['JAVA_TOOL_OPTIONS'];

describe('a runtime', () => {
  it.each([
    ['jdk-8u144', false],
    ['jdk-8u181', false],
    ['jdk-8u191', true],
    ['openjdk-8u392', true],
    ['jdk-1.8.0_144', false],
    ['jdk-1.8.0_202', true],
    ['openjdk-8', true],
    ['openjdk-8-jre', true],
    ['jdk-1.8', true],
    ['jre-7u80', false],
    ['jdk-1.7.0_80', false],
    ['jdk-9.0.4', false],
    ['openjdk-10', true],
    ['openjdk-11.0.2', true],
    ['java:17', true],
    ['OpenJDK-21.0.3', true],
    ['java', true],
    ['zulu-lts', true],
  ])('%s has a JVM that knows its limits: %s', (runtime, known) => {
    expect(knowsLimits(runtime)).toBe(known);
  });
});

describe('a JVM that knows its limits', () => {
  it('has as many CPUs as its limit, rounded up, and a share of its memory for the heap', () => {
    expect(variablesOf(app('openjdk-17'))).toEqual({
      JAVA_TOOL_OPTIONS: '-XX:ActiveProcessorCount=3 -XX:MaxRAMPercentage=70.0',
    });
  });

  it.each<[string, ResourceSettings['limits'], string | undefined]>([
    ['no CPU limit', { memory: '1Gi' }, '-XX:MaxRAMPercentage=70.0'],
    ['no memory limit', { cpu: '1' }, '-XX:ActiveProcessorCount=1'],
    ['half a CPU', { cpu: '500m' }, '-XX:ActiveProcessorCount=1'],
    ['no limit at all', {}, undefined],
  ])('with %s is told no more than that', (_, given, options) => {
    expect(optionsOf(app('openjdk-17', { limits: given }))).toBe(options);
  });

  const both = '-XX:ActiveProcessorCount=3 -XX:MaxRAMPercentage=70.0';
  it.each([
    ['-Dfile.encoding=UTF-8', `${both} -Dfile.encoding=UTF-8`],
    ['-XX:ActiveProcessorCount=8', '-XX:MaxRAMPercentage=70.0 -XX:ActiveProcessorCount=8'],
    ['-Xmx1g', '-XX:ActiveProcessorCount=3 -Xmx1g'],
    ['-ea -XX:MaxRAMPercentage=50.0', '-XX:ActiveProcessorCount=3 -ea -XX:MaxRAMPercentage=50.0'],
    ['-XX:MaxRAM=1g', '-XX:ActiveProcessorCount=3 -XX:MaxRAM=1g'],
    ['-Dx=-Xmx1g', `${both} -Dx=-Xmx1g`],
    ['', both],
  ])("keeps its app's own options, and has none twice: %s", (own, options) => {
    expect(optionsOf(app('openjdk-17', { env: { JAVA_TOOL_OPTIONS: own } }))).toBe(options);
  });

  it("keeps the options of the props, which stand in place of app.yaml's", () => {
    const props = {
      ...app('openjdk-17', { env: { JAVA_TOOL_OPTIONS: '-Da=1' } }),
      environment: { JAVA_TOOL_OPTIONS: '-Db=2' },
    };
    expect(optionsOf(props)).toBe(`${both} -Db=2`);
  });

  it('has the limits of a resource class', () => {
    expect(optionsOf({ ...app('openjdk-17'), resources: 'large' })).toContain('ActiveProcessorCount=4');
  });

  it("has a company's share", () => {
    const conventions = defineConventions({ jvm: { maxRamPercentage: 62.5 } });
    expect(optionsOf({ ...app('openjdk-17'), conventions })).toContain('-XX:MaxRAMPercentage=62.5');
  });

  const java = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
  if (!java) console.log('skipped, for there is no java here: a JVM takes the options');
  it.skipIf(!java)('takes the options', () => {
    const env = {
      ...process.env,
      JAVA_TOOL_OPTIONS: optionsOf(app('openjdk-17', { env: { JAVA_TOOL_OPTIONS: '-Xss1m' } })),
    };
    const flags = execFileSync('java', ['-XX:+PrintFlagsFinal', '-version'], { env, encoding: 'utf8', stdio: 'pipe' });
    expect(flags).toMatch(/ActiveProcessorCount\s+= 3 .*environment/);
    expect(flags).toMatch(/MaxRAMPercentage\s+= 70\.0+ .*environment/);
    expect(flags).toMatch(/ThreadStackSize\s+= 1024 /);
  });
});

describe('a JVM that is too old to know its limits', () => {
  it('has its CPUs by a preloaded library, and its heap in megabytes', () => {
    expect(variablesOf(app('jdk-8u144'))).toEqual({
      JAVA_TOOL_OPTIONS: '-Xmx1433m',
      LD_PRELOAD: '/usr/local/lib/libcontainercpus.so',
      CONTAINER_CPUS: '3',
    });
  });

  it('is told no option that it would not start with', () => {
    expect(optionsOf(app('jdk-8u144', { env: { JAVA_TOOL_OPTIONS: '-Xmx1g' } }))).toBe('-Xmx1g');
  });

  it.each([
    ['/lib/a.so', '/usr/local/lib/libcontainercpus.so:/lib/a.so'],
    ['/lib/a.so /lib/b.so', '/usr/local/lib/libcontainercpus.so:/lib/a.so:/lib/b.so'],
    ['/usr/local/lib/libcontainercpus.so', '/usr/local/lib/libcontainercpus.so'],
  ])('preloads what its app preloads too: %s', (own, all) => {
    expect(variablesOf(app('jdk-8u144', { env: { LD_PRELOAD: own } }))['LD_PRELOAD']).toBe(all);
  });

  it("has the company's library", () => {
    const conventions = defineConventions({
      jvm: { preload: { library: '/opt/cpus.so', variable: 'LD_PRELOAD_CPUS' } },
    });
    const names = containerOf({ ...app('jdk-8u144'), conventions }).env;
    expect(names).toEqual(
      expect.arrayContaining([
        { name: 'LD_PRELOAD', value: '/opt/cpus.so' },
        { name: 'LD_PRELOAD_CPUS', value: '3' },
      ]),
    );
  });

  it('without limits is told nothing', () => {
    expect(variablesOf(app('jdk-8u144', { limits: {} }))).toEqual({});
  });
});

it('an app without a JVM is told nothing of it', () => {
  expect(variablesOf(propsOf({ ...demoSpec, resources: { limits } }))).toEqual({});
});
