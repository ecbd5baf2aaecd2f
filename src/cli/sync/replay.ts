import { Command } from 'commander';
import { type ReplayedStep, replayJournal } from '../../k8s-sync/index.js';
import { exitCodes, runCommand } from '../run-command.js';
import { readJournal } from './journal-file.js';
import { statusText } from './status.js';

interface ReplayOptions {
  readonly json?: true;
}

/** `youzan-kube sync replay`: what happened, and what came of it, from a journal; the state that it ended in. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('play a journal back: what happened, what came of it, and the state at its end; needs no syncer')
    .argument('<journal>', 'a file of --journal')
    .option('--json', 'print each step as a line of JSON, and the last status as the last')
    .action((file: string, options: ReplayOptions) =>
      runCommand(async (signal) => {
        let last: ReplayedStep | undefined;
        for await (const step of replayJournal(readJournal(file))) {
          signal.throwIfAborted();
          process.stdout.write(options.json === true ? jsonLine(step) : text(step));
          last = step;
        }
        const status = last?.status() ?? null;
        if (status !== null)
          process.stdout.write(options.json === true ? `${JSON.stringify({ status })}\n` : `\n${statusText([status])}`);
        return exitCodes.ok;
      }),
    );
}

const jsonLine = ({ line, kind, event, at, time, said, effects }: ReplayedStep): string =>
  `${JSON.stringify({ line, kind, event, at, time, said, effects })}\n`;

/** Heartbeats and timers that lead to nothing would hide the rest. */
function text({ line, event, at, time, said, effects }: ReplayedStep): string {
  if (effects.length === 0 && (event === 'heartbeat' || event === 'timer')) return '';
  const when = time ?? (at === null ? `line ${line}` : `${(at / 1000).toFixed(3)} s`);
  return [`${when}  ${said}\n`, ...effects.map((effect) => `  -> ${effect}\n`)].join('');
}
