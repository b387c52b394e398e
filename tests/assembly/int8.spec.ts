import { denseInt8, denseInt8Scratch } from "../../assembly/heads/dense_int8";
import { int8Pack, int8Quantize, int8Scale } from "../../assembly/int8_pack";
import { groupsOf, int8PartBytes, int8Product } from "../../assembly/int8_product";
import { codeRow, quantizeRows } from "../../assembly/int8_rows";
import { HEADER_BYTES } from "../../assembly/int8_tiles";
import { packBias } from "../../assembly/pack";
import { padded } from "../../assembly/layout";
import { CODE_BYTES, GROUP_BYTES, ZERO_CODE } from "../../assembly/vec_int8";
import { at, clear, constant, not, overruns, put, random, rounded, wrong } from "./numbers";

/** To the nearest whole number, of two the even one. */
function nearestEven(x: f64): f64 {
  const low = Math.floor(x);
  if (x - low == 0.5) return low % 2 == 0 ? low : low + 1;
  return Math.floor(x + 0.5);
}

function code(row: usize, k: i32): i32 {
  const p = row + 16 + usize(k) * CODE_BYTES();
  return CODE_BYTES() == 1 ? i32(load<u8>(p)) : i32(load<i16>(p));
}

/** Rows further apart than they are long: scales and codes against their formula, and zeros' codes behind the last. */
function wrongRows(M: i32, K: i32, size: f64): i32 {
  clear();
  const ld = K + 3;
  const x = random<f32>(M * ld, 11, size), q = constant<u8>(M * i32(codeRow(K)), 0xff);
  quantizeRows(q, x, usize(ld) * 4, M, K);
  let count = overruns();
  for (let m = 0; m < M; ++m) {
    const row = q + usize(m) * codeRow(K);
    let greatest: f64 = 0;
    for (let k = 0; k < K; ++k) greatest = Math.max(greatest, Math.abs(at<f32>(x, m * ld + k)));
    count += not(<f64>load<f32>(row), rounded<f32>(greatest / 63));
    const inverse = rounded<f32>(63 / greatest);
    for (let k = 0; k < (K + 15) / 16 * 16; ++k) {
      const want = k < K ? nearestEven(rounded<f32>(at<f32>(x, m * ld + k) * inverse)) : 0;
      count += not(code(row, k), ZERO_CODE + want);
    }
  }
  return count;
}

/** A row with one number in it; where it is not finite, the scale is NaN, and what is too small for a scale counts as zero. */
function wrongEdges(): i32 {
  clear();
  const x = constant<f32>(5, 0.5), q = constant<u8>(i32(codeRow(5)), 0);
  let count = 0;
  for (let i = 0; i < 3; ++i) {
    put<f32>(x, 3, i == 0 ? NaN : i == 1 ? Infinity : -Infinity);
    quantizeRows(q, x, 0, 1, 5);
    count += not(load<f32>(q), NaN);
  }
  for (let k = 0; k < 5; ++k) put<f32>(x, k, 1e-40);
  quantizeRows(q, x, 0, 1, 5);
  count += not(load<f32>(q), 0);
  for (let k = 0; k < 5; ++k) count += not(code(q, k), ZERO_CODE);
  put<f32>(x, 0, 3.4028234663852886e38);
  quantizeRows(q, x, 0, 1, 5);
  return count + not(code(q, 0), ZERO_CODE + 63) + overruns();
}

/** Row r of canonical weights as its column of the panels of gate columns. */
function columnOf(r: i32, G: i32, H: i32): i32 {
  const g = r / H, h = r % H;
  return (h / 8) * G * 8 + g * 8 + (h % 8);
}

/** Two weights in one packed matrix against the dense form, whose numbers are as near as a step allows. */
function wrongPack(G: i32, H: i32, I: i32, K: i32): i32 {
  clear();
  const rows = i32(int8PartBytes(I) + int8PartBytes(K)) / 8, first = i32(int8PartBytes(I)) / 8, R = G * H;
  const w = random<f32>(R * K, 12, 3), dst = constant<u8>(G * padded<f32>(H) * rows, 0x77);
  const q = constant<i8>(R * K, 99), scales = constant<f32>(R, 0);
  int8Pack(dst, w, G, H, K, first, rows);
  int8Quantize(q, scales, w, R, K);
  let count = overruns();
  for (let r = 0; r < R; ++r) {
    const j = columnOf(r, G, H);
    const part = dst + usize(j / 8) * usize(rows) * 8 + usize(first) * 8, scale = at<f32>(scales, r);
    count += not(load<f32>(part + usize(j % 8) * 4), scale) + not(int8Scale(w + usize(r * K) * 4, K), scale);
    count += i32(reinterpret<u32>(<f32>scale) & 0xff); // 16 bits at most
    let sum = 0, greatest = 0;
    for (let k = 0; k < K; ++k) {
      const code = i32(at<i8>(q, r * K + k));
      sum += code;
      greatest = max(greatest, abs(code));
      count += Math.abs(at<f32>(w, r * K + k) - code * scale) <= 0.5001 * scale ? 0 : 1;
      count += not(load<i8>(part + HEADER_BYTES + usize(k / 4) * GROUP_BYTES + usize(4 * (j % 8) + k % 4)), code);
      put<f32>(w, r * K + k, code * scale); // exact
    }
    count += not(greatest, 127) + not(load<i32>(part + 32 + usize(j % 8) * 4), ZERO_CODE * sum);
    count += not(int8Scale(w + usize(r * K) * 4, K), scale); // what is rounded stays as it is
  }
  return count;
}

