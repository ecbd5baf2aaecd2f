import { YouzanKubeError } from '../conventions/index.js';
import type { ReleaseFailureCode } from './state.js';
import type { ReleaseResult } from './result.js';

/** A release that did not come to its end. `code` and `message` are those of the first cluster that failed. */
export class ReleaseError extends YouzanKubeError {
  declare readonly code: ReleaseFailureCode;
  /** Which clusters are done, which failed, which were never touched. */
  readonly result: ReleaseResult;

  constructor(result: ReleaseResult) {
    const failures = result.clusters.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    const [first] = failures;
    super(
      first?.code ?? 'RELEASE_ABORTED',
      failures.map(({ message }) => message).join('\n') || 'the release was aborted',
      {
        path: `${result.clusters.find(({ failure }) => failure !== undefined)?.cluster ?? '-'}/${result.app}`,
        ...(first?.hint === undefined ? {} : { hint: first.hint }),
      },
    );
    this.name = 'ReleaseError';
    this.result = result;
  }
}
