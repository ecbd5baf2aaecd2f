import * as v from 'valibot';
import type { Conventions } from './conventions.js';
import { imageForms } from './image-forms.js';
import { isPort, type PortRole } from './port.js';
import { quantityValue } from './quantity.js';
import { runModes } from './run-mode.js';

const seconds = v.pipe(
  v.number(),
  v.check(
    (value) => Number.isFinite(value) && value > 0 && value <= 3600,
    ({ input }) => `${input} is out of range: more than 0, at most 3600 seconds`,
  ),
);
const port = v.pipe(
  v.number(),
  v.check(isPort, ({ input }) => `${input} is no port: a whole number from 1 to 65535`),
);
const role = v.picklist(['http', 'rpc', 'manage', 'metrics'] satisfies PortRole[]);
const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const path = v.pipe(
  v.string(),
  v.regex(/^\/[^\s?#]*$/, ({ input }) => `"${input}" is no path: it starts with / and has no query`),
);
const query = v.pipe(
  v.string(),
  v.regex(/^[^\s?#]+$/, ({ input }) => `"${input}" is no query`),
);
const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, ({ input }) => `"${input}" is no name of an environment variable`),
);
const deadline = v.object({ deadlineSeconds: seconds });
const quantity = v.pipe(
  v.string(),
  v.check(
    (value) => (quantityValue(value) ?? 0) > 0,
    ({ input }) => `"${input}" is no quantity above 0, such as 500m, 2 or 1Gi`,
  ),
);
const nonNegative = v.pipe(
  v.number(),
  v.check(
    (value) => value >= 0 && value <= 3600,
    ({ input }) => `${input} is out of range: 0 to 3600 seconds`,
  ),
);
const expected = v.pipe(
  v.union([v.string(), v.literal(false)], 'is neither a word nor false'),
  v.check(
    (value) => value === false || /^\w+$/.test(value),
    ({ input }) => `"${input}" is no single word`,
  ),
);
const health = v.object({ role, path, expect: expected });
const endpoint = v.object({ role, path });
const preload = v.object({
  tries: v.pipe(v.number(), v.integer(), v.minValue(1)),
  intervalSeconds: seconds,
  deadlineSeconds: seconds,
});
const hooks = v.object({
  health,
  switch: endpoint,
  onlineQuery: query,
  offlineQuery: query,
  preload,
  online: deadline,
  offline: deadline,
  drainSeconds: nonNegative,
  stop: deadline,
});
const kind = v.object({
  runtimes: v.array(text),
  roles: v.array(role),
  terminationSignal: v.picklist(['TERM', 'QUIT', 'INT']),
  stack: text,
  runtime: text,
  command: v.optional(
    v.union([v.pipe(v.array(text), v.nonEmpty()), v.object({ shell: text })], 'is neither words nor { shell: a text }'),
  ),
  switch: v.optional(v.picklist(['http', 'none'])),
  hooks: v.optional(
    v.partial(
      v.object({
        ...hooks.entries,
        health: v.partial(health),
        switch: v.partial(endpoint),
        preload: v.partial(preload),
        online: v.partial(deadline),
        offline: v.partial(deadline),
        stop: v.partial(deadline),
      }),
    ),
  ),
  env: v.optional(v.record(variable, v.string())),
});

/** The form of {@link Conventions}; what concerns two parts at once is checked in `defineConventions`. */
export const conventionsSchema: v.GenericSchema<unknown, Conventions> = v.object({
  labels: v.object({
    name: text,
    instance: text,
    partOf: text,
    managedBy: text,
    app: text,
    cluster: text,
    env: text,
    idc: text,
    color: text,
    sc: text,
    version: text,
    isolated: text,
    network: text,
    component: text,
    debug: text,
    owner: text,
    pool: text,
  }),
  managedBy: text,
  ports: v.object({ http: port, rpc: port, manage: port, metrics: port }),
  reservedPorts: v.record(text, port),
  publishedRoles: v.pipe(v.array(role), v.nonEmpty('at least one role')),
  serverWeight: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
  serviceChainHeader: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9-]+$/, ({ input }) => `"${input}" is no header name`),
  ),
  kinds: v.record(text, kind),
  environments: v.record(text, v.object({ runMode: v.picklist(runModes) })),
  hooks,
  resourceClasses: v.record(
    text,
    v.object({
      requests: v.object({ cpu: quantity, memory: quantity }),
      limits: v.object({ cpu: v.optional(quantity), memory: quantity }),
    }),
  ),
  jvm: v.object({
    kinds: v.array(text),
    maxRamPercentage: v.pipe(
      v.number(),
      v.check(
        (value) => value >= 1 && value <= 100,
        ({ input }) => `${input} is out of range: 1 to 100 percent`,
      ),
    ),
    preload: v.object({ library: path, variable }),
  }),
  lxcfs: v.object({ folder: path }),
  images: imageForms,
  publishDeadlineSeconds: v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= 0 && value <= 3600,
      ({ input }) => `${input} is out of range: a whole number from 0 to 3600`,
    ),
  ),
  helperStopSeconds: seconds,
  variables: v.object({
    runMode: variable,
    app: variable,
    appVersion: variable,
    idc: variable,
    cluster: variable,
    env: variable,
    color: variable,
    sc: variable,
    podUid: variable,
    podName: variable,
    podNamespace: variable,
    podIp: variable,
    nodeName: variable,
    portPrefix: variable,
  }),
});
