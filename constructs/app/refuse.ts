import type { IConstruct } from 'constructs';
import { findingsError, type Finding } from '../../src/conventions/index.js';

/**
 * Ends a construct whose props have findings; the path of each is the prop's.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding, each behind the construct's path.
 */
export function refuseProps({ node: { path } }: IConstruct, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const places = findings.map((finding) => ({ ...finding, path: `${path}.${finding.path}` }));
  throw findingsError('PROPS_INVALID', `${path} is not valid`, places);
}
