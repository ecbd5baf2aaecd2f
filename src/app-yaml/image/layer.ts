import {
  findingsError,
  nearestOf,
  type Conventions,
  type Finding,
  type ImageReference,
} from '../../conventions/index.js';
import type { AppSpec } from '../app-spec.js';

/** The layers of an app's image, each built on the one before. */
export const imageLayers = ['stack', 'runtime', 'app'] as const;
export type ImageLayer = (typeof imageLayers)[number];

/** What of an app its image depends on. */
export type ImageSpec = Pick<AppSpec, 'name' | 'kind' | 'stack' | 'runtime' | 'entrypoint' | 'ports' | 'helpers'>;

/** The layer below one of an app's layers, and where its digest is said. */
interface Below {
  readonly from: ImageReference;
  readonly digestAt: string;
}

/** The image that a layer is built on. */
export function layerBelow({ stack, runtime }: ImageSpec, layer: ImageLayer, { images }: Conventions): Below {
  const { registry, stacks, runtimes } = images;
  switch (layer) {
    case 'stack':
      return { from: stacks[stack]?.base ?? { reference: '' }, digestAt: `images.stacks.${stack}.base.digest` };
    case 'runtime': {
      const digest = stacks[stack]?.digest;
      const reference = `${registry}/stack/${stack}`;
      return { from: { reference, ...(digest && { digest }) }, digestAt: `images.stacks.${stack}.digest` };
    }
    case 'app': {
      const digest = runtimes[runtime]?.digests?.[stack];
      const reference = `${registry}/runtime/${runtime}:${stack}`;
      return {
        from: { reference, ...(digest && { digest }) },
        digestAt: `images.runtimes.${runtime}.digests.${stack}`,
      };
    }
  }
}

/**
 * Refuses an app whose stack or runtime is in no catalogue.
 *
 * @throws YouzanKubeError `IMAGE_INVALID` with every finding.
 */
export function assertInCatalogue({ name, stack, runtime }: ImageSpec, { images }: Conventions): void {
  const { stacks, runtimes } = images;
  const unknown = (path: string, value: string, known: readonly string[]): Finding => {
    const near = nearestOf(value, known);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return { path, message: `"${value}" is not in the catalogue, which has ${known.join(', ')}${hint}` };
  };
  const packages = Object.hasOwn(runtimes, runtime) ? runtimes[runtime]?.packages : undefined;
  const findings: Finding[] = [];
  if (!Object.hasOwn(stacks, stack)) findings.push(unknown('stack', stack, Object.keys(stacks)));
  if (packages === undefined) findings.push(unknown('runtime', runtime, Object.keys(runtimes)));
  else if (Object.hasOwn(stacks, stack) && !Object.hasOwn(packages, stack)) {
    const known = Object.keys(packages).join(', ');
    findings.push({
      path: 'runtime',
      message: `"${runtime}" has no packages for stack "${stack}"; it has for ${known}`,
    });
  }
  if (findings.length === 0) return;
  throw findingsError(
    'IMAGE_INVALID',
    `the image of ${name} can't be built`,
    findings,
    'add it to the conventions: defineConventions({ images: { stacks, runtimes } })',
  );
}
