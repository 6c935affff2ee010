import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError, unknownName } from '@touchstone/contract';
import { openGolden, readNetworkFolder, type NetworkFolder } from '@touchstone/harness';
import { networkNames } from './list.js';

/** A network by its name in golden/networks, else by its folder. What is read from golden/ has its hash compared. */
export function openNetwork(nameOrFolder: string, golden: string): NetworkFolder {
  if (existsSync(join(nameOrFolder, 'network.json'))) return readNetworkFolder(nameOrFolder);
  const isFolder = statSync(nameOrFolder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isFolder || /^[./\\]/.test(nameOrFolder)) {
    throw new TouchstoneError('bad-network', `${nameOrFolder} holds no network.json`, 'Give a name of golden/networks, or a folder that touchstone_golden.export_network has written.');
  }
  const store = openGolden(golden);
  const names = networkNames(store);
  if (!names.includes(nameOrFolder)) throw unknownName('network', nameOrFolder, names);
  store.checkNetwork(nameOrFolder);
  return readNetworkFolder(store.networkFolder(nameOrFolder));
}
