// `npm run lab -- up | down | status | shell`: two real clusters for people.
import { Command } from 'commander';
import { LabError } from './lab-error.js';
import { down } from './standing/down.js';
import { shell } from './standing/shell.js';
import { status, statusText } from './standing/status.js';
import { up } from './standing/up.js';

const say = (line: string): void => console.log(`lab: ${line}`);

const program = new Command('lab')
  .description('two real Kubernetes clusters, bc-a and bc-b, with two real nodes each, on this machine')
  .enablePositionalOptions();
program
  .command('up')
  .description('starts them and stays in the foreground; ends with Ctrl-C, or with `down` in another terminal')
  .action(() => up(say));
program
  .command('down')
  .description('ends them, and takes away what dead labs left')
  .action(() => down(say));
program
  .command('status')
  .description('clusters, nodes, processes and memory')
  .option('--json', 'as JSON')
  .action(async ({ json }: { readonly json?: true }) => {
    const found = await status();
    console.log(json === true ? JSON.stringify(found, undefined, 2) : statusText(found));
  });
program
  .command('shell')
  .description(
    'your $SHELL with kubectl and both clusters as contexts; arguments are the shell\'s: shell -- -c "kubectl get pods"',
  )
  .argument('[args...]')
  .passThroughOptions()
  .allowUnknownOption()
  .action(async (args: readonly string[]) => {
    process.exitCode = await shell(args);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(error.message);
  process.exit(1);
}
