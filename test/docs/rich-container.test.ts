import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  entrypointTools,
  exitCodes,
  httpTools,
  parseState,
  stateFiles,
  tcpTools,
  type EntrypointState,
  type Gate,
  type ProcessSpec,
  type ProcessState,
} from '../../src/rich-container/index.js';
import { container, entrypoint, hooks, terminationGracePeriodSeconds } from './examples/rich-container.js';
import { blocksOf, columns, readPage, sectionOf, tableOf } from './page.js';

const page = readPage('rich-container.md');
const first = (heading: string): string[] => columns(tableOf(page, heading), 0).flat();

/** The compiler holds these lists to the types; the tests hold the page to them. */
const processFields: Record<keyof ProcessSpec, true> = {
  name: true,
  command: true,
  main: true,
  after: true,
  ready: true,
  signals: true,
  graceSeconds: true,
  output: true,
};
const gateTypes: Record<Gate['type'], true> = { exec: true, tcp: true, http: true, file: true };
const entrypointStates: Record<EntrypointState, true> = { starting: true, running: true, stopping: true, ended: true };
const processStates: Record<ProcessState, true> = {
  waiting: true,
  starting: true,
  ready: true,
  backoff: true,
  stopping: true,
  exited: true,
};

describe('docs/rich-container.md', () => {
  it('lists the fields of a process and the types of gates', () => {
    expect(first('Processes')).toEqual(Object.keys(processFields));
    expect(first('Gates')).toEqual(Object.keys(gateTypes));
  });

  it('lists the exit codes', () => {
    expect(tableOf(page, 'Exit codes')).toEqual(
      Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]),
    );
  });

  it('lists the states, and shows a state file that reads back', () => {
    expect(columns(tableOf(page, 'State file'), 0, 1)).toEqual([
      ...Object.keys(entrypointStates).map((state) => [state, 'entrypoint']),
      ...Object.keys(processStates).map((state) => [state, 'process']),
    ]);
    const [text = ''] = blocksOf(sectionOf(page, 'State file'), 'text');
    expect(parseState(text).map(({ name, state }) => [name, state])).toEqual([
      ['entrypoint', 'running'],
      ['log-agent', 'ready'],
      ['web', 'ready'],
    ]);
    for (const name of Object.values(stateFiles)) expect(sectionOf(page, 'State file')).toContain(`\`${name}\``);
  });

  it('lists the signals that the entrypoint catches', () => {
    const said = first('Signals').flatMap((cell) => cell.split(', '));
    const traps = [...entrypoint.matchAll(/^(?:trap '_signal TERM'|for _x in) ([A-Z0-9 ]+)/gm)];
    const caught = traps.flatMap(([, names = '']) => names.split(' '));
    expect(said.filter((name) => /^[A-Z0-9]+$/.test(name))).toEqual(caught);
  });

  it('lists the variables that the scripts read, with their defaults', () => {
    const scripts = [entrypoint, hooks.postStart, hooks.preStop].join('\n');
    const defaults = new Map<string, string>();
    for (const [, name = '', value = ''] of scripts.matchAll(/\$\{?([A-Z]{3,}_[A-Z_]+)(?::-([^}]*))?/g)) {
      defaults.set(name, value.length > 0 ? value : (defaults.get(name) ?? ''));
    }
    expect(Object.fromEntries(columns(tableOf(page, 'Environment'), 0, 1))).toEqual(Object.fromEntries(defaults));
  });

  it('lists the programs', () => {
    const [needed = ''] = sectionOf(page, 'Programs').split('Gates and hooks');
    expect([...needed.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(['sh', ...entrypointTools]);
    expect(columns(tableOf(page, 'Programs'), 1).flat()).toEqual([httpTools.join(', '), tcpTools.join(', ')]);
  });

  it('names the steps of the hooks as their messages do', () => {
    const steps = columns(tableOf(page, 'Hooks'), 0, 1).map(([hook, step]) => `${hook ?? ''} ${step ?? ''}`);
    const scripts = { postStart: hooks.postStart ?? '', preStop: hooks.preStop, crash: hooks.offline?.script ?? '' };
    const done = Object.entries(scripts).flatMap(([hook, script]) =>
      [...script.matchAll(/_done (\w+)/g)].map(([, step = '']) => `${hook} ${step}`),
    );
    expect(steps.filter((step) => step !== 'preStop drain')).toEqual(done);
  });

  it('has an example that a shell can read, with time for every hook', () => {
    for (const script of [container.command[2], hooks.postStart, hooks.preStop]) {
      expect(execFileSync('sh', ['-n', '-c', script ?? ''], { encoding: 'utf8' })).toBe('');
    }
    expect(terminationGracePeriodSeconds).toBe(10 + 1 + 5 + 27 + 30 + 2);
  });
});
