import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { quote, renderEntrypoint } from '../../src/rich-container/index.js';
import { Pod, shells } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

/** Writes the arguments and the variables that reached it. */
const recorder = `
  const { writeFileSync } = require('node:fs');
  writeFileSync(process.env.DIR + '/arrived', JSON.stringify({ words: process.argv.slice(2), env: process.env }));
`;

/** What shells, printf, echo, Kubernetes and the entrypoint's own reading would take for something else. */
const awkward = ['', "'", '"', '\\', '\\\\', '$', '$$', '$(', '$(id)', '$((1))', '${HOME}', '`id`', '\n', '\n\n', '\t'];
const unit = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...awkward, '-n', '--', '%s', '*', '~', '#', '!', ' ', '\r', '=', '&&', ';'),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 0x7f }).map((code) => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const text = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join('').replaceAll('\0', ''));

const everyByte = Array.from({ length: 127 }, (_, at) => String.fromCharCode(at + 1));
const beyond = ['é', '有赞', '\u0080\u009f', '\u2028', '\ufeff', '😀', 'x'.repeat(5000)];

describe.each(shells)('what a process is given under $name', (shell) => {
  async function arrived(words: readonly string[], values: readonly string[]) {
    const pod = new Pod(shell);
    pods.push(pod);
    writeFileSync(join(pod.folder, 'recorder.cjs'), recorder);
    const command = ['node', join(pod.folder, 'recorder.cjs'), ...words];
    const env = Object.fromEntries(values.map((value, at) => [`FUZZ_${at}`, value]));
    const script = renderEntrypoint({ processes: [{ name: 'app', main: true, command }], graceSeconds: 5 });
    expect(await pod.start(script, { env }).exit).toBe(0);
    const got = JSON.parse(pod.read('arrived')) as { words: string[]; env: Record<string, string> };
    return { words: got.words, values: values.map((_, at) => got.env[`FUZZ_${at}`]) };
  }

  it('arrives unchanged: each character alone, all in one, and some that are more than a byte', async () => {
    const all = [...everyByte, everyByte.join(''), ...beyond, ...awkward];
    expect(await arrived(all, all)).toEqual({ words: all, values: all });
  });

  it('arrives unchanged, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 40 }), fc.array(text, { maxLength: 40 }), async (words, values) => {
        expect(await arrived(words, values)).toEqual({ words, values });
      }),
      { numRuns: 8 },
    );
  });

  it('arrives unchanged as the text of a shell', async () => {
    const all = [...everyByte, ...awkward].join('');
    const pod = new Pod(shell);
    pods.push(pod);
    const shellText = `printf %s ${quote(all)} >"$DIR/arrived"`;
    const main = { name: 'app', main: true, command: { shell: shellText } } as const;
    expect(await pod.start(renderEntrypoint({ processes: [main], graceSeconds: 5 })).exit).toBe(0);
    expect(pod.read('arrived')).toBe(all);
  });
});

it('a quoted text holds nothing that Kubernetes expands in a command', () => {
  fc.assert(
    fc.property(text, (any) => {
      expect(quote(any)).not.toMatch(/\$[$(]/);
    }),
  );
});
