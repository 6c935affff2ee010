/** One row of weights per output position: input positions `first … first + weights.length − 1`. */
interface Window {
  readonly first: number;
  readonly weights: Int32Array;
}

/**
 * Pillow keeps 8-bit resampling weights as integers with this many binary places. A sum of samples fits into 32 bits:
 * the absolute weights of a position add up to less than 1.5, and 1.5 · 255 · 2²² < 2³¹.
 */
const PRECISION = 22;

/**
 * Antialiased bicubic resizing of 8-bit samples, in Pillow's own integer arithmetic
 * (`src/libImaging/Resample.c`: a = −0.5, support widened by the scale, rows first, rounded to 8 bits between
 * the passes), so that it gives Pillow's bytes.
 * @param data row-major, `channels` bytes a pixel
 */
export function resizeBicubic(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  outWidth: number,
  outHeight: number,
): Uint8Array {
  const rows =
    outWidth === width
      ? data
      : pass(
          data,
          windows(width, outWidth),
          height,
          { stride: channels, line: width * channels },
          { stride: channels, line: outWidth * channels },
          channels,
        );
  if (outHeight === height) return rows;
  const line = outWidth * channels;
  return pass(rows, windows(height, outHeight), line, { stride: line, line: 1 }, { stride: line, line: 1 }, 1);
}

interface Walk {
  /** Distance between neighbouring samples along the resized axis. */
  readonly stride: number;
  /** Distance between neighbouring lines. */
  readonly line: number;
}

/** Resizes `lines` lines along one axis; each position of a line has `group` samples. */
function pass(
  data: Uint8Array,
  axis: readonly Window[],
  lines: number,
  from: Walk,
  to: Walk,
  group: number,
): Uint8Array {
  const out = new Uint8Array(axis.length * lines * group);
  for (let l = 0; l < lines; l++) {
    for (let o = 0; o < axis.length; o++) {
      const { first, weights } = axis[o]!;
      for (let c = 0; c < group; c++) {
        let sum = 1 << (PRECISION - 1);
        let at = l * from.line + first * from.stride + c;
        for (let k = 0; k < weights.length; k++, at += from.stride) sum = (sum + Math.imul(data[at]!, weights[k]!)) | 0;
        out[l * to.line + o * to.stride + c] = Math.min(255, Math.max(0, sum >> PRECISION));
      }
    }
  }
  return out;
}

function windows(size: number, outSize: number): Window[] {
  const scale = size / outSize;
  const wide = Math.max(scale, 1);
  const support = 2 * wide;
  return Array.from({ length: outSize }, (_, o) => {
    const centre = (o + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const last = Math.min(size, Math.trunc(centre + support + 0.5));
    const raw = Array.from({ length: last - first }, (_, k) => cubic((k + first - centre + 0.5) / wide));
    const total = raw.reduce((sum, w) => sum + w, 0);
    const weights = Int32Array.from(raw, (w) => {
      const fixed = (w / total) * 2 ** PRECISION;
      return Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    });
    return { first, weights };
  });
}

/** Keys' cubic with a = −0.5. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** Bilinear resizing with half-pixel centres (PyTorch's `align_corners=False`) of one [height,width] plane. */
export function resizeBilinear(
  plane: ArrayLike<number>,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
): Float64Array {
  const out = new Float64Array(outWidth * outHeight);
  const xs = Array.from({ length: outWidth }, (_, x) => between(x, width, outWidth));
  for (let y = 0; y < outHeight; y++) {
    const v = between(y, height, outHeight);
    for (let x = 0; x < outWidth; x++) {
      const h = xs[x]!;
      const top = plane[v.low * width + h.low]! * (1 - h.part) + plane[v.low * width + h.high]! * h.part;
      const bottom = plane[v.high * width + h.low]! * (1 - h.part) + plane[v.high * width + h.high]! * h.part;
      out[y * outWidth + x] = top * (1 - v.part) + bottom * v.part;
    }
  }
  return out;
}

function between(o: number, size: number, outSize: number) {
  const at = Math.max(0, ((o + 0.5) * size) / outSize - 0.5);
  const low = Math.min(size - 1, Math.floor(at));
  return { low, high: Math.min(size - 1, low + 1), part: at - low };
}
