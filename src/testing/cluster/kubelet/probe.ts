import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { hasAborted } from './grace.js';
import type { Container, HTTPGetAction, Probe } from 'kubernetes-types/core/v1.js';

export interface ProbeResult {
  readonly ok: boolean;
  /** Why not, in the kubelet's words. */
  readonly output: string;
}

/** What a probe is run against. */
export interface ProbeTarget {
  readonly container: Container;
  readonly ip: string;
  exec(command: readonly string[], signal: AbortSignal): Promise<ProbeResult>;
}

function portOf(container: Container, port: string | number): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

function get(
  { path, port, host, scheme, httpHeaders }: HTTPGetAction,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const tls = scheme === 'HTTPS';
  const options = {
    host: host ?? target.ip,
    port: portOf(target.container, port),
    path: path ?? '/',
    agent: false,
    signal,
    rejectUnauthorized: false,
    headers: {
      'user-agent': 'kube-probe/1.34',
      accept: '*/*',
      connection: 'close',
      ...Object.fromEntries((httpHeaders ?? []).map(({ name, value }) => [name, value])),
    },
  };
  return new Promise((resolve, reject) => {
    const request = (tls ? httpsRequest : httpRequest)(options, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      const ok = status >= 200 && status < 400;
      resolve({ ok, output: ok ? '' : `HTTP probe failed with statuscode: ${status}` });
    });
    request.once('error', reject);
    request.end();
  });
}

function dial(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ ok: true, output: '' });
    });
    socket.once('error', reject);
  });
}

function attempt(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  if (probe.httpGet !== undefined) return get(probe.httpGet, target, signal);
  if (probe.tcpSocket !== undefined) {
    return dial(probe.tcpSocket.host ?? target.ip, portOf(target.container, probe.tcpSocket.port), signal);
  }
  return target.exec(probe.exec?.command ?? [], signal);
}

/** Runs a probe once, within its `timeoutSeconds` (default 1). */
export async function probeOnce(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1_000);
  try {
    return await attempt(probe, target, AbortSignal.any([signal, timeout]));
  } catch (error) {
    const timedOut = timeout.aborted ? `probe timed out after ${probe.timeoutSeconds ?? 1} s` : undefined;
    return { ok: false, output: timedOut ?? (error instanceof Error ? error.message : String(error)) };
  }
}

/** How often in a row a probe answered the same, and what that means by now. */
export interface ProbeCount {
  readonly ok: boolean | undefined;
  readonly inARow: number;
  /** Undefined until a threshold was reached. */
  readonly verdict: boolean | undefined;
}

export const noProbeYet: ProbeCount = { ok: undefined, inARow: 0, verdict: undefined };

/** Pure: counts one result towards `successThreshold` (default 1) or `failureThreshold` (default 3). */
export function countProbe(count: ProbeCount, ok: boolean, probe: Probe): ProbeCount {
  const inARow = count.ok === ok ? count.inARow + 1 : 1;
  const needed = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { ok, inARow, verdict: inARow >= needed ? ok : count.verdict };
}

export interface ProbeLoopOptions {
  readonly probe: Probe;
  readonly target: ProbeTarget;
  readonly signal: AbortSignal;
  /** Called for every result that counts. */
  onResult(result: ProbeResult, count: ProbeCount): void;
}

/** Probes at once, or after `initialDelaySeconds`, then every `periodSeconds` (default 10), until the signal. */
export async function runProbeLoop(options: ProbeLoopOptions): Promise<void> {
  const { probe, target, signal } = options;
  const pause = (seconds: number): Promise<void> =>
    delay(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  if ((probe.initialDelaySeconds ?? 0) > 0) await pause(probe.initialDelaySeconds ?? 0);
  let count = noProbeYet;
  while (!signal.aborted) {
    const startedAt = Date.now();
    const result = await probeOnce(probe, target, signal);
    if (hasAborted(signal)) return;
    count = countProbe(count, result.ok, probe);
    options.onResult(result, count);
    await pause(Math.max(0, (probe.periodSeconds ?? 10) - (Date.now() - startedAt) / 1_000));
  }
}
