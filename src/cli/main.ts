#!/usr/bin/env node
import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoCommand } from './demo.js';
import { packageRoot } from './package-root.js';
import { synthCommand } from './synth.js';
import { syncCommand } from './sync.js';

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };

await new Command('youzan-kube')
  .description('applications on many Kubernetes clusters, the Youzan way')
  .version(version)
  .addCommand(demoCommand())
  .addCommand(synthCommand())
  .addCommand(syncCommand())
  .parseAsync();
