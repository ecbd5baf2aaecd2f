import { describe, expect, it } from 'vitest';
import { failureOf, unreachable } from '../../src/kube/failure.js';
import { isKubeError, KubeError, type KubeErrorCode } from '../../src/kube/index.js';
import { recordedStatus } from './recorded.js';

const refused = (status: number, body: unknown, retryAfter?: string): KubeError =>
  failureOf('bc-a', 'get pods shop/p', {
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    retryAfter,
  });
const status = (reason: string, more: object = {}): object => ({ kind: 'Status', reason, message: 'said', ...more });

describe('the error of a refusal', () => {
  const codes: readonly [number, unknown, KubeErrorCode][] = [
    [400, status('BadRequest'), 'KUBE_INVALID'],
    [401, status('Unauthorized'), 'KUBE_UNAUTHORIZED'],
    [403, status('Forbidden'), 'KUBE_FORBIDDEN'],
    [404, status('NotFound'), 'KUBE_NOT_FOUND'],
    [405, status('MethodNotAllowed'), 'KUBE_BAD_ANSWER'],
    [409, status('Conflict'), 'KUBE_CONFLICT'],
    [409, status('AlreadyExists'), 'KUBE_ALREADY_EXISTS'],
    [410, status('Expired'), 'KUBE_GONE'],
    [415, status('UnsupportedMediaType'), 'KUBE_INVALID'],
    [422, status('Invalid'), 'KUBE_INVALID'],
    [429, status('TooManyRequests'), 'KUBE_TOO_MANY_REQUESTS'],
    [500, status('InternalError'), 'KUBE_SERVER_ERROR'],
    [501, status('NotImplemented'), 'KUBE_SERVER_ERROR'],
    [503, 'upstream connect error', 'KUBE_SERVER_ERROR'],
    [504, status('Timeout'), 'KUBE_SERVER_ERROR'],
    [302, '', 'KUBE_BAD_ANSWER'],
  ];
  it.each(codes)('%i %j has code %s', (number, body, code) => {
    expect(refused(number, body)).toMatchObject({ code, status: number, path: 'bc-a' });
  });

  it('says the cluster, the call, and what the server said', () => {
    expect(refused(404, status('NotFound'))).toMatchObject({
      message: 'cluster bc-a: get pods shop/p: 404 NotFound: said',
      reason: 'NotFound',
    });
  });

  it('says what to do about credentials', () => {
    expect(refused(401, status('Unauthorized')).hint).toMatch(/check the user of the cluster's kubeconfig/);
    expect(refused(403, status('Forbidden')).hint).toMatch(/grant the verb on the resource in RBAC/);
  });

  const bodies: readonly [string, string][] = [
    ['', 'cluster bc-a: get pods shop/p: 502 Bad Gateway: no message'],
    ['<html>bad gateway</html>', 'cluster bc-a: get pods shop/p: 502 Bad Gateway: <html>bad gateway</html>'],
    ['down\n', 'cluster bc-a: get pods shop/p: 502 Bad Gateway: down'],
    ['null', 'cluster bc-a: get pods shop/p: 502 Bad Gateway: null'],
    ['"down"', 'cluster bc-a: get pods shop/p: 502 Bad Gateway: "down"'],
    ['x'.repeat(300), `cluster bc-a: get pods shop/p: 502 Bad Gateway: ${'x'.repeat(200)}`],
  ];
  it.each(bodies)('keeps what something between says: %j', (body, message) => {
    expect(refused(502, body)).toMatchObject({ code: 'KUBE_SERVER_ERROR', message, reason: undefined });
  });

  const waits: readonly [string | undefined, object, number | undefined][] = [
    ['7', {}, 7000],
    ['0', {}, 0],
    [undefined, { details: { retryAfterSeconds: 3 } }, 3000],
    ['7', { details: { retryAfterSeconds: 3 } }, 7000],
    [undefined, {}, undefined],
    ['soon', {}, undefined],
    ['Wed, 01 Jan 2020 00:00:00 GMT', {}, 0],
  ];
  it.each(waits)('with Retry-After %j and %j waits %j ms', (header, more, retryAfterMs) => {
    expect(refused(429, status('TooManyRequests', more), header).retryAfterMs).toBe(retryAfterMs);
  });

  it('reads a date in Retry-After', () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const wait = refused(503, '', inAnHour).retryAfterMs!;
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
  });
});

