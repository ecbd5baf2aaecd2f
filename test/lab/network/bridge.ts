import { run } from '../processes/run.js';
import type { Addresses } from './addresses.js';

/** Makes the IDCs' layer 2: a bridge on which the host has an address. */
export async function makeBridge(name: string, { host, prefixLength }: Addresses): Promise<void> {
  await run(['ip', 'link', 'add', name, 'type', 'bridge']);
  await run(['ip', 'address', 'add', `${host}/${prefixLength}`, 'dev', name]);
  await run(['ip', 'link', 'set', name, 'up']);
}