/** Rows times columns: without init the whole sums decide every bit, in either build. */
function wrongProduct(M: i32, K: i32, cols: i32): i32 {
  clear();
  const x = random<f32>(M * K, 13), w = random<f32>(cols * K, 14), init = random<f32>(cols, 15);
  const row = codeRow(K), panel = int8PartBytes(K);
  const q = constant<u8>(M * i32(row), 0), b = constant<u8>(padded<f32>(cols) * i32(panel) / 8, 0);
  const codes = constant<i8>(cols * K, 0), scales = constant<f32>(cols, 0);
  const c = constant<f32>(M * (cols + 2), -77), d = constant<f32>(M * cols, 0);
  quantizeRows(q, x, usize(K) * 4, M, K);
  int8Pack(b, w, 1, cols, K, 0, i32(panel) / 8);
  int8Quantize(codes, scales, w, cols, K);
  int8Product(c, usize(cols + 2) * 4, q, row, b, panel, 0, 0, M, K, cols);
  int8Product(d, usize(cols) * 4, q, row, b, panel, init, 0, M, K, cols);
  let count = overruns() + not(groupsOf(K), Math.ceil(<f64>K / 4));
  for (let m = 0; m < M; ++m) {
    for (let j = 0; j < cols + 2; ++j) {
      const got = at<f32>(c, m * (cols + 2) + j);
      if (j >= cols) {
        count += not(got, -77);
        continue;
      }
      let sum = 0;
      for (let k = 0; k < K; ++k) sum += (code(q + usize(m) * row, k) - ZERO_CODE) * i32(at<i8>(codes, j * K + k));
      const scale = rounded<f32>(load<f32>(q + usize(m) * row) * at<f32>(scales, j));
      count += not(got, rounded<f32>(scale * <f64>(<f32>sum)));
      count += wrong<f32>(at<f32>(d, m * cols + j), at<f32>(init, j) + scale * sum, 2);
    }
  }
  return count;
}

/** The greatest codes of one sign: no sum of two products may saturate. */
function wrongGreatest(K: i32, sign: f64): i32 {
  clear();
  const x = constant<f32>(5 * K, 1), w = constant<f32>(40 * K, sign), c = constant<f32>(5 * 40, 0);
  const q = constant<u8>(5 * i32(codeRow(K)), 0), b = constant<u8>(5 * i32(int8PartBytes(K)), 0);
  quantizeRows(q, x, usize(K) * 4, 5, K);
  int8Pack(b, w, 1, 40, K, 0, i32(int8PartBytes(K)) / 8);
  int8Product(c, 160, q, codeRow(K), b, int8PartBytes(K), 0, 0, 5, K, 40);
  let count = overruns();
  for (let i = 0; i < 200; ++i) count += wrong<f32>(at<f32>(c, i), sign * K, 400);
  return count;
}

/** Of more rows than lie in scratch at once; a row has the bits that it has alone. */
function wrongDense(M: i32, I: i32, O: i32): i32 {
  clear();
  const x = random<f32>(M * I, 16), w = random<f32>(O * I, 17), b = random<f32>(O, 18);
  const packed = constant<u8>(padded<f32>(O) * i32(int8PartBytes(I)) / 8, 0);
  const bias = constant<u8>(padded<f32>(O) * 4 + i32(denseInt8Scratch(I)), 0);
  const y = constant<f32>(M * O, NaN), one = constant<f32>(O, NaN);
  int8Pack(packed, w, 1, O, I, 0, i32(int8PartBytes(I)) / 8);
  packBias<f32>(bias, b, 0, 1, O);
  denseInt8(y, x, packed, bias, M, I, O);
  let count = overruns();
  for (let m = 0; m < M; ++m) {
    denseInt8(one, x + usize(m * I) * 4, packed, bias, 1, I, O);
    for (let o = 0; o < O; ++o) {
      let want = at<f32>(b, o), size: f64 = 0;
      for (let i = 0; i < I; ++i) {
        want += at<f32>(x, m * I + i) * at<f32>(w, o * I + i);
        size += Math.abs(at<f32>(x, m * I + i)) + Math.abs(at<f32>(w, o * I + i));
      }
      count += not(at<f32>(y, m * O + o), at<f32>(one, o));
      count += Math.abs(at<f32>(y, m * O + o) - want) <= size / 120 ? 0 : 1; // half a step of each
    }
  }
  return count;
}

describe("int8", () => {
  it("rows of 1 to 37 numbers are codes by their formula", () => {
    let count = 0;
    for (let K = 1; K <= 37; ++K) count += wrongRows(3, K, K % 2 ? 1 : 1e20);
    expect<i32>(count).toBe(0);
  });
  it("what is not finite makes the row NaN, what is tiny makes it zero", () => expect<i32>(wrongEdges()).toBe(0));
  it("weights are packed behind their scales, and stay what they are when they are rounded", () => {
    let count = 0;
    for (let G = 1; G <= 4; ++G) for (let H = 1; H <= 17; H += 4) for (let K = 1; K <= 9; ++K) count += wrongPack(G, H, 3, K);
    expect<i32>(count).toBe(0);
  });
  it("products are their whole sums, 1 to 9 rows, 1 to 70 columns", () => {
    let count = 0;
    for (let M = 1; M <= 9; ++M) for (let cols = 1; cols <= 70; cols += 3) count += wrongProduct(M, 1 + ((M + cols) % 19), cols);
    expect<i32>(count + wrongProduct(2, 300, 33)).toBe(0);
  });
  it("nothing saturates", () => expect<i32>(wrongGreatest(1024, 1) + wrongGreatest(1023, -1)).toBe(0));
  it("dense is its formula within half a step, each row as it is alone", () => {
    let count = wrongDense(60, 40, 9);
    for (let I = 1; I <= 17; I += 4) for (let O = 1; O <= 18; ++O) count += wrongDense(5, I, O);
    expect<i32>(count).toBe(0);
  });
});
