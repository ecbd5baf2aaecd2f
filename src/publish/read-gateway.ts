import { isYouzanKubeError } from '../conventions/index.js';
import type { Gateway, GatewayCallOptions } from '../gateways/index.js';
import type { GatewayContent, GatewayView } from './observation.js';

/**
 * What one instance has of a source, and whether every serving worker has it. An instance that cannot be asked, or whose
 * store was replaced meanwhile, is a view with an error: one instance never hides another.
 */
export async function readGateway(
  gateway: Gateway,
  source: string,
  upstreams: readonly string[],
  options: GatewayCallOptions,
): Promise<GatewayView> {
  const { name } = gateway;
  const blind = (error: string): GatewayView => ({ name, error, servingWorkers: 0, contents: [] });
  try {
    const before = await gateway.status(undefined, options);
    const contents = await Promise.all(upstreams.map((upstream) => gateway.readSource(upstream, source, options)));
    const status = await gateway.status(undefined, options);
    if (before.storeId !== status.storeId) return blind('its store was replaced while it was read');
    const workers = status.workers.filter(({ state }) => state === 'serving');
    return {
      name,
      servingWorkers: workers.length,
      contents: contents.flatMap((content): GatewayContent[] => {
        if (content === undefined) return [];
        const { upstream, servers, revision } = content;
        const late = workers.filter(({ appliedRevision }) => appliedRevision < revision);
        return [{ upstream, servers, lagging: late.map(({ worker }) => worker) }];
      }),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isYouzanKubeError(error)) throw error;
    return blind(error.message);
  }
}
