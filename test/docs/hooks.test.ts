import { describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { registryDefaults, renderHooks } from '../../src/hooks/index.js';
import { propsOf } from '../constructs/specs.js';
import { blocksOf, columns, readPage, sectionOf, tableOf } from './page.js';

const page = readPage('hooks.md');
const [example = ''] = blocksOf(sectionOf(page, 'Steps of an app'), 'yaml');
const spec = parseAppYaml(example, { file: 'trade-core/app.yaml' });
const props = { ...propsOf(spec), environment: { [registryDefaults.endpointsVariable]: 'http://10.0.0.1:2379' } };

describe('docs/hooks.md', () => {
  it('has an example that becomes manifests, with a helper that registers', () => {
    expect(synthApp(props).yaml).toContain('registry-agent');
  });

  it('gives the status of a registration', () => {
    expect(columns(tableOf(page, 'The registry'), 0, 1)).toEqual(
      Object.entries(registryDefaults.status).map(([name, number]) => [name, String(number)]),
    );
  });

  it('names the times and the variable of a registration', () => {
    const text = sectionOf(page, 'The registry').replaceAll('\n', ' ');
    const { ttlSeconds, refreshSeconds, retrySeconds, endpointsVariable } = registryDefaults;
    expect(text).toContain(`renews the lease every ${refreshSeconds} s`);
    expect(text).toContain(`is gone ${ttlSeconds} s after the last time`);
    expect(text).toContain(`tries again every ${retrySeconds} s`);
    expect(text).toContain(`the variable \`${endpointsVariable}\``);
  });

  it('shows the steps in the order in which they run', () => {
    const [orders = ''] = blocksOf(page, 'text');
    const shown = orders
      .trimEnd()
      .split('\n')
      .map((line) =>
        line
          .replace(/^\w+: */, '')
          .split(' ─> ')
          .map((text) => text.replace(/[:,].*/, '')),
      );
    const step = (name: string) => ({ type: 'script', name, command: ['true'], deadlineSeconds: 1 }) as const;
    const registration = { service: 'a', port: 1 };
    const hooks = renderHooks({
      preload: { after: [step('preload after')] },
      online: {
        after: [{ type: 'registry', name: 'unreg', registration, deadlineSeconds: 1 }, step('online after')],
      },
      offline: { before: [step('offline before')] },
      stop: { before: [step('stop before')] },
    });
    const run = (script = ''): string[] =>
      script.split('\n').flatMap((line) => {
        const [, name] = /^_(?:try|script|registry) ([a-z]+|'[a-z ]+') /.exec(line) ?? [];
        if (name !== undefined) return [name.replaceAll("'", '').replace(' ', '.').replace('unreg', 'UNREG')];
        if (line.startsWith('_http 8030 ')) return ['offline'];
        return line.startsWith('sleep ') ? ['drain'] : line.includes('_done stop') ? ['stop'] : [];
      });
    const registers = run(hooks.postStart).filter((name) => name !== 'UNREG');
    expect(shown).toEqual([registers, run(hooks.preStop), run(hooks.offline?.script)]);
  });

  it('shows what is said of an end that does not fit', () => {
    const [text = ''] = blocksOf(sectionOf(page, 'How long it takes'), 'text');
    const plain = parseAppYaml('stack: s\nruntime: node-20\nentrypoint: node app.mjs\n', {
      file: 'trade-core/app.yaml',
    });
    expect(() => synthApp({ ...propsOf(plain), maxTerminationSeconds: 30 })).toThrow(text.trimEnd());
  });
});
