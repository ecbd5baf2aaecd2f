// npm run test:model -- [--world NAME] [--mutation NAME] [--max-states N] [--json]
import { parseArgs } from 'node:util';
import { explore, type Explored } from './explore.js';
import { huntAll } from './hunt.js';
import { mutations } from './mutations.js';
import { textOfExplored, textOfHunt } from './report.js';
import { scriptOf } from './script.js';
import { shipped } from './shipped.js';
import { worlds } from './worlds.js';

const { values } = parseArgs({
  options: {
    world: { type: 'string', multiple: true },
    mutation: { type: 'string', multiple: true },
    'max-states': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
function say(line: string): void {
  if (!values.json) console.log(line);
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are: ${all.map(({ name }) => name).join(', ')}`);
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

function maxStates(): number | undefined {
  const text = values['max-states'];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--max-states is ${text}; it must be a whole number from 1 on`);
}

function exploreOne(world: (typeof worlds)[number]): Explored {
  let shownAt = performance.now();
  const most = maxStates();
  const explored = explore(world, shipped, {
    ...(most === undefined ? {} : { maxStates: most }),
    onProgress: ({ states, depth }) => {
      if (performance.now() - shownAt < 10_000) return;
      shownAt = performance.now();
      say(`  ${world.name}: ${states} states, depth ${depth}`);
    },
  });
  say(textOfExplored(explored));
  if (explored.broken !== undefined) for (const line of scriptOf({ world, shipped }, explored.broken)) say(line);
  return explored;
}

// With names of one kind, only these.
const onlyMutations = values.mutation !== undefined && values.world === undefined;
const onlyWorlds = values.world !== undefined && values.mutation === undefined;
const explored = onlyMutations ? [] : chosen(worlds, values.world).map(exploreOne);
const hunts = onlyWorlds
  ? []
  : await huntAll(chosen(mutations, values.mutation), (hunt) => {
      say(textOfHunt(hunt));
      if (values.mutation !== undefined) hunt.script.forEach(say);
    });
const ok = explored.every(({ isComplete }) => isComplete) && hunts.every(({ foundIn }) => foundIn !== undefined);
if (values.json) console.log(JSON.stringify({ ok, worlds: explored, mutations: hunts }));
else say(ok ? 'passed' : 'FAILED');
process.exitCode = ok ? 0 : 1;
