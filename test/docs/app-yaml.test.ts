import { describe, expect, it } from 'vitest';
import { Document, parse } from 'yaml';
import { commandOf, parseAppYaml } from '../../src/app-yaml/index.js';
import { sections } from '../../src/app-yaml/schema.js';
import { youzanConventions } from '../../src/conventions/index.js';
import { containerOf } from '../constructs/objects.js';
import { propsOf } from '../constructs/specs.js';
import { blocksOf, columns, readPage, sectionOf, tableOf } from './page.js';
import { keysOf, schemaAt } from './schema-keys.js';

const page = readPage('app-yaml.md');
const file = 'trade-core/app.yaml';
type Data = Readonly<Record<string, unknown>>;

const base = { stack: 's', runtime: 'node-20', entrypoint: 'node app.mjs' };
const other = { name: 'config', command: 'fetch-config' };
/** How an example of each table becomes a whole app.yaml, and where its keys stand there. */
const tables: readonly {
  readonly heading: string;
  readonly keys: readonly string[];
  readonly whole: (example: Data) => Data;
  readonly path: readonly (string | number)[];
}[] = [
  { heading: 'Keys', keys: Object.keys(sections), whole: (example) => ({ ...base, ...example }), path: [] },
  {
    heading: 'Helpers',
    keys: keysOf(sections.helpers),
    whole: (example) => ({ ...base, helpers: [other, { name: 'agent', command: 'agent', ...example }] }),
    path: ['helpers', 1],
  },
  { heading: 'Hooks', keys: keysOf(sections.hooks), whole: (hooks) => ({ ...base, hooks }), path: ['hooks'] },
  {
    heading: 'Steps',
    keys: keysOf(schemaAt(sections.hooks, ['online', 'after'])),
    whole: (step) => ({ ...base, ports: { rpc: 8100 }, hooks: { online: { after: [step] } } }),
    path: ['hooks', 'online', 'after', 0],
  },
  {
    heading: 'Probes',
    keys: keysOf(schemaAt(sections.probes, ['liveness'])),
    whole: (liveness) => ({ ...base, ports: { rpc: 8100 }, probes: { liveness } }),
    path: ['probes', 'liveness'],
  },
];

const read = (document: Document): ReturnType<typeof parseAppYaml> => parseAppYaml(String(document), { file });

describe.each(tables)('the table under $heading in docs/app-yaml.md', ({ heading, keys, whole, path }) => {
  const rows = tableOf(page, heading).map(([key = '', value = '', example = '']) => ({ key, value, example }));
  const documentOf = (example: string): Document => new Document(whole(parse(example) as Data));

  it('has a row for every key, and no other', () => {
    expect(rows.map(({ key }) => key)).toEqual(keys);
  });

  it.each(rows)('has an example of $key that is valid', ({ key, example }) => {
    expect(new Document(parse(example)).hasIn(key.split('.'))).toBe(true);
    expect(() => read(documentOf(example))).not.toThrow();
  });

  const needed = rows.filter(({ value }) => value === 'needed');
  it.each(needed)('says that $key is needed, and it is', ({ key, example }) => {
    const document = documentOf(example);
    document.deleteIn([...path, ...key.split('.')]);
    expect(() => read(document)).toThrow(/ missing/);
  });
});

describe('docs/app-yaml.md', () => {
  it('names the roles of ports and the parts of resources', () => {
    const meanings = new Map(columns(tableOf(page, 'Keys'), 0, 3).map(([key, meaning]) => [key, meaning]));
    for (const role of keysOf(sections.ports)) expect(meanings.get('ports')).toContain(role);
    for (const name of new Set(keysOf(sections.resources).flatMap((key) => key.split('.'))))
      expect(meanings.get('resources')).toContain(name);
  });

  it('gives the defaults of the hooks', () => {
    const { health, ...times } = youzanConventions.hooks;
    const defaults = { ...times, preload: { ...times.preload, path: health.path, expect: health.expect } };
    const said = columns(tableOf(page, 'Hooks'), 0, 1).filter(([, value]) => value !== '' && value !== 'none');
    const document = new Document(defaults);
    expect(said.map(([key = '']) => [key, String(document.getIn(key.split('.')))])).toEqual(said);
    expect(said).toHaveLength(9);
  });

  it('gives the defaults of the probes', () => {
    const container = new Document(
      containerOf(propsOf(read(new Document({ ...base, probes: { liveness: {}, startup: {} } })))),
    );
    for (const [key = '', value = ''] of tableOf(page, 'Probes')) {
      const fields = ['port', 'path'].includes(key) ? ['httpGet', key] : [key];
      const defaults = ['readinessProbe', 'livenessProbe', 'startupProbe'].map((probe) =>
        String(container.getIn([probe, ...fields])),
      );
      expect(defaults.join(', ')).toBe(value);
    }
  });

  it('shows commands of each form', () => {
    const forms = columns(tableOf(page, 'Commands'), 1).map(([example = '']) => (parse(example) as Data)['entrypoint']);
    const commands = forms.map((form) => read(new Document({ ...base, entrypoint: form })).entrypoint);
    expect(commands.map((command) => ('shell' in command ? 'shell' : 'words'))).toEqual([
      'words',
      'shell',
      'words',
      'shell',
    ]);
    expect(commands[0]).toEqual(commandOf('gunicorn -c conf.py wsgi:application'));
  });

  it('has whole examples that are valid', () => {
    const examples = blocksOf(page, 'yaml').filter((text) => !sectionOf(page, 'Findings').includes(text));
    expect(examples).toHaveLength(3);
    for (const text of examples) expect(() => parseAppYaml(text, { file })).not.toThrow();
  });

  it('shows the findings of a malformed one as they are', () => {
    const [text = ''] = blocksOf(sectionOf(page, 'Findings'), 'yaml');
    const [message = ''] = blocksOf(sectionOf(page, 'Findings'), 'text');
    expect(() => parseAppYaml(text, { file })).toThrow(expect.objectContaining({ message: message.trimEnd() }));
  });
});
