/**
 * What a TF.js backend declares about itself, as properties of its `KernelBackend` object. The network package asks the
 * current backend for a trait, never for its id.
 */
export interface BackendTraits {
  /** The kernels that turn NaN into a number, see docs/upstream/README.md. Left out: none. */
  readonly losesNaN?: readonly KernelLosingNaN[];
  /** Whether TF.js's Erf kernel has the accuracy of its numbers; elsewhere it is a polynomial. Left out: it has not. */
  readonly hasAccurateErf?: boolean;
  /**
   * The fewest channels, in and out, from which Winograd's F(2×2, 3×3) gives the input gradient of a 3×3 convolution
   * faster than a direct convolution (measured: benchmarks/README.md). Left out: it never does.
   */
  readonly winogradMinChannels?: number;
  /**
   * Whether a product is several times slower unless it is of two matrices alone, neither transposed (measured:
   * benchmarks/README.md). Left out: it is not.
   */
  readonly onlyPlainProductsAreFast?: boolean;
  /**
   * It takes depthwise convolutions with unequal strides, and they are faster than one convolution for each group.
   * Left out: not so.
   */
  readonly groupsInSpace?: boolean;
}

export type KernelLosingNaN = 'convolution' | 'relu' | 'max-pool';
