// A lab's place on the machine: a folder, names and addresses that no other running lab uses.
import {
  chmodSync,
  existsSync,
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
  if (left.length > 0) throw new LabError(`an earlier lab could not be cleaned up:\n  ${left.join('\n  ')}`);
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

/** Takes away what dead labs left, also those whose cleaner died. */
function cleanAll(): void {
  for (const name of readdirSync(root())) {
    const cleaner = /^dead-\d+-(\d+)$/.exec(name)?.[1];
    if (cleaner !== undefined && identityOf(Number(cleaner)) === undefined) takeAway(join(root(), name));
  }
  for (let number = 0; number < slots; number += 1) {
    const slot = slotOf(number);
    const owner = ownerOf(slot);
    if (owner !== undefined && !isAlive(owner)) clean(slot);
  }
}

/** Cleans up after dead labs, then takes the first slot that no living lab has. */
export function takeSlot(): Slot {
  secureRoot();
  cleanAll();
  for (let number = 0; number < slots; number += 1) {
    const slot = slotOf(number);
    // A link of that name without an owner is a lab under another TMPDIR.
    if (!existsSync(`/sys/class/net/${slot.prefix}`) && claim(slot)) return slot;
  }
  throw new LabError(`${slots} labs are running already`, 'end one: each belongs to the process in its owner.json');
}

export function leaveSlot(slot: Slot): readonly string[] {
  const left = undo(readRecord(slot.recordFile));
  rmSync(slot.folder, { recursive: true, force: true });
  return left;
}
