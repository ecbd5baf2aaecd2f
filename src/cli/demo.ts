import { Command, Option } from 'commander';
import { Listr, PRESET_TIMER } from 'listr2';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { YouzanKubeError } from '../conventions/index.js';
import type { ObserverReport } from './demo/observer.js';
import { type DemoResult, type StepResult, worldFigures } from './demo/result.js';
import { embeddedPlatform, type Platform } from './demo/platform.js';
import { isSabotage, sabotages } from './demo/sabotage.js';
import { type Step, stepNames } from './demo/step.js';
import { steps as allSteps } from './demo/steps/index.js';
import { startWorld, type World } from './demo/world.js';
import { packageRoot } from './package-root.js';
import { describeError, exitCodes, runCommand } from './run-command.js';

interface DemoOptions {
  readonly json?: true;
  readonly keep?: true;
  readonly lab?: true;
  readonly sabotage?: string;
  readonly only?: string;
}

/** `youzan-kube demo`: the main job, on two embedded clusters and an embedded gateway. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('the main job: from app.yaml to served requests in two clusters, with releases and faults')
    .option('--json', 'print one JSON object at the end, and nothing else')
    .option('--keep', 'stay up before the last step; prints URLs and kubeconfigs')
    .addOption(
      new Option(
        '--lab',
        'run on two real clusters; needs a checkout of the repository, Linux, root and Go',
      ).hideHelp(),
    )
    .addOption(new Option('--sabotage <rule>', 'break a rule on purpose').hideHelp())
    .addOption(new Option('--only <steps>', 'run these steps only, separated by commas').hideHelp())
    .action((options: DemoOptions) => runCommand((signal) => demo(options, signal)));
}

function chosenSteps(only: string | undefined): readonly Step[] {
  if (only === undefined) return allSteps;
  const names = only.split(',');
  const unknown = names.filter((name) => !stepNames.some((known) => known === name));
  if (unknown.length > 0)
    throw new YouzanKubeError(
      'CLI_UNKNOWN_STEP',
      `unknown steps ${unknown.join(', ')}; there are ${stepNames.join(', ')}`,
    );
  return allSteps.filter(({ name }) => names.includes(name));
}

async function demo(options: DemoOptions, interrupted: AbortSignal): Promise<number> {
  const { sabotage } = options;
  if (sabotage !== undefined && !isSabotage(sabotage)) {
    throw new YouzanKubeError(
      'CLI_UNKNOWN_SABOTAGE',
      `unknown sabotage "${sabotage}"; there are ${Object.keys(sabotages).join(', ')}`,
    );
  }
  const steps = chosenSteps(options.only);
  const platform = options.lab === true ? await labPlatform() : embeddedPlatform;
  const { deadlineMs } = platform;
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new YouzanKubeError('DEMO_DEADLINE', `the demo did not end within ${deadlineMs} ms`)),
    deadlineMs,
  );
  const signal = AbortSignal.any([interrupted, deadline.signal]);

  const world = await startWorld({ platform, sabotage, signal });
  const results: StepResult[] = [];
  let kept = false;
  let failure: DemoResult['error'];
  let observed: ObserverReport | undefined;
  let figures: ReturnType<typeof worldFigures>;
  try {
    const run = async (step: Step, say: (text: string) => void): Promise<string> => {
      const started = performance.now();
      const ended = (ok: boolean): void =>
        void results.push({ name: step.name, ok, ms: Math.round(performance.now() - started) });
      try {
        const line = await step.run(kept ? { ...world, signal: deadline.signal } : world, say);
        ended(true);
        return line;
      } catch (error) {
        ended(false);
        const cause: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
        failure = { step: step.name, message: describeError(cause) };
        throw cause;
      }
    };
    try {
      if (options.keep !== true) await view(steps, run, options.json === true);
      else {
        await view(steps.slice(0, -1), run, options.json === true);
        clearTimeout(timer);
        await keep(world, interrupted);
        kept = true;
        await view(steps.slice(-1), run, options.json === true);
      }
    } catch {
      // What failed is in `failure`; the figures are printed all the same.
    }
    observed = await world.observer.stop().catch(() => undefined);
    figures = worldFigures(world, observed);
  } finally {
    clearTimeout(timer);
    await world.stop();
  }
  const result: DemoResult = {
    ok: failure === undefined,
    steps: results,
    ...(failure === undefined ? {} : { error: failure }),
    ...figures,
  };
  if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
  else printTable(result);
  return result.ok ? exitCodes.ok : exitCodes.failed;
}

/** The platform of the repository's own tests, which no package has. */
async function labPlatform(): Promise<Platform> {
  const file = join(packageRoot(), 'test/lab/demo-platform.ts');
  if (!existsSync(file)) {
    throw new YouzanKubeError('CLI_NO_LAB', `--lab needs ${file}`, {
      hint: 'run it in a checkout of the repository, as "npm run demo -- --lab"',
    });
  }
  const { demoPlatform } = (await import(pathToFileURL(file).href)) as { readonly demoPlatform: Platform };
  return demoPlatform;
}

async function view(
  steps: readonly Step[],
  run: (step: Step, say: (text: string) => void) => Promise<string>,
  silent: boolean,
): Promise<void> {
  const tasks = steps.map((step) => ({
    title: `${step.name}: ${step.title}`,
    task: async (_: unknown, task: { title: string; output: string }): Promise<void> => {
      const line = await run(step, (text) => {
        // Without a terminal each output is a line of its own: one for each change, not for each look.
        if (text !== task.output) task.output = text;
      });
      task.title = `${step.name}: ${line}`;
    },
  }));
  await new Listr(tasks, {
    concurrent: false,
    registerSignalListeners: false,
    renderer: silent ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: true },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
}

function printTable(result: DemoResult): void {
  console.table(Object.fromEntries(result.steps.map(({ name, ok, ms }) => [name, { ok, seconds: ms / 1000 }])));
  console.table(result.clusters);
  const { p50, p99, n } = result.propagationMs;
  console.log(`${result.requests} requests, ${result.failed} failed, ${result.retried} retried by the gateway`);
  console.log(
    `propagation p50 ${p50 ?? '-'} ms, p99 ${p99 ?? '-'} ms over ${n} changes; gateway revision ${result.gateway.revision}, ${result.gateway.writes} writes`,
  );
  if (result.error !== undefined) console.error(`step ${result.error.step} failed\n${result.error.message}`);
}

/** Prints where everything is, and waits for Ctrl-C. */
async function keep(world: World, interrupted: AbortSignal): Promise<void> {
  console.log(
    `\ngateway   ${world.embeddedGateway.dataUrl}   (curl -H 'Host: trade-core.http' ${world.embeddedGateway.dataUrl}/)`,
  );
  console.log(`admin     ${world.embeddedGateway.adminUrl}   (token ${world.embeddedGateway.token})`);
  console.log(`metrics   ${world.metrics.url}/metrics`);
  for (const { name, platform } of world.clusters) {
    const file = join(world.folder, `${name}.kubeconfig`);
    writeFileSync(file, platform.kubeconfig, { mode: 0o600 });
    console.log(`${name}      kubectl --kubeconfig ${file} get pods -A`);
  }
  console.log('Ctrl-C ends it.');
  if (interrupted.aborted) return;
  await new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve(), { once: true }));
}
