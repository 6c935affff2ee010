/** A tree's pieces → `network.json` and weights. */
import type { HostTensor, NetworkDescription } from '@touchstone/contract';
import { oddSixtyFourths, sixteenths, variances } from './numbers.js';
import { Scope, type Shape, type Value } from './scope.js';
import type { Piece, Tree } from './tree.js';

const maxChannels = 4;
const maxFeatures = 36;

export interface BuiltTree {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

export function buildTree(tree: Tree): BuiltTree {
  const builder = new Builder(tree);
  builder.build();
  const { modules, weights } = builder;
  return {
    description: {
      format: 'touchstone-network',
      version: 1,
      name: 'random',
      why: 'a random module tree',
      input: { shape: [...tree.input] },
      modules,
    },
    weights,
  };
}

/** A module that can be called again. */
interface Made {
  readonly path: string;
  readonly takes: Shape;
  readonly gives: Shape;
  /** It returns its input itself. */
  readonly same: boolean;
  /** It changes its input in place. */
  readonly changes: boolean;
}

type Maps = [channels: number, h: number, w: number];

type Of<K extends Piece['kind']> = Extract<Piece, { kind: K }>;

class Builder {
  readonly modules: NetworkDescription['modules'] = {};
  readonly weights: Record<string, HostTensor> = {};
  readonly #tree: Tree;
  readonly #input = Symbol('x');
  readonly #made: Made[] = [];
  readonly #changed = new Set<symbol>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  build(): void {
    const root = this.#scope('', 'RandomNetwork', [{ name: 'x', shape: this.#tree.input, object: this.#input }]);
    for (const piece of this.#tree.pieces) this.#piece(root, piece);
    this.#head(root);
  }

  /** Its row comes before those of its children, as PyTorch orders modules. */
  #scope(path: string, type: string, inputs: readonly Value[]): Scope {
    const scope = new Scope(path, type, inputs);
    this.modules[path] = scope.row;
    return scope;
  }

