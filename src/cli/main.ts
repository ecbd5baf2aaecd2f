#!/usr/bin/env node
import { Command, type CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adoptCommand } from './adopt.js';
import { demoCommand } from './demo.js';
import { imageCommand } from './image.js';
import { packageRoot } from './package-root.js';
import { exitCodes } from './run-command.js';
import { serversCommand } from './servers.js';
import { synthCommand } from './synth.js';
import { syncCommand } from './sync.js';

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };

const program = new Command('youzan-kube')
  .description('applications on many Kubernetes clusters, the Youzan way')
  .version(version)
  // An option behind a command is that one's: a command and its subcommands may have the same.
  .enablePositionalOptions()
  .addCommand(demoCommand())
  .addCommand(synthCommand())
  .addCommand(adoptCommand())
  .addCommand(imageCommand())
  .addCommand(syncCommand())
  .addCommand(serversCommand());
// Help and version end well; a command line that can't be understood is bad input.
const end = ({ exitCode }: CommanderError): never => process.exit(exitCode === 0 ? exitCodes.ok : exitCodes.badInput);
const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];
for (const command of withAll(program)) command.exitOverride(end);
await program.parseAsync();
