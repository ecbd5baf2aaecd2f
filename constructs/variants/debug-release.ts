import type { AppSpec } from '../../src/app-yaml/index.js';
import type { Finding } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { heldMain } from './held-main.js';

/** A release for inspection: how its business process starts, and how long it lives. */
export interface DebugRelease {
  /**
   * `held`: helpers run, and the business process waits for `touch $YOUZAN_STATE_DIR/start`; its log has the command.
   * `started`: it starts at once. Either way the container stays when it has ended. Default: `held`, since an app that only
   * starts may already take messages or change data.
   */
  readonly main?: 'held' | 'started';
  /** After so many seconds Kubernetes ends the release by itself. At most a week. Default: 14400, four hours. */
  readonly expiresAfterSeconds?: number;
}

const week = 604_800;
const ways: readonly string[] = ['held', 'started'];

/** What a debug release is, or undefined for one that takes traffic. */
export function debugReleaseOf({ debug = false }: Pick<YouzanAppProps, 'debug'>): Required<DebugRelease> | undefined {
  if (debug === false) return undefined;
  const { main = 'held', expiresAfterSeconds = 14_400 } = debug === true ? {} : debug;
  return { main, expiresAfterSeconds };
}

/** The app as its containers run it: in a debug release the business process waits. */
export function specToRun({ spec, debug }: YouzanAppProps): AppSpec {
  const release = debugReleaseOf({ debug });
  return release === undefined ? spec : { ...spec, entrypoint: heldMain(spec.entrypoint, release.main) };
}

/** A time that is none, and another word for main. */
export function debugFindings({ debug }: YouzanAppProps): Finding[] {
  const release = debugReleaseOf({ debug });
  if (release === undefined) return [];
  const { main, expiresAfterSeconds } = release;
  const findings: Finding[] = [];
  if (!ways.includes(main)) findings.push({ path: 'debug.main', message: `"${main}" is neither held nor started` });
  if (!Number.isInteger(expiresAfterSeconds) || expiresAfterSeconds < 1 || expiresAfterSeconds > week) {
    const allowed = `a whole number of seconds from 1 to ${week}`;
    findings.push({ path: 'debug.expiresAfterSeconds', message: `${expiresAfterSeconds} is out of range: ${allowed}` });
  }
  return findings;
}
