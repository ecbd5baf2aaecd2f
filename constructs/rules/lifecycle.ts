import { at, fields, isSet, items, numberAt, rootOf, textAt } from './place.js';
import { containersOf, controllerKinds, podsOf, type PodContainer } from './pods.js';
import type { Rule } from './rule.js';
import { podsOfService } from './selector.js';

const probes = ['readinessProbe', 'livenessProbe', 'startupProbe'];

/** Seconds that a preStop hook surely takes: the handler `sleep`, or a command that begins with one. */
function stopSeconds({ place }: PodContainer): number {
  const slept = numberAt(place, 'lifecycle.preStop.sleep.seconds');
  const words = items(at(place, 'lifecycle.preStop.exec.command')).map(({ value }) => String(value));
  const text = words[0] === 'sleep' ? words.join(' ') : (words.at(-1) ?? '').trim();
  return slept ?? Number(/^(?:\/bin\/)?sleep (\d+)(?=$|\s|;|&)/.exec(text)?.[1] ?? 0);
}

export const stopGrace: Rule = {
  id: 'stop-grace',
  what: 'A preStop hook ends before the grace of its pod does.',
  why: 'The container is killed in the middle of its hook, and never asked to end.',
  severity: 'error',
  fix: 'raise terminationGracePeriodSeconds above the hook and what the app needs to end',
  check: (bundle) =>
    podsOf(bundle).flatMap(({ spec, containers }) => {
      const grace = numberAt(spec, 'terminationGracePeriodSeconds') ?? 30;
      return containers
        .filter((container) => stopSeconds(container) >= grace)
        .map((container) => ({
          place: at(container.place, 'lifecycle.preStop'),
          message: `takes ${stopSeconds(container)} s of the ${grace} s after which the pod is killed`,
        }));
    }),
};

export const probeForm: Rule = {
  id: 'probe-form',
  what: 'A probe asks in one way, and a liveness or startup probe needs one success.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'one of exec, httpGet, tcpSocket and grpc; successThreshold is 1',
  check: (bundle) =>
    containersOf(bundle).flatMap(({ place }) =>
      probes
        .map((name) => ({ name, probe: at(place, name) }))
        .filter(({ probe }) => isSet(probe))
        .flatMap(({ name, probe }) => {
          const ways = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((way) => isSet(at(probe, way)));
          const successes = numberAt(probe, 'successThreshold') ?? 1;
          return [
            ...(ways.length === 1 ? [] : [{ place: probe, message: `asks by ${ways.join(' and ') || 'nothing'}` }]),
            ...(successes === 1 || name === 'readinessProbe'
              ? []
              : [{ place: at(probe, 'successThreshold'), message: `${successes} successes` }]),
          ];
        }),
    ),
};

export const initContainer: Rule = {
  id: 'init-container',
  what: 'An init container that is no sidecar has no probes and no hooks.',
  why: 'The API server refuses the object; portNumber of cdk8s-plus adds such a probe by itself.',
  severity: 'error',
  fix: 'leave them out; in cdk8s-plus give ports in the place of portNumber',
  check: (bundle) =>
    containersOf(bundle)
      .filter(({ role }) => role === 'init')
      .flatMap(({ place }) => [...probes, 'lifecycle'].map((key) => at(place, key)).filter(isSet))
      .map((place) => ({ place, message: 'stands at a container that ends before the pod starts' })),
};

export const restartPolicy: Rule = {
  id: 'restart-policy',
  what: 'Pods of a workload that serves are always restarted; pods of a job never, or on failure.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'leave restartPolicy out of a Deployment; give a job OnFailure or Never',
  check: (bundle) =>
    podsOf(bundle)
      .filter(({ object }) => object.kind !== 'Pod')
      .flatMap(({ object, spec }) => {
        const place = at(spec, 'restartPolicy');
        const policy = textAt(spec, 'restartPolicy') ?? 'Always';
        const allowed = controllerKinds.includes(object.kind) ? ['Always'] : ['OnFailure', 'Never'];
        return allowed.includes(policy) ? [] : [{ place, message: `${policy} in a ${object.kind}` }];
      }),
};

export const debugRelease: Rule = {
  id: 'debug-release',
  what: 'Pods of a debug release have no probes and no hooks, and no Service selects them.',
  why: 'What is to be looked at would be restarted, or get requests.',
  severity: 'error',
  fix: 'leave probes and hooks out, and select by a label that debug releases have not',
  check: (bundle, { conventions }) => {
    const debugged = podsOf(bundle).filter(({ labels }) => labels[conventions.labels.debug] === 'true');
    const parts = debugged
      .flatMap(({ containers }) => containers)
      // A sidecar's startup probe holds the order of start: without it main would start before its helpers are ready.
      .flatMap(({ place, role }) =>
        [...probes, 'lifecycle']
          .filter((key) => role !== 'sidecar' || key !== 'startupProbe')
          .map((key) => at(place, key))
          .filter((one) => fields(one).length > 0),
      )
      .map((place) => ({ place, message: 'stands in a debug release' }));
    const services = bundle
      .filter(({ kind }) => kind === 'Service')
      .filter((service) => podsOfService(service, bundle)?.some((pod) => debugged.includes(pod)) === true)
      .map((service) => ({
        place: at(rootOf(service), 'spec.selector'),
        message: 'selects the pods of a debug release',
      }));
    return [...parts, ...services];
  },
};
