import { expect, it } from 'vitest';
import { renderHooks } from '../../src/hooks/index.js';
import { renderEntrypoint, type ProcessSpec } from '../../src/rich-container/index.js';

it('an entrypoint with three helpers behind http gates and offline after a crash has less than 12 KB', () => {
  const names = ['log-agent', 'trace-agent', 'config-agent'];
  const helpers = names.map((name, at): ProcessSpec => ({
    name,
    command: [`/opt/${name}/bin/${name}`, '--config', `/etc/${name}.yaml`],
    ready: { type: 'http', port: 2280 + at, path: '/ready', deadlineSeconds: 10 },
    output: 'prefix',
  }));
  const main: ProcessSpec = { name: 'app', main: true, command: ['node', 'app.mjs'], after: names };
  const { offline } = renderHooks({ offline: { port: 8030 } });
  const script = renderEntrypoint({ processes: [...helpers, main], graceSeconds: 30, offline: offline! });
  expect(Buffer.byteLength(script)).toBeLessThan(12 * 1024);
});
