import { axisWindows, type Axis, type Resampling, type Window } from './resample.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, in pixels. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * A region of an image of 8-bit samples resized to `size`: only what the region needs is computed, so neither time nor
 * memory grow with `size`. Columns first, then rows. Antialiased and nearest: Pillow's bytes (`src/libImaging`:
 * Resample.c, rounded to 8 bits between the passes; Geometry.c). Not antialiased: PyTorch's `interpolate` of floats,
 * rounded at the end.
 * @param data row-major, `channels` bytes a pixel
 */
export function resizeRegion(
  data: Uint8Array,
  from: Size,
  channels: number,
  { size, region, resampling }: { size: Size; region: Region; resampling: Resampling },
): Uint8Array {
  const axis = (side: 'width' | 'height', start: number): Axis =>
    axisWindows({ size: from[side], outSize: size[side], start, count: region[side] }, resampling);
  const columns = axis('width', region.left);
  const rows = axis('height', region.top);
  const first = Math.min(...rows.windows.map((window) => window.first));
  const last = Math.max(...rows.windows.map((window) => window.first + window.weights.length));

  const line = region.width * channels;
  const count = (last - first) * line;
  const between = columns.isRounded ? new Uint8Array(count) : new Float64Array(count);
  const source = data.subarray(first * from.width * channels, last * from.width * channels);
  const along = { stride: channels, group: channels, lines: last - first, from: from.width * channels, to: line };
  pass(source, between, columns.windows, along, columns.finish);

  const out = new Uint8Array(region.height * line);
  const shifted = rows.windows.map((window) => ({ ...window, first: window.first - first }));
  pass(between, out, shifted, { stride: line, group: 1, lines: line, from: 1, to: 1 }, rows.finishLast);
  return out;
}

/** How to walk through the samples, in samples. */
interface Walk {
  /** Distance between neighbouring positions of a line. */
  readonly stride: number;
  /** Samples of a position. */
  readonly group: number;
  readonly lines: number;
  /** Distance between neighbouring lines of the source; of the result. */
  readonly from: number;
  readonly to: number;
}

/** Resizes every line along one axis. */
function pass(
  data: Uint8Array | Float64Array,
  out: Uint8Array | Float64Array,
  windows: readonly Window[],
  { stride, group, lines, from, to }: Walk,
  finish: (sum: number) => number,
): void {
  for (let l = 0; l < lines; l++) {
    for (let o = 0; o < windows.length; o++) {
      const { first, weights } = windows[o]!;
      for (let c = 0; c < group; c++) {
        let sum = 0;
        let at = l * from + first * stride + c;
        for (let k = 0; k < weights.length; k++, at += stride) sum += data[at]! * weights[k]!;
        out[l * to + o * stride + c] = finish(sum);
      }
    }
  }
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
