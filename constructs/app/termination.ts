import { YouzanKubeError } from '../../src/conventions/index.js';

/** One part of the time that a pod's end may take, in whole seconds. */
export type TerminationPart = readonly [name: string, seconds: number];

/**
 * The seconds that the parts take together.
 *
 * @throws YouzanKubeError `TERMINATION_TOO_LONG` with the sum spelled out, when they do not fit.
 */
export function terminationSeconds(parts: readonly TerminationPart[], mostSeconds = Infinity): number {
  const sum = parts.reduce((total, [, seconds]) => total + seconds, 0);
  if (sum <= mostSeconds) return sum;
  const terms = parts.filter(([, seconds]) => seconds > 0).map(([name, seconds]) => `${name} ${seconds}`);
  throw new YouzanKubeError(
    'TERMINATION_TOO_LONG',
    `the end of a pod does not fit into maxTerminationSeconds: ${terms.join(' + ')} = ${sum} s > ${mostSeconds} s; ` +
      'shorten hooks.offline, drainSeconds or hooks.stop',
  );
}
