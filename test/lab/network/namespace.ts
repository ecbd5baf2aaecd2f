import { run } from '../processes/run.js';

export interface NamespaceSpec {
  readonly name: string;
  readonly bridge: string;
  /** The host's end of the pair; the other end is `eth0` in the namespace. */
  readonly link: string;
  /** `10.77.1.1/16` */
  readonly address: string;
}

export const namespacePath = (name: string): string => `/run/netns/${name}`;

/** Makes a network namespace with one interface, `eth0` on the bridge. It has no default route: nothing leaves. */
export async function makeNamespace({ name, bridge, link, address }: NamespaceSpec): Promise<void> {
  await run(['ip', 'netns', 'add', name]);
  await run(['ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  await run(['ip', 'link', 'set', link, 'master', bridge, 'up']);
  await run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  await run(['ip', '-n', name, 'address', 'add', address, 'dev', 'eth0']);
  await run(['ip', '-n', name, 'link', 'set', 'eth0', 'up']);
}
