import { type Color, resourceName } from '../../../src/conventions/index.js';

/** One workload: an app in one color, with a Service of its own. */
export interface App {
  readonly app: string;
  readonly color: string;
  /** `namespace/name`. */
  readonly service: string;
  readonly ports: readonly { readonly role: string; readonly port: number }[];
  /** Its pods' names are used again. */
  readonly isStateful: boolean;
}

function appOf(app: string, color: Color, roles: readonly string[], isStateful: boolean): App {
  return {
    app,
    color,
    service: `default/${resourceName({ app, color })}`,
    ports: roles.map((role, index) => ({ role, port: 8030 + index })),
    isStateful,
  };
}

/** Two colors that share an upstream, an app with two upstreams, and one whose pods' names come back. */
export const apps: readonly App[] = [
  appOf('trade', 'stable', ['http'], false),
  appOf('trade', 'gray', ['http'], false),
  appOf('goods', 'stable', ['http', 'rpc'], false),
  appOf('cart', 'stable', ['http'], true),
];
