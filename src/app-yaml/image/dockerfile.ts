import { type Conventions, type Finding, youzanConventions } from '../../conventions/index.js';
import { entrypointTools } from '../../conventions/entrypoint-tools.js';
import { installing } from './install.js';
import { assertInCatalogue, layerBelow, type ImageLayer, type ImageSpec } from './layer.js';

/** How one layer of an app's image is built. */
export interface Dockerfile {
  readonly layer: ImageLayer;
  /** What the image is called; the app's own has the tag that its pipeline gives it. */
  readonly image: string;
  /** The layer below, with its digest where it is known. */
  readonly from: string;
  readonly text: string;
  /** What keeps two builds from being the same; the path is that of the conventions. */
  readonly warnings: readonly Finding[];
}

/**
 * The Dockerfile of one layer of an app's image: `stack` is the operating system with what the entrypoint needs, `runtime`
 * the language on it, `app` the files of the build's context. Everything is in a fixed order, nothing has a date, and the
 * build fails where a program is missing that the layers above, the entrypoint or the app will call.
 *
 * @throws YouzanKubeError `IMAGE_INVALID` when the catalogue has not the stack or the runtime.
 *
 * @example
 * const { text } = renderDockerfile(parseAppYaml(yaml, { file: 'trade-core/app.yaml' }), 'app');
 */
export function renderDockerfile(
  spec: ImageSpec,
  layer: ImageLayer,
  conventions: Conventions = youzanConventions,
): Dockerfile {
  assertInCatalogue(spec, conventions);
  const { from, digestAt } = layerBelow(spec, layer, conventions);
  const base = from.digest === undefined ? from.reference : `${from.reference}@${from.digest}`;
  const body = { stack: stackLines, runtime: runtimeLines, app: appLines }[layer](spec, conventions);
  const labels = Object.entries(labelsOf(spec, layer, conventions)).map(([key, value]) => `LABEL ${key}="${value}"`);
  return {
    layer,
    image: imageOf(spec, layer, conventions),
    from: base,
    text: [`FROM ${base}`, 'ARG SOURCE_DATE_EPOCH=0', ...labels, ...body, ''].join('\n'),
    warnings:
      from.digest === undefined
        ? [{ path: digestAt, message: `is missing: what ${from.reference} is, may be another image tomorrow` }]
        : [],
  };
}

function imageOf(
  { name, stack, runtime }: ImageSpec,
  layer: ImageLayer,
  { images: { registry } }: Conventions,
): string {
  return {
    stack: `${registry}/stack/${stack}`,
    runtime: `${registry}/runtime/${runtime}:${stack}`,
    app: `${registry}/app/${name}`,
  }[layer];
}

function labelsOf(spec: ImageSpec, layer: ImageLayer, conventions: Conventions): Readonly<Record<string, string>> {
  const { labels } = conventions;
  const { from } = layerBelow(spec, layer, conventions);
  const prefix = labels.app.slice(0, labels.app.indexOf('/') + 1);
  const depth = { stack: 0, runtime: 1, app: 2 }[layer];
  return {
    'org.opencontainers.image.title': { stack: spec.stack, runtime: spec.runtime, app: spec.name }[layer],
    'org.opencontainers.image.base.name': from.reference,
    // Labels are inherited: one of the layer below would stay where this layer's is not known.
    'org.opencontainers.image.base.digest': from.digest ?? '',
    [`${prefix}layer`]: layer,
    [`${prefix}stack`]: spec.stack,
    ...(depth >= 1 && { [`${prefix}runtime`]: spec.runtime }),
    ...(depth >= 2 && { [`${prefix}app`]: spec.name, [`${prefix}kind`]: spec.kind }),
  };
}

function stackLines({ stack }: ImageSpec, { images: { stacks, user, appsFolder } }: Conventions): string[] {
  const { packages = [], packageManager = 'apt' } = stacks[stack] ?? {};
  return [
    'USER 0:0',
    ...run([
      ...installing(packages, packageManager),
      // Not by useradd, which writes the day into /etc/shadow.
      `echo '${user.name}:x:${user.id}:' >>/etc/group`,
      `echo '${user.name}:x:${user.id}:${user.id}::${appsFolder}:/sbin/nologin' >>/etc/passwd`,
      `mkdir -p ${appsFolder}`,
    ]),
    checking(['sh', ...entrypointTools]),
    ...asUser(user.id),
  ];
}

function runtimeLines({ stack, runtime }: ImageSpec, { images: { stacks, runtimes, user } }: Conventions): string[] {
  const { packages = {}, programs = [] } = runtimes[runtime] ?? {};
  const install = run(installing(packages[stack] ?? [], stacks[stack]?.packageManager ?? 'apt'));
  return ['USER 0:0', ...install, ...(programs.length === 0 ? [] : [checking(programs)]), ...asUser(user.id)];
}

function appLines({ name, entrypoint, ports, helpers }: ImageSpec, { images }: Conventions): string[] {
  const commands = [entrypoint, ...helpers.map(({ command }) => command)];
  const programs = commands.flatMap((command) => ('shell' in command ? [] : command.slice(0, 1)));
  const numbers = Object.values(ports).sort((left, right) => left - right);
  return [
    'USER 0:0',
    `WORKDIR ${images.appsFolder}/${name}`,
    'COPY . .',
    checking(['sh', ...entrypointTools, ...programs]),
    ...(numbers.length === 0 ? [] : [`EXPOSE ${numbers.join(' ')}`]),
    ...asUser(images.user.id),
    // The entrypoint takes TERM, whatever the layers below are used to.
    'STOPSIGNAL SIGTERM',
    'ENTRYPOINT []',
    `CMD ${JSON.stringify('shell' in entrypoint ? ['/bin/sh', '-c', entrypoint.shell] : entrypoint)}`,
  ];
}

const asUser = (id: number): string[] => [`USER ${id}:${id}`];

/** One layer of the image by one shell. */
const run = (commands: readonly string[]): string[] =>
  commands.length === 0 ? [] : [`RUN set -eu; \\\n    ${commands.join('; \\\n    ')}`];

/** Ends the build where a program is missing, and names all that are. */
function checking(programs: readonly string[]): string {
  const script = 'w=0; for p; do command -v "$p" >/dev/null || { echo "the image has no $p" >&2; w=1; }; done; exit $w';
  return `RUN ${JSON.stringify(['/bin/sh', '-c', script, 'check', ...new Set(programs)])}`;
}
