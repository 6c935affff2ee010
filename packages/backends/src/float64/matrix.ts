/** A view of a matrix: element (r, c) is at `start + r·rowStep + c·columnStep`. */
export interface Matrix {
  readonly data: Float64Array;
  readonly start: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** A row-major matrix. */
export function matrix(data: Float64Array, rows: number, columns: number, start = 0): Matrix {
  return { data, start, rows, columns, rowStep: columns, columnStep: 1 };
}

export function transposed({ data, start, rows, columns, rowStep, columnStep }: Matrix): Matrix {
  return { data, start, rows: columns, columns: rows, rowStep: columnStep, columnStep: rowStep };
}

/** The right factor of a product: panels of `tileWidth` columns, each row-major, the last one filled up with zeros. */
export interface Packed {
  readonly panels: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

const tileHeight = 2;
const tileWidth = 4;

export function pack({ data, start, rows, columns, rowStep, columnStep }: Matrix): Packed {
  const panels = new Float64Array(Math.ceil(columns / tileWidth) * rows * tileWidth);
  for (let column = 0; column < columns; column++) {
    let to = (column - (column % tileWidth)) * rows + (column % tileWidth);
    let from = start + column * columnStep;
    for (let row = 0; row < rows; row++, to += tileWidth, from += rowStep) panels[to] = data[from]!;
  }
  return { panels, rows, columns };
}

/**
 * `out += a·b`, row by row from `outStart` on. Each element's products are summed in order of the inner index, whatever
 * the sizes, so the same row gives the same bits in any batch.
 */
export function multiplyInto(a: Matrix, b: Packed, out: Float64Array, outStart = 0): void {
  const left = pairs(a);
  for (let row = 0; row < a.rows; row += tileHeight) {
    for (let column = 0; column < b.columns; column += tileWidth) {
      computeTile(left, row * a.columns, b.panels, column * b.rows, b.rows);
      const rows = Math.min(tileHeight, a.rows - row);
      const columns = Math.min(tileWidth, b.columns - column);
      for (let i = 0; i < rows; i++) {
        const to = outStart + (row + i) * b.columns + column;
        for (let j = 0; j < columns; j++) out[to + j]! += tile[i * tileWidth + j]!;
      }
    }
  }
}

/** Pairs of rows, column by column; an odd last row is paired with zeros. */
function pairs({ data, start, rows, columns, rowStep, columnStep }: Matrix): Float64Array {
  const packed = new Float64Array(Math.ceil(rows / tileHeight) * tileHeight * columns);
  for (let row = 0; row < rows; row++) {
    let to = (row - (row % tileHeight)) * columns + (row % tileHeight);
    let from = start + row * rowStep;
    for (let column = 0; column < columns; column++, to += tileHeight, from += columnStep) packed[to] = data[from]!;
  }
  return packed;
}

/** The tile being computed; JavaScript runs one kernel at a time. */
const tile = new Float64Array(tileHeight * tileWidth);

function computeTile(left: Float64Array, l: number, right: Float64Array, r: number, inner: number): void {
  let t00 = 0,
    t01 = 0,
    t02 = 0,
    t03 = 0,
    t10 = 0,
    t11 = 0,
    t12 = 0,
    t13 = 0;
  for (let k = 0; k < inner; k++, l += tileHeight, r += tileWidth) {
    const a0 = left[l]!,
      a1 = left[l + 1]!;
    const b0 = right[r]!,
      b1 = right[r + 1]!,
      b2 = right[r + 2]!,
      b3 = right[r + 3]!;
    t00 += a0 * b0;
    t01 += a0 * b1;
    t02 += a0 * b2;
    t03 += a0 * b3;
    t10 += a1 * b0;
    t11 += a1 * b1;
    t12 += a1 * b2;
    t13 += a1 * b3;
  }
  tile[0] = t00;
  tile[1] = t01;
  tile[2] = t02;
  tile[3] = t03;
  tile[4] = t10;
  tile[5] = t11;
  tile[6] = t12;
  tile[7] = t13;
}
