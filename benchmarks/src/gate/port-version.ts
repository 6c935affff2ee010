/**
 * A port as it is at another commit, or with another version of an npm package: in a temporary folder that is removed
 * afterwards.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, lstat, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TouchstoneError } from '@touchstone/contract';
import { commandOf } from '@touchstone/harness';
import { TemporaryFolder } from '@touchstone/system';
import { resolveCommit, runStep, withWorktree, type CheckoutOptions } from './worktree.js';

/** A port, and the folder in which it runs. */
export interface PlacedPort {
  readonly port: string;
  readonly folder: string;
}

export interface PortVersionOptions extends CheckoutOptions {
  /** A shell command that prepares the folder, instead of linking or installing its npm packages. */
  readonly prepare?: string | undefined;
}

const npm = /^npm:(?<name>(?:@[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*)@(?<version>[\w.+^~-]+)$/i;
const manifest = 'package.json';

/**
 * @param version `npm:NAME@VERSION`; `cmd:` and a command; the file of a module; or a commit of the port's repository;
 *   undefined: the port as it is
 * @throws TouchstoneError `usage` where it is none of these
 */
export async function withPortVersion<T>(
  version: string | undefined,
  port: string,
  work: (placed: PlacedPort) => Promise<T>,
  options: PortVersionOptions,
): Promise<T> {
  const own: PlacedPort = { port: placeOf(port), folder: process.cwd() };
  if (version === undefined) return work(own);
  if (commandOf(version) !== null || /\.[cm]?js$/.test(version)) {
    if (commandOf(version) === null && !existsSync(version))
      throw new TouchstoneError('usage', `--base ${version}: no such file`, 'Give the path of a module, or a commit.');
    return work({ ...own, port: placeOf(version) });
  }
  if (version.startsWith('npm:')) return withPackage(version, own, work, options);
  return withCommit(version, own, work, options);
}

/** A module by its whole path, because it is opened from another folder. */
function placeOf(port: string): string {
  return commandOf(port) === null ? resolve(port) : port;
}

async function withCommit<T>(
  ref: string,
  own: PlacedPort,
  work: (placed: PlacedPort) => Promise<T>,
  options: PortVersionOptions,
): Promise<T> {
  const start = commandOf(own.port) === null ? dirname(own.port) : own.folder;
  const repository = await repositoryOf(start);
  const commit = await resolveCommit(repository, ref);
  const placed = async (root: string): Promise<T> => {
    const there = (path: string): string => join(root, relative(repository, path));
    const port = commandOf(own.port) === null ? there(own.port) : own.port;
    if (commandOf(port) === null && !existsSync(port))
      throw new TouchstoneError(
        'usage',
        `${ref} has no ${relative(repository, own.port)}`,
        'Give a later commit, or the file of another port as --base.',
      );
    await prepare(packageFolder(start) ?? start, there(packageFolder(start) ?? start), options);
    const isInside = !relative(repository, own.folder).startsWith('..');
    return work({ port, folder: isInside && existsSync(there(own.folder)) ? there(own.folder) : root });
  };
  return withWorktree(repository, commit, placed, options);
}

async function repositoryOf(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--show-toplevel'], { cwd: folder });
    return stdout.trim();
  } catch {
    throw new TouchstoneError(
      'usage',
      `${folder} is in no git repository, so --base cannot be a commit`,
      'Give --base npm:NAME@VERSION, or the file of another port.',
    );
  }
}

/** The packages of `from` where its manifest and lock file are the same; else they are installed. */
async function prepare(from: string, to: string, options: PortVersionOptions): Promise<void> {
  const { signal, onProgress } = options;
  if (options.prepare !== undefined) {
    onProgress?.(`preparing it: ${options.prepare}`);
    return runStep('sh', ['-c', options.prepare], to, signal);
  }
  if (!existsSync(join(to, manifest))) return;
  const files = [manifest, 'package-lock.json'];
  const texts = (at: string) => Promise.all(files.map((file) => readFile(join(at, file), 'utf8').catch(() => null)));
  const isSame = JSON.stringify(await texts(from)) === JSON.stringify(await texts(to));
  if (isSame && existsSync(join(from, 'node_modules'))) {
    if (!existsSync(join(to, 'node_modules')))
      await symlink(join(from, 'node_modules'), join(to, 'node_modules'), 'dir');
    return;
  }
  onProgress?.('installing its dependencies');
  await runStep('npm', ['install', '--no-audit', '--no-fund'], to, signal);
}

/**
 * Where the package is the port's own, its file of the same path in that version; else a copy of the port's folder
 * with that version installed.
 */
async function withPackage<T>(
  spec: string,
  own: PlacedPort,
  work: (placed: PlacedPort) => Promise<T>,
  options: PortVersionOptions,
): Promise<T> {
  const { name, version } = npm.exec(spec)?.groups ?? {};
  if (name === undefined || version === undefined)
    throw new TouchstoneError('usage', `--base ${spec} names no version of an npm package`, 'Give npm:NAME@VERSION.');
  const isModule = commandOf(own.port) === null;
  const from = packageFolder(isModule ? dirname(own.port) : own.folder) ?? (isModule ? dirname(own.port) : own.folder);
  const temporary = new TemporaryFolder('touchstone-base-');
  try {
    const isOwn = isModule && (await nameOf(from)) === name;
    const to = join(temporary.path, 'port');
    if (isOwn) await mkdir(to);
    else await cp(from, to, { recursive: true, filter: isCopied });
    options.onProgress?.(`installing ${name}@${version}`);
    await runStep('npm', ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`], to, options.signal);
    const within = relative(from, isModule ? own.port : own.folder);
    const placed = join(isOwn ? join(to, 'node_modules', name) : to, within);
    if (!existsSync(placed))
      throw new TouchstoneError('usage', `${name}@${version} has no ${within}`, 'Give another version, or a commit.');
    if (options.prepare !== undefined) await prepare(from, to, options);
    return await work(isModule ? { port: placed, folder: to } : { port: own.port, folder: placed });
  } finally {
    temporary.remove();
  }
}

const ignored = new Set(['node_modules', '.git']);

/** A socket or FIFO, which a server may have left there, cannot be copied. */
async function isCopied(path: string): Promise<boolean> {
  if (ignored.has(basename(path))) return false;
  const stat = await lstat(path);
  return stat.isFile() || stat.isDirectory() || stat.isSymbolicLink();
}

/** The nearest folder with a package.json. */
function packageFolder(folder: string): string | null {
  if (existsSync(join(folder, manifest))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : packageFolder(parent);
}

async function nameOf(folder: string): Promise<string | null> {
  try {
    return (JSON.parse(await readFile(join(folder, manifest), 'utf8')) as { name?: string }).name ?? null;
  } catch {
    return null;
  }
}
