import { Command, Option } from 'commander';
import { imageLayers, parseAppYaml, renderDockerfile, type ImageLayer } from '../app-yaml/index.js';
import { findingsError } from '../conventions/index.js';
import { readInput } from './fleet-file.js';
import { exitCodes, runCommand } from './run-command.js';

interface ImageOptions {
  readonly layer: ImageLayer;
  readonly requireDigests?: true;
  readonly json?: true;
}

/** `youzan-kube image`: app.yaml to the Dockerfile of one of its image's layers. */
export function imageCommand(): Command {
  return new Command('image')
    .description("app.yaml -> the Dockerfile of a layer of the app's image")
    .argument('<app.yaml>')
    .addOption(new Option('--layer <layer>', 'which layer').choices(imageLayers).default('app'))
    .option('--require-digests', 'refuse a layer whose base has no digest')
    .option('--json', 'print one JSON object')
    .action((file: string, options: ImageOptions) => runCommand(() => Promise.resolve(image(file, options))));
}

function image(file: string, { layer, requireDigests, json }: ImageOptions): number {
  const spec = parseAppYaml(readInput(file), { file });
  const dockerfile = renderDockerfile(spec, layer);
  const { text, warnings } = dockerfile;
  if (requireDigests === true && warnings.length > 0)
    throw findingsError('IMAGE_INVALID', `the ${layer} layer of ${spec.name} is not pinned`, warnings);
  process.stdout.write(json === true ? `${JSON.stringify({ app: spec.name, ...dockerfile })}\n` : text);
  if (json !== true) for (const { path, message } of warnings) console.error(`warning: ${path}: ${message}`);
  return exitCodes.ok;
}
