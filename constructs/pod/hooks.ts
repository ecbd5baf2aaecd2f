import type { k8s } from 'cdk8s-plus-28';
import type { PodConcern } from './pod-part.js';

/** The lifecycle hooks; a debug release has none. */
export const hooksPart: PodConcern = ({ runtime: { hooks } }) => {
  if (hooks === undefined) return undefined;
  const { postStart, preStop } = hooks;
  const script = (text: string): k8s.LifecycleHandler => ({ exec: { command: ['/bin/sh', '-c', text] } });
  return {
    main: {
      lifecycle: { ...(postStart === undefined ? {} : { postStart: script(postStart) }), preStop: script(preStop) },
    },
  };
};
