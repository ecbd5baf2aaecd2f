// The lab that `npm run lab -- up` keeps up for people: how other commands find it, among the labs of tests and demos.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterInfo } from '../cluster/lab-cluster.js';
import { holders, type Holder } from '../lab/slot.js';
import { LabError } from '../lab-error.js';

/** What it says of itself, in a file in its folder. */
export interface Standing {
  /** ISO 8601. */
  readonly since: string;
  /** One kubeconfig with a context for each cluster. */
  readonly kubeconfig: string;
  /** A folder with kubectl in it. */
  readonly programs: string;
  /** None while it starts. */
  readonly clusters: readonly ClusterInfo[];
}

export interface FoundLab extends Holder {
  /** Undefined: it is not one for people. */
  readonly standing: Standing | undefined;
}

const fileIn = (folder: string): string => join(folder, 'standing.json');

export function announce(folder: string, standing: Standing): void {
  const draft = `${fileIn(folder)}.draft`;
  writeFileSync(draft, JSON.stringify(standing));
  renameSync(draft, fileIn(folder));
}

/** Every lab of this machine: for people or not, alive or dead. */
export const findLabs = (): readonly FoundLab[] =>
  holders().map((holder) => {
    const file = fileIn(holder.slot.folder);
    const standing = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Standing) : undefined;
    return { ...holder, standing };
  });

/** The lab that is up for people; throws with the way out when there is none, or it has died or is still starting. */
export function standingLab(labs: readonly FoundLab[]): FoundLab & { readonly standing: Standing } {
  const forPeople = labs.flatMap((lab) => (lab.standing === undefined ? [] : [{ ...lab, standing: lab.standing }]));
  const up = forPeople.find(({ alive }) => alive);
  if (up !== undefined && up.standing.clusters.length > 0) return up;
  if (up !== undefined)
    throw new LabError(
      `the lab of process ${up.owner.pid} is still starting`,
      `wait, or end it: npm run lab -- down; its logs: ${up.slot.folder}`,
    );
  const dead = labs.find(({ alive }) => !alive);
  if (dead !== undefined)
    throw new LabError(
      `no lab is up; one has died: its process ${dead.owner.pid} is gone, ${dead.slot.folder} is left`,
      'take away what it left: npm run lab -- down; or start another, which does so first: npm run lab -- up',
    );
  throw new LabError('no lab is up', 'start one, in a terminal of its own: npm run lab -- up');
}
