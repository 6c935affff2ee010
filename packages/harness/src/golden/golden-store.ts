import { closeSync, existsSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  CaseRow,
  Manifest,
  Name,
  parseJson,
  readSafetensors,
  type HostTensor,
  type NetworkDescription,
  type Target,
  messageOf,
} from '@touchstone/contract';
import { below, maxBytes, openBounded, readBounded, readText, refuseNoGolden, sha256 } from '@touchstone/system';
import { networkFiles, readDescription } from '@touchstone/session';
import { damaged, parseGolden, restore, valuesOf, type Golden } from './golden-file.js';
import { isPart, notInstalled } from './golden-part.js';

/** Everything in golden/ for a case. */
export interface StoredCase {
  readonly golden: Golden;
  readonly networkFolder: string;
  readonly description: NetworkDescription;
  readonly x: HostTensor;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** What is explained, where the row leaves it to the network: the top class. */
  readonly target?: Target;
  /** The number of values in a complete answer. */
  readonly values: number;
}

/** The folder golden/. The checksum of each file is compared with the manifest; all errors are `golden-damaged`. */
export class GoldenStore {
  readonly root: string;
  readonly manifest: Manifest;
  /** SHA-256 of manifest.json. */
  readonly manifestHash: string;
  readonly #checkedNetworks = new Set<string>();
  readonly #descriptions = new Map<string, NetworkDescription>();
  #cases: readonly CaseRow[] | undefined;
  /** The files that an installed part holds; null: it is the whole. */
  readonly #held: ReadonlySet<string> | null;

  constructor(root: string) {
    this.root = root;
    refuseNoGolden(root);
    const manifest = readText(join(root, 'manifest.json'), 'golden-damaged', restore);
    this.manifest = parseJson(manifest, Manifest, 'golden/manifest.json', 'golden-damaged');
    this.manifestHash = sha256(manifest);
    this.#held = isPart(root) ? this.#filesOfPart() : null;
  }

  #filesOfPart(): ReadonlySet<string> {
    const all = Object.keys(this.manifest.files);
    const quick = this.#parseCases().filter(({ profile }) => profile === 'quick');
    const others = all.filter((path) => !/^(?:networks|inputs|fixtures|data)\//.test(path));
    return new Set([...others, ...quick.flatMap((row) => filesOf(row, this.manifest))]);
  }

  /** Whether the folder should have a file of the manifest: an installed part lacks others. */
  holds(path: string): boolean {
    return this.#held?.has(path) ?? true;
  }

  /** Whether everything that a case needs should be there. */
  holdsCase(row: CaseRow): boolean {
    return this.#held === null || filesOf(row, this.manifest).every((path) => this.holds(path));
  }

  /** Whether the manifest has a network that an installed part lacks. */
  lacksNetwork(name: string): boolean {
    const [description] = networkPaths(name, this.manifest) as [string];
    return Object.hasOwn(this.manifest.files, description) && !this.holds(description);
  }

  /** Read on first use. Every file that a case needs exists. */
  get cases(): readonly CaseRow[] {
    return (this.#cases ??= this.#readCases());
  }

  #readCases(): CaseRow[] {
    const cases = this.#parseCases();
    for (const row of cases.filter((each) => this.holdsCase(each))) {
      for (const path of filesOf(row, this.manifest)) {
        if (!existsSync(join(this.root, path))) throw damaged(`case ${row.id} needs ${path}, which does not exist`);
      }
    }
    return cases;
  }

