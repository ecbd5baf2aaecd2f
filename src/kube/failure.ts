import { STATUS_CODES } from 'node:http';
import { KubeError, type KubeErrorCode } from './error.js';

/** A Status object, as the API server sends it with every refusal. */
interface StatusBody {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

const byStatus: Readonly<Record<number, KubeErrorCode>> = {
  400: 'KUBE_INVALID',
  401: 'KUBE_UNAUTHORIZED',
  403: 'KUBE_FORBIDDEN',
  404: 'KUBE_NOT_FOUND',
  409: 'KUBE_CONFLICT',
  410: 'KUBE_GONE',
  415: 'KUBE_INVALID',
  422: 'KUBE_INVALID',
  429: 'KUBE_TOO_MANY_REQUESTS',
};

const hints: Partial<Readonly<Record<KubeErrorCode, string>>> = {
  KUBE_UNAUTHORIZED: "the server does not know these credentials: check the user of the cluster's kubeconfig",
  KUBE_FORBIDDEN: 'the credentials lack this permission: grant the verb on the resource in RBAC',
};

/** The error for an answer that is no success. `what` is the call: `get pods default/trade-core-1`. */
export function failureOf(
  cluster: string,
  what: string,
  answer: { readonly status: number; readonly body: string; readonly retryAfter?: string | undefined },
): KubeError {
  const said = statusOf(answer.body);
  const fallback: KubeErrorCode = answer.status >= 500 ? 'KUBE_SERVER_ERROR' : 'KUBE_BAD_ANSWER';
  const code = said.reason === 'AlreadyExists' ? 'KUBE_ALREADY_EXISTS' : (byStatus[answer.status] ?? fallback);
  const retryAfterMs = waitOf(answer.retryAfter ?? said.details?.retryAfterSeconds?.toString());
  const hint = hints[code];
  return new KubeError(
    code,
    `cluster ${cluster}: ${what}: ${answer.status} ${said.reason ?? STATUS_CODES[answer.status] ?? ''}: ${said.message ?? 'no message'}`,
    {
      path: cluster,
      status: answer.status,
      ...(said.reason === undefined ? {} : { reason: said.reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

/** The Status object of an answer; of something between that speaks no API, its text. */
function statusOf(body: string): StatusBody {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The text is all that it says.
  }
  const text = body.trim();
  return text === '' ? {} : { message: text.slice(0, 200) };
}

/** `Retry-After` in milliseconds: seconds, or a date as a proxy may send it. */
function waitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** The error for a call that got no answer. */
export function unreachable(cluster: string, server: string, what: string, error: unknown): KubeError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return new KubeError(
    'KUBE_UNREACHABLE',
    `cluster ${cluster}: ${what}: no answer from ${server}: ${code === '' ? cause.message : `${code} ${cause.message}`}`,
    {
      path: cluster,
      hint: isAboutTrust(code)
        ? "the server's certificate does not fit: check certificate-authority and server in the kubeconfig"
        : 'check the address in the kubeconfig, the network and the API server; other clusters are not affected',
      cause,
    },
  );
}

/** True for what Node says of a certificate that it does not trust. */
function isAboutTrust(code: string): boolean {
  return code.includes('CERT') || code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
}
