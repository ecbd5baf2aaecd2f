// A lab's place on the machine: a folder, names and addresses that no other running lab uses.
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { addressesOf } from '../network/addresses.js';
import { overlapping, parseRoutes, type Route } from '../network/routes.js';
import { identityOf, isAlive, type ProcessIdentity } from '../processes/identity.js';
import { readRecord, undo } from './record.js';

const slots = 8;

export interface Slot {
  readonly number: number;
  readonly folder: string;
  /** Start of every name of a link or namespace. */
  readonly prefix: string;
  readonly recordFile: string;
}

const root = (): string => join(tmpdir(), 'youzan-kube-lab');

const slotOf = (number: number): Slot => {
  const folder = join(root(), String(number));
  return { number, folder, prefix: `ykl${number}`, recordFile: join(folder, 'record.jsonl') };
};

const ownerFile = (slot: Slot): string => join(slot.folder, 'owner.json');

function ownerOf(slot: Slot): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(ownerFile(slot), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Only root may write there: the folder's name is known to everyone. */
function secureRoot(): void {
  mkdirSync(root(), { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(root());
  if (uid !== process.getuid?.() || !lstatSync(root()).isDirectory())
    throw new LabError(`${root()} belongs to another user`, 'remove it or set TMPDIR');
  chmodSync(root(), 0o700);
}

/** True for one caller only. */
function claim(slot: Slot): boolean {
  const own = identityOf(process.pid);
  if (own === undefined) throw new LabError('/proc is not mounted');
  mkdirSync(slot.folder, { recursive: true, mode: 0o700 });
  const draft = join(root(), `owner-${process.pid}-${slot.number}`);
  writeFileSync(draft, JSON.stringify(own));
  try {
    linkSync(draft, ownerFile(slot));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function takeAway(folder: string): void {
  const left = undo(readRecord(join(folder, 'record.jsonl')));
  rmSync(folder, { recursive: true, force: true });
  if (left.length > 0)
    throw new LabError(
      `an earlier lab could not be cleaned up:\n  ${left.join('\n  ')}`,
      'end and remove these by hand, or start again: the next lab takes another place',
    );
}

/** Takes away what a lab whose process has died left in the slot. */
function clean(slot: Slot): void {
  // One of several that come at the same time gets the folder; the others find none.
  const moved = join(root(), `dead-${slot.number}-${process.pid}`);
  try {
    renameSync(slot.folder, moved);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  takeAway(moved);
}

/** A lab on this machine that has a slot. */
export interface Holder {
  readonly slot: Slot;
  readonly owner: ProcessIdentity;
  /** False when its process is gone and what it made may still be there. */
  readonly alive: boolean;
}

export function holders(): readonly Holder[] {
  return Array.from({ length: slots }, (_, number) => slotOf(number)).flatMap((slot) => {
    const owner = ownerOf(slot);
    return owner === undefined ? [] : [{ slot, owner, alive: isAlive(owner) }];
  });
}

/** Takes away what dead labs left, also those whose cleaner died, and gives their folders. */
export function takeDeadLabsAway(): readonly string[] {
  secureRoot();
  for (const name of readdirSync(root())) {
    const cleaner = /^dead-\d+-(\d+)$/.exec(name)?.[1];
    if (cleaner !== undefined && identityOf(Number(cleaner)) === undefined) takeAway(join(root(), name));
  }
  const dead = holders().filter(({ alive }) => !alive);
  for (const { slot } of dead) clean(slot);
  return dead.map(({ slot }) => slot.folder);
}

/** Why a lab can't be there, apart from another lab that is. */
export function whyNotFree(
  { number, prefix }: Pick<Slot, 'number' | 'prefix'>,
  links: readonly string[],
  routes: readonly Route[],
): string | undefined {
  // A link of that name without an owner is a lab under another TMPDIR.
  if (links.includes(prefix))
    return `the link ${prefix} is there: a lab with another TMPDIR, or what is left of one (ip link delete ${prefix})`;
  const { range } = addressesOf(number);
  const route = overlapping(routes, range);
  return route === undefined ? undefined : `${range} is routed over ${route.interface}`;
}

/** Cleans up after dead labs, then takes the first slot that no living lab has and whose addresses nobody uses. */
export function takeSlot(): Slot {
  takeDeadLabsAway();
  const links = readdirSync('/sys/class/net');
  const routes = parseRoutes(readFileSync('/proc/net/route', 'utf8'));
  const taken: string[] = [];
  for (let number = 0; number < slots; number += 1) {
    const slot = slotOf(number);
    const owner = ownerOf(slot);
    const why = owner === undefined ? whyNotFree(slot, links, routes) : `the lab of process ${owner.pid}`;
    if (why === undefined && claim(slot)) return slot;
    taken.push(`${number}: ${why ?? 'another lab that starts now'}`);
  }
  throw new LabError(`none of the ${slots} places for a lab is free:\n  ${taken.join('\n  ')}`, 'end one of these');
}

export function leaveSlot(slot: Slot): readonly string[] {
  const left = undo(readRecord(slot.recordFile));
  rmSync(slot.folder, { recursive: true, force: true });
  return left;
}