  #piece(scope: Scope, piece: Piece): Value | undefined {
    const value = scope.latest(piece.from);
    switch (piece.kind) {
      case 'idle':
        return this.#idle(scope, value, piece);
      case 'relu':
        return this.#relu(scope, value, piece);
      case 'conv':
        return this.#conv(scope, value, piece);
      case 'norm':
        return this.#norm(scope, value);
      case 'pool':
        return this.#pool(scope, value, piece);
      case 'adaptive':
        return this.#adaptive(scope, value, piece);
      case 'pad':
        return this.#pad(scope, value, piece);
      case 'add':
        return this.#merge(
          scope,
          value,
          scope.fitting(piece.other, ({ shape }) => same(shape, value.shape))!,
        );
      case 'cat':
        return this.#merge(
          scope,
          value,
          scope.fitting(piece.other, ({ shape }) => same(shape.slice(1), value.shape.slice(1)))!,
          true,
        );
      case 'block':
        return this.#container(scope, 'Block', [value], piece.pieces);
      case 'join':
        return this.#container(scope, 'Join', [value, scope.fitting(piece.other, () => true)!], piece.pieces);
      case 'again':
        return this.#again(scope, value, piece);
      case 'spare':
        this.#module(scope.child(scope.name('spare')), 'Conv2d', convolution(1, 1, 1, 0, true));
        return;
    }
  }

  /** Whether the tree allows an operation in place on this value; the network's own input needs `anywhere`. */
  #mayChange({ object }: Value): boolean {
    return this.#tree.inplace === 'anywhere' || (this.#tree.inplace === 'inside' && object !== this.#input);
  }

  #idle(scope: Scope, value: Value, { type, inplace }: Of<'idle'>): Value {
    const attributes = type === 'Dropout' ? { p: 0.5, inplace } : {};
    return this.#leaf(scope, type, attributes, value, value.shape, value.object);
  }

  #norm(scope: Scope, value: Value): Value {
    const attributes = { numFeatures: value.shape[0], eps: 0.25, affine: true };
    return this.#leaf(scope, 'BatchNorm2d', attributes, value, value.shape);
  }

  /** Maps of at most 5×5. */
  #pad(scope: Scope, value: Value, { padding }: Of<'pad'>): Value | undefined {
    const [c, h, w] = value.shape as Maps;
    const [left, right, top, bottom] = padding;
    if (h > 5 || w > 5) return;
    return this.#leaf(scope, 'ZeroPad2d', { padding: [...padding] }, value, [c, h + top + bottom, w + left + right]);
  }

  #relu(scope: Scope, value: Value, { six, functional, inplace: wanted }: Omit<Of<'relu'>, 'from'>): Value {
    const inplace = wanted && this.#mayChange(value);
    const object = inplace ? value.object : Symbol('relu');
    if (inplace) this.#changed.add(value.object);
    if (functional) return scope.op(six ? 'relu6' : 'relu', [value], { inplace }, value.shape, object);
    return this.#leaf(scope, six ? 'ReLU6' : 'ReLU', { inplace }, value, value.shape, object, inplace);
  }

  #conv(scope: Scope, value: Value, { out, kernel: wanted, bias }: Of<'conv'>): Value | undefined {
    const [c, h, w] = value.shape as Maps;
    const kernel = Math.min(wanted, h, w);
    const padding = kernel === 3 ? 1 : 0;
    const size = (n: number) => n + 2 * padding - kernel + 1;
    return this.#leaf(scope, 'Conv2d', convolution(c, out, kernel, padding, bias), value, [out, size(h), size(w)]);
  }

  /** Windows of 2×2 at every position. */
  #pool(scope: Scope, value: Value, { type, functional }: Of<'pool'>): Value | undefined {
    const [c, h, w] = value.shape as Maps;
    if (h < 2 || w < 2) return;
    const attributes = pooling(type, 1);
    if (functional)
      return scope.op(type === 'MaxPool2d' ? 'max_pool2d' : 'avg_pool2d', [value], attributes, [c, h - 1, w - 1]);
    return this.#leaf(scope, type, attributes, value, [c, h - 1, w - 1]);
  }

  /** Only averages of 1, 2 or 4 rows and columns are exact. */
  #adaptive(scope: Scope, value: Value, { size, functional }: Of<'adaptive'>): Value | undefined {
    const [c, h, w] = value.shape as Maps;
    const fitted = (n: number) => ([1, 2, 4].includes(n / size) ? size : null);
    const outputSize = [fitted(h), fitted(w)] as const;
    const shape = [c, outputSize[0] ?? h, outputSize[1] ?? w];
    if (functional) return scope.op('adaptive_avg_pool2d', [value], { outputSize: [...outputSize] }, shape);
    return this.#leaf(scope, 'AdaptiveAvgPool2d', { outputSize: [...outputSize] }, value, shape);
  }

  /** Adds where the shapes are the same, else concatenates up to `maxChannels`. */
  #merge(scope: Scope, value: Value, other: Value, append = false): Value | undefined {
    const channels = value.shape[0]! + other.shape[0]!;
    if (!append && same(value.shape, other.shape)) return scope.op('add', [value, other], {}, value.shape);
    const fits = same(value.shape.slice(1), other.shape.slice(1)) && channels <= maxChannels;
    return fits ? scope.op('cat', [value, other], { dim: 1 }, [channels, ...value.shape.slice(1)]) : undefined;
  }

  #container(
    scope: Scope,
    type: 'Block' | 'Join',
    args: readonly Value[],
    pieces: readonly Piece[],
  ): Value | undefined {
    const name = scope.name(type.toLowerCase());
    const inputs = args.map(({ shape, object }, i) => ({ name: 'xy'[i]!, shape, object }));
    const inner = this.#scope(scope.child(name), type, inputs);
    for (const piece of pieces) this.#piece(inner, piece);
    if (inputs[1]) this.#merge(inner, inner.latest(), inputs[1]);
    const { shape, object } = inner.latest();
    const [taken] = args as [Value];
    if (args.length === 1) {
      this.#made.push({
        path: inner.path,
        takes: taken.shape,
        gives: shape,
        same: object === taken.object,
        changes: this.#changed.has(taken.object),
      });
    }
    return scope.call(name, inner.path, args, shape, object);
  }

  #again(scope: Scope, value: Value, { of, alias }: Of<'again'>): Value | undefined {
    const found = this.#made.filter(
      ({ takes, changes }) => same(takes, value.shape) && (!changes || this.#mayChange(value)),
    );
    const made = found[found.length - 1 - (of % found.length)];
    if (!made) return;
    const name = scope.name('again');
    // PyTorch calls a module by a name below its caller.
    const below = made.path.startsWith(scope.child(''));
    if (alias || !below) this.modules[scope.child(name)] = { alias: made.path };
    if (made.changes) this.#changed.add(value.object);
    return scope.call(name, made.path, [value], made.gives, made.same ? value.object : Symbol(name));
  }

  #head(root: Scope): void {
    const { classes, nested, rectified, twice, hidden } = this.#tree.head;
    const input = root.latest();
    const scope = nested ? this.#scope('head', 'Head', [{ ...input, name: 'x' }]) : root;
    while (size(scope.latest().shape) > maxFeatures) {
      const value = scope.latest();
      const [c, h, w] = value.shape as Maps;
      this.#leaf(scope, 'AvgPool2d', pooling('AvgPool2d', 2), value, [c, Math.floor(h / 2), Math.floor(w / 2)]);
    }
    const rectify = (value: Value) =>
      this.#relu(scope, value, { kind: 'relu', six: false, functional: false, inplace: true });
    const maps = scope.latest();
    let features = this.#flatten(scope, maps);
    if (rectified.maps) rectify(maps);
    if (rectified.view) features = rectify(features);
    const again = twice ? this.#flatten(scope, maps) : null;
    if (hidden) features = rectify(this.#linear(scope, features, 2));
    const output = this.#linear(scope, features, classes);
    if (again) this.#merge(scope, this.#linear(scope, again, classes), output);
    if (nested) root.call('head', 'head', [input], [classes], Symbol('head'));
  }

  #flatten(scope: Scope, value: Value): Value {
    const attributes = { startDim: 1, endDim: -1 };
    if (this.#tree.head.functional) return scope.op('flatten', [value], attributes, [size(value.shape)], value.object);
    return this.#leaf(scope, 'Flatten', attributes, value, [size(value.shape)], value.object);
  }

  #linear(scope: Scope, value: Value, outFeatures: number): Value {
    return this.#leaf(scope, 'Linear', { inFeatures: value.shape[0], outFeatures, bias: true }, value, [outFeatures]);
  }

  #leaf(
    scope: Scope,
    type: string,
    attributes: Record<string, unknown>,
    value: Value,
    shape: Shape,
    object = Symbol(type),
    changes = false,
  ): Value {
    const name = scope.name(type.toLowerCase().replace('2d', ''));
    const path = scope.child(name);
    this.#module(path, type, attributes);
    this.#made.push({ path, takes: value.shape, gives: shape, same: object === value.object, changes });
    return scope.call(name, path, [value], shape, object);
  }

  #module(path: string, type: string, attributes: Record<string, unknown>): void {
    this.modules[path] = { type, attributes };
    const { seed } = this.#tree;
    const give = (name: string, draw: typeof sixteenths, ...shape: number[]) =>
      (this.weights[`${path}.${name}`] = draw(seed, `${path}.${name}`, shape));
    const { outChannels, inChannels, kernelSize, outFeatures, inFeatures, numFeatures, bias } = attributes as Record<
      string,
      number
    > & { kernelSize: number[] };
    if (type === 'Conv2d') give('weight', sixteenths, outChannels!, inChannels!, ...kernelSize);
    if (type === 'Linear') give('weight', sixteenths, outFeatures!, inFeatures!);
    if (bias) give('bias', oddSixtyFourths, outChannels ?? outFeatures!);
    if (type !== 'BatchNorm2d') return;
    for (const name of ['weight', 'bias', 'running_mean'])
      give(name, name === 'weight' ? sixteenths : oddSixtyFourths, numFeatures!);
    give('running_var', variances, numFeatures!);
  }
}

function convolution(
  inChannels: number,
  outChannels: number,
  kernel: number,
  padding: number,
  bias: boolean,
): Record<string, unknown> {
  return {
    inChannels,
    outChannels,
    kernelSize: [kernel, kernel],
    stride: [1, 1],
    padding: [padding, padding],
    dilation: [1, 1],
    groups: 1,
    bias,
  };
}

function pooling(type: 'MaxPool2d' | 'AvgPool2d', stride: number): Record<string, unknown> {
  const plain = { kernelSize: [2, 2], stride: [stride, stride], padding: [0, 0], ceilMode: false };
  return type === 'MaxPool2d'
    ? { ...plain, dilation: [1, 1] }
    : { ...plain, countIncludePad: true, divisorOverride: null };
}

function same(a: Shape, b: Shape): boolean {
  return a.join() === b.join();
}

function size(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}
