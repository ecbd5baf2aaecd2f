import { expect, it } from 'vitest';
import { syncLogger } from '../../src/cli/sync-logger.js';
import { YouzanKubeError } from '../../src/conventions/index.js';

function said(cluster: string): { readonly log: ReturnType<typeof syncLogger>; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: syncLogger(cluster, (text) => lines.push(text)), lines };
}
const unreachable = (port: number): YouzanKubeError =>
  new YouzanKubeError('KUBE_UNREACHABLE', `cluster bc-a: no answer from port ${port}`, { hint: 'check the network' });

it('says cluster, what happened, the error and what to do', () => {
  const { log, lines } = said('bc-a');
  log.warn({ cluster: 'bc-a', error: unreachable(9) }, 'the Lease could not be renewed');
  expect(lines).toEqual([
    'bc-a: the Lease could not be renewed\nerror: cluster bc-a: no answer from port 9\n  hint: check the network\n',
  ]);
});

it('does not name a cluster twice that the message begins with', () => {
  const { log, lines } = said('bc-a');
  log.warn({}, 'bc-a is live');
  expect(lines).toEqual(['bc-a is live\n']);
});

it('says the same again only after something else', () => {
  const { log, lines } = said('bc-a');
  const renewal = 'the Lease could not be renewed';
  log.warn({ error: unreachable(9) }, renewal);
  log.warn({ error: unreachable(9) }, renewal);
  log.warn({ error: unreachable(8) }, renewal);
  log.info({}, 'leading');
  log.warn({ error: unreachable(8) }, renewal);
  expect(lines.map((line) => /leading|port \d/.exec(line)?.[0])).toEqual(['port 9', 'port 8', 'leading', 'port 8']);
});

it('says two troubles that take turns once each', () => {
  const { log, lines } = said('bc-a');
  for (let time = 0; time < 3; time += 1) {
    log.warn({ error: unreachable(9) }, 'the Lease could not be renewed');
    log.warn({ error: unreachable(9) }, "the EndpointSlices can't be seen");
  }
  expect(lines).toHaveLength(2);
});
