// The forms of the steps in app.yaml's hooks: `{ script: bin/warm.sh, deadlineSeconds: 5 }`.
import * as v from 'valibot';
import { portRoles } from '../conventions/index.js';
import { isRegistryEndpoint, isRegistryWord } from '../conventions/registry.js';
import type { AppHookStep, AppOnlineStep } from './hook-settings.js';
import { command, noNul, path, port, seconds, text } from './value-forms.js';

function wholeNumber(least: number, most: number) {
  return v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      ({ input }) => `${input} is out of range: a whole number from ${least} to ${most}`,
    ),
  );
}
const word = v.pipe(
  text,
  v.check(isRegistryWord, ({ input }) => `"${input}" has other characters than letters, digits, "_", ".", "$" and "-"`),
);
const endpoint = v.pipe(
  text,
  v.check(isRegistryEndpoint, ({ input }) => `"${input}" is no address such as http://10.0.0.1:2379`),
);

const entries = {
  name: v.optional(
    v.pipe(
      text,
      v.regex(/^[a-z0-9][a-z0-9 -]*$/, 'has other characters than lower-case letters, digits, dashes and blanks'),
    ),
  ),
  script: v.optional(command),
  http: v.optional(
    v.object({
      port,
      path,
      method: v.optional(v.picklist(['GET', 'POST'], ({ input }) => `"${String(input)}" is neither GET nor POST`)),
      body: v.optional(v.pipe(v.string(), noNul)),
      expectStatus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599))),
    }),
  ),
  wait: v.optional(seconds),
  deadlineSeconds: v.optional(seconds),
  retries: v.optional(wholeNumber(0, 1000)),
  intervalSeconds: v.optional(seconds),
};

const registry = v.object({
  protocol: v.optional(word),
  namespace: v.optional(word),
  service: v.optional(word),
  port: v.optional(
    v.picklist(portRoles, ({ input }) => `"${String(input)}" is no port role; known are ${portRoles.join(', ')}`),
  ),
  weight: v.optional(wholeNumber(0, 1000)),
  extData: v.optional(v.pipe(v.string(), noNul)),
  endpoints: v.optional(v.pipe(v.array(endpoint), v.minLength(1, 'is empty; leave it out or name one'))),
});
const onlineEntries = {
  ...entries,
  registry: v.optional(registry),
  onFailure: v.optional(v.picklist(['fail', 'warn'], ({ input }) => `"${String(input)}" is neither fail nor warn`)),
};

type Values = v.InferOutput<v.ObjectSchema<typeof entries, undefined>>;
type OnlineValues = v.InferOutput<v.ObjectSchema<typeof onlineEntries, undefined>>;
/** What is wrong with a step as a whole, or with one of its keys in its place beside the others. */
interface Complaint {
  readonly message: string;
  readonly key?: string;
}

/** The keys that say what a step does, of which it has one. */
const doing = ['script', 'http', 'wait', 'registry'] as const;

function complaintsOf(value: OnlineValues, allowed: readonly (typeof doing)[number][]): Complaint[] {
  const found = doing.filter((key) => value[key] !== undefined);
  const [kind] = found;
  if (kind === undefined || found.length > 1) {
    const list = `${allowed.slice(0, -1).join(', ')} and ${allowed.at(-1) ?? ''}`;
    return [{ message: `is one of ${list}; got ${found.join(' and ') || 'none'}` }];
  }
  const needless = (key: keyof OnlineValues, where: string): Complaint[] =>
    value[key] === undefined ? [] : [{ key, message: `is for ${where} only` }];
  const isTried = kind === 'script' || kind === 'http';
  return [
    ...(kind === 'wait'
      ? needless('deadlineSeconds', 'steps that may fail')
      : value.deadlineSeconds === undefined
        ? [{ key: 'deadlineSeconds', message: 'is missing' }]
        : []),
    ...(isTried ? [] : [...needless('retries', 'script and http'), ...needless('intervalSeconds', 'script and http')]),
    ...(kind === 'registry' ? [] : needless('onFailure', 'registry')),
    ...(value.http?.body !== undefined && value.http.method !== 'POST'
      ? [{ key: 'http', message: 'has a body, which only a POST has' }]
      : []),
  ];
}

function stepOf({ script, http, wait, ...value }: Values): AppHookStep | undefined {
  const { name, deadlineSeconds = 0, ...rest } = value;
  const tries = { ...rest, deadlineSeconds };
  if (script !== undefined) return { type: 'script', name: name ?? 'script', command: script, ...tries };
  if (http !== undefined) return { type: 'http', name: name ?? 'http', ...http, ...tries };
  return wait === undefined ? undefined : { type: 'wait', name: name ?? 'wait', seconds: wait };
}

function onlineStepOf({ registry: settings, onFailure, ...value }: OnlineValues): AppOnlineStep | undefined {
  if (settings === undefined) return stepOf(value);
  const { name = 'registry', deadlineSeconds = 0 } = value;
  const reaction = onFailure === undefined ? {} : { onFailure };
  return { type: 'registry', name, registry: settings, deadlineSeconds, ...reaction };
}

/** Checks a step as a whole; what is wrong is said at its key. */
function whole<Input extends Values, Step>(
  allowed: readonly (typeof doing)[number][],
  make: (value: Input) => Step | undefined,
) {
  return v.rawTransform<Input, Step>(({ dataset: { value }, addIssue, NEVER }) => {
    const complaints = complaintsOf(value, allowed);
    for (const { message, key } of complaints) {
      const place = { type: 'object' as const, origin: 'value' as const, input: { ...value }, value: undefined };
      addIssue({ message, ...(key !== undefined && { path: [{ ...place, key }] }) });
    }
    return (complaints.length === 0 ? make(value) : undefined) ?? NEVER;
  });
}

/** A step of any hook. */
export const step = v.pipe(v.object(entries), whole(['script', 'http', 'wait'], stepOf));
/** A step after online. */
export const onlineStep = v.pipe(v.object(onlineEntries), whole(doing, onlineStepOf));
