import { describe, expect, it } from 'vitest';
import {
  conventionsOfKind,
  portRoles,
  runModes,
  sourceName,
  upstreamName,
  youzanConventions,
  type AppKind,
  type HookDefaults,
} from '../../src/conventions/index.js';
import { conventions, spec } from './examples/conventions.js';
import { columns, readPage, sectionOf, tableOf } from './page.js';

const page = readPage('conventions.md');
const { ports, publishedRoles, kinds, labels, environments, variables, reservedPorts } = youzanConventions;

describe('docs/conventions.md', () => {
  it('lists the ports by role', () => {
    const expected = portRoles.map((role) => [role, String(ports[role]), publishedRoles.includes(role) ? 'yes' : 'no']);
    expect(tableOf(page, 'Ports')).toEqual(expected);
  });

  it('names the reserved ports, the upstream, the source and the weight', () => {
    const text = sectionOf(page, 'Ports');
    for (const [agent, port] of Object.entries(reservedPorts))
      expect(text).toContain(`Port ${port} belongs to \`${agent}\``);
    expect(text).toContain(`\`${upstreamName('trade-core', 'http')}\``);
    expect(text).toContain(`\`${sourceName('bc', 'bc-a')}\``);
    expect(text).toContain(`weight\nis ${youzanConventions.serverWeight}`);
  });

  it('says of each kind what an app.yaml need not', () => {
    const words = (list: readonly string[]): string => list.join(', ');
    const command = ({ command }: AppKind): string => {
      if (command === undefined) return 'its own';
      if ('shell' in command) return command.shell;
      return command.map((word) => (/[ ;]/.test(word) ? `'${word}'` : word)).join(' ');
    };
    const rows: readonly (readonly [string, (kind: AppKind, hooks: HookDefaults) => string])[] = [
      ['runtimes', ({ runtimes }) => words(runtimes)],
      ['ports', ({ roles }) => words(roles)],
      ['asked to end with', ({ terminationSignal }) => terminationSignal],
      ['stack', ({ stack }) => stack],
      ['runtime', ({ runtime }) => runtime],
      ['entrypoint', command],
      [
        'health',
        (_, { health: { role, path, expect } }) => `${role} ${path} ${expect === false ? 'is 200' : `has ${expect}`}`,
      ],
      ['switch', (kind, hooks) => (kind.switch === 'none' ? 'none' : `${hooks.switch.role} ${hooks.switch.path}`)],
      ['variables', ({ env = {} }) => words(Object.entries(env).map(([name, value]) => `${name}=${value}`)) || 'none'],
    ];
    const expected = rows.map(([title, cell]) => [
      title,
      ...Object.entries(kinds).map(([name, kind]) => cell(kind, conventionsOfKind(name, youzanConventions).hooks)),
    ]);
    expect(sectionOf(page, 'App kinds')).toContain(
      `| | ${Object.keys(kinds)
        .map((name) => `\`${name}\``)
        .join(' | ')} |`,
    );
    expect(tableOf(page, 'App kinds')).toEqual(expected);
  });

  it('lists every label', () => {
    expect(Object.fromEntries(columns(tableOf(page, 'Labels'), 0, 1))).toEqual(labels);
  });

  it('lists the environments with their run modes, and all run modes', () => {
    const expected = Object.entries(environments).map(([name, { runMode }]) => [name, runMode]);
    expect(tableOf(page, 'Environments')).toEqual(expected);
    const [, named = ''] = /run modes that apps know are ([\s\S]*)\.\n/.exec(sectionOf(page, 'Environments')) ?? [];
    expect([...named.matchAll(/`(\w+)`/g)].map(([, mode]) => mode)).toEqual([...runModes]);
  });

  it('names the header of the service chain', () => {
    expect(sectionOf(page, 'Names')).toContain(`\`${youzanConventions.serviceChainHeader}\``);
  });

  it('lists every default of the hooks and times', () => {
    const { hooks, publishDeadlineSeconds, helperStopSeconds } = youzanConventions;
    const flat = (value: object, path: string): [string, string][] =>
      Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] => {
        const isEndpoint = typeof inner === 'object' && inner !== null && 'role' in inner;
        if (isEndpoint) return [[`${path}.${key}`, Object.values(inner).join(', ')]];
        if (typeof inner === 'object' && inner !== null) return flat(inner, `${path}.${key}`);
        return [[`${path}.${key}`, String(inner)]];
      });
    expect(tableOf(page, 'Hooks')).toEqual([
      ...flat(hooks, 'hooks'),
      ['publishDeadlineSeconds', String(publishDeadlineSeconds)],
      ['helperStopSeconds', String(helperStopSeconds)],
    ]);
  });

  it('lists every variable', () => {
    expect(columns(tableOf(page, 'Variables'), 0, 1)).toEqual(Object.entries(variables));
  });

  it('has an example that does what it says', () => {
    expect(conventions.labels.app).toBe('example.com/app');
    expect([spec.kind, spec.ports]).toEqual(['deno', { http: 8080, manage: 8001, metrics: 9100 }]);
    expect([spec.runtime, spec.env]).toEqual(['deno-2', { DENO_NO_UPDATE_CHECK: '1' }]);
    expect(conventions.environments).toMatchObject({ prod: { runMode: 'online' }, staging: { runMode: 'pre' } });
  });
});
