import { GatewayError, type GatewayErrorCode } from '../error.js';

interface Meaning {
  readonly pattern: RegExp;
  readonly code: GatewayErrorCode;
  readonly hint: string;
}

const meanings: readonly Meaning[] = [
  {
    pattern: /^Permission denied/,
    code: 'UNAUTHORIZED',
    hint: 'give the stats socket `level admin` in the global section',
  },
  {
    pattern: /^Unknown map identifier|map identifier/,
    code: 'STORE_UNAVAILABLE',
    hint: 'name the map file in some rule of the configuration, see docs/gateways.md, and give its path as it stands there',
  },
  {
    pattern: /^No such backend|^Can't find backend/,
    code: 'NOT_FOUND',
    hint: 'HAProxy makes no backends at runtime: add one with the name of the upstream to its configuration',
  },
  {
    pattern: /dynamic load balanc/,
    code: 'NOT_IMPLEMENTED',
    hint: 'servers can be added at runtime to a backend with `balance roundrobin`, `leastconn` or another dynamic algorithm',
  },
];

/** The error for an answer that is not the one that the command should have. */
export function refusalOf(name: string, command: string, answer: string): GatewayError {
  const meaning = meanings.find(({ pattern }) => pattern.test(answer));
  const code = meaning?.code ?? 'BAD_ANSWER';
  const said = answer === '' ? 'nothing' : answer.slice(0, 200);
  return new GatewayError(code, `${name}: "${command}" answered ${code}: ${said}`, {
    path: name,
    retryable: code === 'BAD_ANSWER',
    hint: meaning?.hint ?? 'check that the address is the runtime socket of HAProxy 2.6 or newer',
  });
}
