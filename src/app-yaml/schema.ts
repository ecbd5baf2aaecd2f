import * as v from 'valibot';
import { portRoles, quantityValue } from '../conventions/index.js';
import { quantityForm } from '../conventions/quantity.js';
import type { ReadyGate } from './app-spec.js';
import { hookSections } from './hook-sections.js';
import { kindOf } from './issue-message.js';
import { command, noNul, path, port, seconds, text } from './value-forms.js';

const name = v.pipe(
  text,
  v.regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    ({ input }) => `"${input}" is no name: lower-case letters, digits and inner dashes, a letter first, at most 63`,
  ),
);
/** The form in YAML is `ready: { http: { port, path }, deadlineSeconds }`. */
const gate = v.pipe(
  v.object({
    exec: v.optional(command),
    tcp: v.optional(v.object({ port })),
    http: v.optional(v.object({ port, path })),
    file: v.optional(text),
    deadlineSeconds: seconds,
  }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): ReadyGate => {
    const { exec, tcp, http, file, deadlineSeconds } = value;
    const gates: ReadyGate[] = [];
    if (exec !== undefined) gates.push({ type: 'exec', command: exec, deadlineSeconds });
    if (tcp !== undefined) gates.push({ type: 'tcp', ...tcp, deadlineSeconds });
    if (http !== undefined) gates.push({ type: 'http', ...http, deadlineSeconds });
    if (file !== undefined) gates.push({ type: 'file', path: file, deadlineSeconds });
    if (gates[0] !== undefined && gates.length === 1) return gates[0];
    addIssue({
      message: `is one of exec, tcp, http and file, with a deadlineSeconds; got ${gates.map(({ type }) => type).join(' and ') || 'none'}`,
    });
    return NEVER;
  }),
  v.metadata({ oneOf: ['exec', 'tcp', 'http', 'file'].map((type) => ({ required: [type] })) }),
);

const helper = v.object({
  name,
  command,
  after: v.optional(v.array(name), []),
  ready: v.optional(gate),
});

const quantity = v.pipe(
  v.custom<string | number>(
    (value) => typeof value === 'string' || typeof value === 'number',
    ({ input }) => `is ${kindOf(input)}; allowed is a quantity such as "500m" or "1Gi", or a number`,
  ),
  v.transform(String),
  v.check(
    (value) => (quantityValue(value) ?? 0) > 0,
    ({ input }) => `"${input}" is no quantity above 0, such as 500m, 2 or 1Gi`,
  ),
  v.metadata({ type: ['string', 'number'], pattern: quantityForm.source, exclusiveMinimum: 0 }),
);
const amounts = v.object({ cpu: v.optional(quantity), memory: v.optional(quantity) });

const role = v.picklist(
  portRoles,
  ({ input }) => `${JSON.stringify(input)} is no port role; known are ${portRoles.join(', ')}`,
);
const count = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isInteger(value) && value >= 1 && value <= 3600,
    ({ input }) => `${input} is out of range: a whole number from 1 to 3600`,
  ),
  v.metadata({ type: 'integer', minimum: 1, maximum: 3600 }),
);
const probe = v.object({
  port: v.optional(role),
  path: v.optional(path),
  periodSeconds: v.optional(count),
  timeoutSeconds: v.optional(count),
  failureThreshold: v.optional(count),
});

/** The keys of app.yaml, each with the form of its value. Keys are checked one by one, so that each has its findings. */
export const sections = {
  stack: text,
  runtime: text,
  entrypoint: command,
  name,
  kind: text,
  after: v.array(name),
  ports: v.object({
    http: v.optional(port),
    rpc: v.optional(port),
    manage: v.optional(port),
    metrics: v.optional(port),
  }),
  env: v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable: letters, digits and _')),
    v.pipe(v.string(), noNul),
  ),
  helpers: v.array(helper),
  hooks: hookSections,
  resources: v.object({ requests: v.optional(amounts), limits: v.optional(amounts) }),
  replicas: v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= 0,
      ({ input }) => `${input} is no number of pods: a whole number from 0`,
    ),
    v.metadata({ type: 'integer', minimum: 0 }),
  ),
  probes: v.object({ readiness: v.optional(probe), liveness: v.optional(probe), startup: v.optional(probe) }),
};