  #parseCases(): CaseRow[] {
    return parseCases(readText(join(this.root, 'cases.jsonl'), 'golden-damaged', restore));
  }

  networkFolder(name: string): string {
    return join(this.root, 'networks', Name.parse(name));
  }

  /**
   * Compares the checksum of cases.jsonl.
   * @throws TouchstoneError `missing-package` where one of `chosen` is not installed
   */
  checkCases(chosen: readonly CaseRow[]): void {
    this.read('cases.jsonl', maxBytes.json);
    const lacking = chosen.filter((row) => !this.holdsCase(row));
    if (lacking.length === 0) return;
    const which = lacking.length === 1 ? `the case ${lacking[0]!.id} is` : `${lacking.length} of the cases are`;
    throw notInstalled(which);
  }

  /** Compares the checksums of a network's files, once. */
  checkNetwork(name: string): void {
    if (this.#checkedNetworks.has(name)) return;
    for (const path of networkPaths(name, this.manifest)) this.read(path, maxBytes.weights);
    this.#checkedNetworks.add(name);
  }

  /** Of a network without its weights, whose checksum is compared. */
  readNetwork(name: string): NetworkDescription {
    this.checkNetwork(name);
    const known = this.#descriptions.get(name) ?? readDescription(this.networkFolder(name));
    this.#descriptions.set(name, known);
    return known;
  }

  /** [N,C,H,W] */
  readInput(name: string): HostTensor {
    const { x } = this.#tensors(`inputs/${name}.safetensors`).tensors;
    if (x === undefined) throw damaged(`inputs/${name}.safetensors has no tensor "x"`);
    return x;
  }

  /** Stored randomness by name, such as `noise`. */
  readFixtures(name: string | undefined): Record<string, HostTensor> {
    return name === undefined ? {} : this.#tensors(`fixtures/${name}.safetensors`).tensors;
  }

  /**
   * Multiply-adds of one run of a case, for time estimates. Read from the golden's header, without a checksum. 0: not
   * counted, or not readable, which the run of the case reports.
   */
  multiplyAddsOf(id: string): number {
    let file: number | undefined;
    try {
      const path = below(this.root, `data/${id}.safetensors`, 'golden-damaged');
      file = openBounded(path, maxBytes.tensors, 'golden-damaged').fd;
      const length = Buffer.alloc(8);
      readSync(file, length, 0, 8, 0);
      const header = Buffer.alloc(Math.min(Number(length.readBigUInt64LE()), maxBytes.json));
      readSync(file, header, 0, header.length, 8);
      return Number(/\\"multiplyAdds\\":\s*(\d+)/.exec(header.toString('utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** The case; also checks its network. */
  readCase(row: CaseRow): StoredCase {
    const golden = this.readGolden(row.id);
    return {
      golden,
      description: this.readNetwork(row.network),
      networkFolder: this.networkFolder(row.network),
      x: this.readInput(row.input),
      fixtures: this.readFixtures(row.fixture),
      values: valuesOf(golden),
    };
  }

  readGolden(id: string): Golden {
    const path = `data/${id}.safetensors`;
    const { tensors, metadata } = this.#tensors(path);
    return parseGolden(id, path, tensors, metadata);
  }

  #tensors(path: string): ReturnType<typeof readSafetensors> {
    const bytes = this.read(path, maxBytes.tensors);
    try {
      return readSafetensors(bytes, path);
    } catch (error) {
      throw damaged(messageOf(error));
    }
  }

  /** A file whose checksum is that of the manifest. */
  read(path: string, limit: number): Uint8Array {
    if (Object.hasOwn(this.manifest.files, path) && !this.holds(path)) throw notInstalled(`${path} is`);
    const bytes = readBounded(below(this.root, path, 'golden-damaged'), limit, 'golden-damaged', restore);
    const listed = this.manifest.files[path];
    if (listed === undefined) throw damaged(`golden/${path} is not in the manifest`);
    if (listed.bytes !== bytes.length)
      throw damaged(`golden/${path} has ${bytes.length} bytes, the manifest says ${listed.bytes}`);
    if (listed.sha256 !== sha256(bytes)) throw damaged(`golden/${path}: checksum mismatch with the manifest`);
    return bytes;
  }
}

export function openGolden(root: string): GoldenStore {
  const store = new GoldenStore(root);
  void store.cases; // damage is reported here, not in the middle of a run
  return store;
}

/** PyTorch's answers to the probes of gradient rules, as the manifest lists them; the cases are not read. */
export function readProbesText(root: string): string {
  return new TextDecoder().decode(new GoldenStore(root).read('probes.json', maxBytes.json));
}

/** For callers that only need its networks: the cases are not read. */
export function openGoldenNetworks(root: string): Pick<GoldenStore, 'checkNetwork' | 'networkFolder' | 'lacksNetwork'> {
  return new GoldenStore(root);
}

/** Paths below golden/ that a case uses. */
export function filesOf(row: CaseRow, manifest: Manifest): string[] {
  return [
    ...networkPaths(row.network, manifest),
    `inputs/${row.input}.safetensors`,
    ...(row.fixture === undefined ? [] : [`fixtures/${row.fixture}.safetensors`]),
    `data/${row.id}.safetensors`,
  ];
}

/** Seeded weights have no file, and the manifest lists none. */
function networkPaths(name: string, { files }: Manifest): string[] {
  const [description, weights] = networkFiles.map((file) => `networks/${name}/${file}`) as [string, string];
  return Object.hasOwn(files, weights) ? [description, weights] : [description];
}

/** Empty lines are skipped; any other is a case, or an error that names the line and the field. */
export function parseCases(text: string): CaseRow[] {
  const rows: CaseRow[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `golden/cases.jsonl, line ${index + 1}`;
    const row = parseJson(line, CaseRow, where, 'golden-damaged');
    const earlier = lineOf.get(row.id);
    if (earlier !== undefined) throw damaged(`${where}: "id": ${row.id} is already in line ${earlier}`);
    if (!row.id.startsWith(`${row.method}/`))
      throw damaged(`${where}: "id": does not begin with its method "${row.method}/"`);
    lineOf.set(row.id, index + 1);
    rows.push(row);
  }
  if (rows.length === 0) throw damaged('golden/cases.jsonl has no cases');
  return rows;
}