describe('the error of a refusal that a real API server gave', () => {
  const recorded: readonly [string, KubeErrorCode, string, number | undefined][] = [
    ['401', 'KUBE_UNAUTHORIZED', '401 Unauthorized: Unauthorized', undefined],
    ['403', 'KUBE_FORBIDDEN', '403 Forbidden: endpointslices.discovery.k8s.io is forbidden: User ', undefined],
    ['404', 'KUBE_NOT_FOUND', '404 NotFound: leases.coordination.k8s.io "none" not found', undefined],
    ['409-conflict', 'KUBE_CONFLICT', '409 Conflict: Operation cannot be fulfilled on leases', undefined],
    ['409-exists', 'KUBE_ALREADY_EXISTS', '409 AlreadyExists: leases.coordination.k8s.io "k8s-sync"', undefined],
    ['410-continue', 'KUBE_GONE', '410 Expired: The provided continue parameter is too old', undefined],
    ['410-exact', 'KUBE_GONE', '410 Expired: The resourceVersion for the provided list is too old', undefined],
    ['422', 'KUBE_INVALID', '422 Invalid: leases.coordination.k8s.io "k8s-sync" is invalid', undefined],
    ['429', 'KUBE_TOO_MANY_REQUESTS', '429 Too Many Requests: Too many requests, please try again', 1000],
    ['429-eviction', 'KUBE_TOO_MANY_REQUESTS', '429 TooManyRequests: Cannot evict pod', undefined],
    ['504', 'KUBE_SERVER_ERROR', '504 Timeout: Timeout: Too large resource version', 1000],
  ];
  it.each(recorded)('%s has code %s, says "%s" and waits %j ms', (name, code, says, retryAfterMs) => {
    const { status: number, headers, body } = recordedStatus(name);
    const error = refused(number, body, headers['retry-after']);
    expect(error).toMatchObject({ code, status: number, retryAfterMs });
    expect(error.message).toContain(`cluster bc-a: get pods shop/p: ${says}`);
  });
});

describe('the error of a call without an answer', () => {
  const causes: readonly [string, RegExp][] = [
    ['ECONNREFUSED', /check the address in the kubeconfig, the network and the API server/],
    ['UND_ERR_CONNECT_TIMEOUT', /check the address/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /check certificate-authority/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /check certificate-authority/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /check certificate-authority/],
    ['CERT_SIGNATURE_FAILURE', /check certificate-authority/],
    ['CERT_HAS_EXPIRED', /check certificate-authority/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /check certificate-authority/],
  ];
  it.each(causes)('after %s says where it was looked for and what to do', (code, hint) => {
    const cause = Object.assign(new Error('it broke'), { code });
    const error = unreachable('bc-a', 'https://10.0.0.1:6443', 'list pods', cause);
    expect(error).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      path: 'bc-a',
      message: `cluster bc-a: list pods: no answer from https://10.0.0.1:6443: ${code} it broke`,
      hint: expect.stringMatching(hint) as string,
      cause,
    });
  });

  it('keeps what is no Error', () => {
    expect(unreachable('bc-a', 's', 'list pods', 'gone').message).toBe(
      'cluster bc-a: list pods: no answer from s: gone',
    );
  });
});

describe('isKubeError', () => {
  it('knows its own, and of a code', () => {
    const error = new KubeError('KUBE_GONE', 'gone');
    expect([isKubeError(error), isKubeError(error, 'KUBE_GONE'), isKubeError(error, 'KUBE_CONFLICT')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isKubeError(new Error('gone')), isKubeError({ code: 'KUBE_GONE' }), isKubeError(undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
