import type { Probe } from 'kubernetes-types/core/v1.js';
import { runProbeLoop, type ProbeCount, type ProbeResult, type ProbeTarget } from './probe.js';

export interface ContainerProbesOptions {
  readonly target: ProbeTarget;
  /** Ends every probe: the container has ended. */
  readonly ended: AbortSignal;
  /** Ends startup and liveness probes: the container is being stopped. Readiness goes on. */
  readonly stopping: AbortSignal;
  onStarted(): void;
  onReady(ready: boolean): void;
  /** A startup or liveness probe has failed for good. */
  onUnhealthy(kind: 'startup' | 'liveness', probe: Probe): void;
  /** One failed try. */
  onFailure(kind: 'Startup' | 'Readiness' | 'Liveness', output: string): void;
}

/** Runs a running container's probes: startup alone first, then readiness and liveness side by side. */
export function startProbes(options: ContainerProbesOptions): void {
  const { target, ended, stopping } = options;
  const { startupProbe, readinessProbe, livenessProbe } = target.container;
  const alive = AbortSignal.any([ended, stopping]);

  const start = (
    kind: 'Startup' | 'Readiness' | 'Liveness',
    probe: Probe,
    signal: AbortSignal,
    judge: (count: ProbeCount) => void,
  ): void => {
    const onResult = (result: ProbeResult, count: ProbeCount): void => {
      if (!result.ok) options.onFailure(kind, result.output);
      judge(count);
    };
    void runProbeLoop({ probe, target, signal, onResult });
  };

  const started = (): void => {
    options.onStarted();
    if (readinessProbe === undefined) options.onReady(true);
    else {
      start('Readiness', readinessProbe, ended, ({ verdict }) => {
        if (verdict !== undefined) options.onReady(verdict);
      });
    }
    if (livenessProbe === undefined) return;
    start('Liveness', livenessProbe, alive, ({ verdict }) => {
      if (verdict === false) options.onUnhealthy('liveness', livenessProbe);
    });
  };

  if (startupProbe === undefined) {
    started();
    return;
  }
  const startup = new AbortController();
  start('Startup', startupProbe, AbortSignal.any([alive, startup.signal]), ({ verdict }) => {
    if (verdict === undefined) return;
    startup.abort();
    if (verdict) started();
    else options.onUnhealthy('startup', startupProbe);
  });
}
