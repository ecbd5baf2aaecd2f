// What a node's containerd needs to give pods their networks: configs on the node's disk, and a folder of plugins.
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { multusNetwork, podNetwork, secondNetwork, secondNetworkName } from './config/networks.js';
import type { NodeSpec } from './node-spec.js';
import { paths } from './paths.js';

/** The machine's plugins, and Multus beside them. */
function pluginsWithMultus(folder: string, program: string): string {
  const plugins = join(folder, 'cni-plugins');
  mkdirSync(plugins);
  for (const name of readdirSync(paths.networkPlugins))
    symlinkSync(join(paths.networkPlugins, name), join(plugins, name));
  symlinkSync(program, join(plugins, 'multus'));
  return plugins;
}

/** Writes the configs and gives the folder of the plugins. */
export function writeNetworkFiles({ place, folder, serviceRange, multus }: NodeSpec): string {
  const write = (configs: string, name: string, text: string): void => {
    const onDisk = configs.replace('/var/lib', join(folder, 'lib'));
    mkdirSync(onDisk, { recursive: true });
    writeFileSync(join(onDisk, name), text);
  };
  if (multus === undefined) {
    write(paths.networkConfigs, '10-idc.conflist', podNetwork(place, serviceRange));
    return paths.networkPlugins;
  }
  const plugins = pluginsWithMultus(folder, multus.program);
  write(paths.networkConfigs, '00-multus.conf', multusNetwork(place, multus, plugins));
  write(paths.furtherNetworkConfigs, `${secondNetworkName}.conf`, secondNetwork(place));
  return plugins;
}
