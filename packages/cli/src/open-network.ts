import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError, unknownName } from '@touchstone/contract';
import { notInstalled, openGolden, openGoldenNetworks } from '@touchstone/harness';
import { readNetworkFolder, type NetworkFolder } from '@touchstone/session';
import { networkNames } from './list.js';

/**
 * A network by its name in golden/networks, with its checksums compared, or by its folder. A value with a slash or a
 * leading dot is a folder.
 */
export function openNetwork(nameOrFolder: string, golden: string): NetworkFolder {
  const isPath = /[/\\]|^\./.test(nameOrFolder);
  const isNamed = !isPath && existsSync(join(golden, 'networks', nameOrFolder, 'network.json'));
  if (!isNamed && existsSync(join(nameOrFolder, 'network.json'))) return readNetworkFolder(nameOrFolder);
  if (isPath) {
    throw new TouchstoneError(
      'bad-network',
      `--network ${nameOrFolder}: the folder has no network.json`,
      'Give a network in golden/networks, or a folder written by touchstone.export_network.',
    );
  }
  const store = openGoldenNetworks(golden);
  if (store.lacksNetwork(nameOrFolder)) throw notInstalled(`the network ${nameOrFolder} is`);
  if (!isNamed) throw unknownName('network', nameOrFolder, networkNames(openGolden(golden)));
  store.checkNetwork(nameOrFolder);
  return readNetworkFolder(store.networkFolder(nameOrFolder));
}
