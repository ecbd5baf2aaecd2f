import { existsSync } from 'node:fs';
import { LabError } from '../lab-error.js';
import { takeDeadLabsAway } from '../lab/slot.js';
import { isAlive, signalProcess } from '../processes/identity.js';
import { waitFor } from '../processes/wait.js';
import { findLabs } from './standing-lab.js';

const endsWithinMs = 60_000;

/** Ends the lab that is up for people and takes away what dead labs left. Labs of tests and demos go on. */
export async function down(say: (line: string) => void): Promise<void> {
  const alive = findLabs().filter((lab) => lab.standing !== undefined && lab.alive);
  for (const { owner, slot } of alive) {
    say(`ending the lab of process ${owner.pid}`);
    signalProcess(owner, 'SIGTERM');
    try {
      const gone = (): Promise<boolean> => Promise.resolve(!isAlive(owner));
      await waitFor(`process ${owner.pid} is gone`, gone, { deadlineMs: endsWithinMs });
    } catch (cause) {
      throw new LabError(
        `the lab's process ${owner.pid} does not end`,
        `kill it, and take away what it leaves: kill -KILL ${owner.pid} && npm run lab -- down`,
        { cause },
      );
    }
    if (existsSync(slot.folder)) say(`it left ${slot.folder}`);
  }
  const dead = takeDeadLabsAway();
  for (const folder of dead) say(`took away what a dead lab left: ${folder}`);
  say(alive.length + dead.length === 0 ? 'no lab is up: nothing to do' : 'down');
}
