import { YouzanKubeError } from './error.js';

/** One thing that is wrong with an input, and where. */
export interface Finding {
  /** `file:line:column`, a construct path with the prop, or a key path. */
  readonly path: string;
  /** What is wrong: what was got and what is allowed. */
  readonly message: string;
  /** Id of the rule that it breaks, where the rules have ids. Default: none. */
  readonly rule?: string;
}

/** One error for all findings of an input: a line each in its message, the first one's place as its path. */
export function findingsError(
  code: string,
  subject: string,
  findings: readonly Finding[],
  hint?: string,
): YouzanKubeError {
  const lines = findings.map(({ path, message }) => `  ${path}: ${message}`);
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const path = findings[0]?.path;
  return new YouzanKubeError(code, [`${subject}: ${count}`, ...lines].join('\n'), {
    findings,
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}
