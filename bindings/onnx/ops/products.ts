/** Products of matrices. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { add, mul } from "../../ops/binary.js";
import { matmul } from "../../ops/matmul.js";
import { permute, reshape } from "../../ops/move.js";
import { bytesPer, type Tensor, type WeightStorage } from "../../tensor.js";
import { type Constant, constantOf } from "../constant.js";
import { isFloat } from "../element-types.js";
import { activationOf } from "../epilogue.js";
import { broadcast, elementwise } from "../fold/elementwise.js";
import { multiply, productShapes } from "../fold/products.js";
import { read } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { floatTypeOf, numbersOf, type PackedMatrix, packed } from "../packed.js";
import { ARITHMETIC } from "./arithmetic.js";
import { input, result } from "./common.js";
import { headInputs, tailInputs, withTail } from "./fused.js";

/** y = x·weights + what is added: of rows that lie one after another. @param added address, and whether it is a row for each */
function rowsBy(
  build: Build,
  node: OnnxNode,
  x: Value,
  weights: PackedMatrix,
  { shape, init = weights.bias, rowOfInit = 0 }: { shape: readonly number[]; init?: number; rowOfInit?: number },
): Value {
  const dtype = floatTypeOf(x);
  const size = bytesPer(dtype);
  const { K, O } = weights;
  const y = build.empty(x.type, shape);
  const M = y.size / O;
  const { gemm, denseForward } = build.runtime.kernels(weights.storage);
  const [c, a] = [y.pointer(), build.tensor(x).pointer()];
  const whole = {
    c,
    ldc: O * size,
    a,
    lda: K * size,
    b: weights.at,
    panelBytes: weights.panelBytes,
    init,
    ldi: rowOfInit * size,
    M,
    K,
    cols: O,
  };
  const dense = { y: c, x: a, w: weights.at, bias: weights.bias, M, I: K, O };
  const product = weights.storage === "int8" ? () => denseForward(dense) : () => gemm(whole);
  const activate = activationOf(build, node, dtype, c, y.size);
  build.step(
    activate
      ? () => {
          product();
          activate();
        }
      : product,
  );
  return build.value(y, x.type, shape);
}

/** How weights are kept that a product of rows reads: with int8 what is added is a row that is known, or nothing. */
function storageOf(build: Build, x: Value, addsWhole = false): WeightStorage | undefined {
  return build.storage === "int8" && floatTypeOf(x) === "f32" && !addsWhole ? "int8" : undefined;
}

/** Where weights are known, and their bias with them. */
function packedMatmul(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): Value | undefined {
  const [a, right] = [input(node, inputs, 0), input(node, inputs, 1)];
  const b = numbersOf(build, right);
  if (b?.shape.length !== 2 || a.shape.length === 0 || !isFloat(a.type)) return undefined;
  const { shape } = productShapes(a.shape, b.shape);
  const [K, O] = b.shape as [number, number];
  if (sizeOf(shape) === 0 || K === 0) return undefined;
  const adds = node.tail[0]?.node.op === "Add";
  const bias = adds ? numbersOf(build, tailInputs(node, 0, inputs)[0]) : undefined;
  if (adds && !(bias && bias.data.length === O && bias.shape.at(-1) === O && bias.shape.length <= shape.length)) return undefined;
  const weights = packed(build, node, bias ? [b, bias] : [b], {
    ...{ K, O, bias: bias?.data, storage: storageOf(build, a) },
    fill(rows) {
      for (let o = 0; o < O; o++) for (let k = 0; k < K; k++) rows[o * K + k] = b.data[k * O + o] as number;
    },
  });
  return rowsBy(build, node, a, weights, { shape });
}

const MATMUL: OnnxOperator = {
  attributes: [],
  fold: (node, inputs) => [multiply(input(node, inputs, 0), input(node, inputs, 1))],
  build(build, node, inputs) {
    const [a, b] = [input(node, inputs, 0), input(node, inputs, 1)];
    if (!isFloat(a.type)) return undefined;
    const { left, right, shape } = productShapes(a.shape, b.shape);
    if (sizeOf(shape) === 0 || left.at(-1) === 0) return undefined;
    const whole = packedMatmul(build, node, inputs);
    if (whole) return [whole];
    const y = matmul(reshape(build.tensor(a), left), reshape(build.tensor(b), right));
    return [result(build, y, a.type, shape)];
  },
};

/** A matrix as it is asked for. */
const turned = (x: Constant, turns: boolean): Constant => {
  const [rows, columns] = x.shape as [number, number];
  return turns ? read(x, [columns, rows], [1, columns]) : x;
};

/** Sizes of Gemm. @throws {FormatError} */
function gemmSizes(node: OnnxNode, a: readonly number[], b: readonly number[]): { M: number; K: number; N: number } {
  const [turnsA, turnsB] = [node.int("transA", 0) === 1, node.int("transB", 0) === 1];
  const [M, K] = (turnsA ? [a[1], a[0]] : a) as [number, number];
  const [own, N] = (turnsB ? [b[1], b[0]] : b) as [number, number];
  if (a.length === 2 && b.length === 2 && own === K) return { M, K, N };
  throw new FormatError(`onnx: ${node.label}: expected matrices that can be multiplied, got [${a.join(", ")}] and [${b.join(", ")}]`);
}

/** @throws {FormatError} where it is larger than the product */
function checkAdded(node: OnnxNode, c: readonly number[], shape: readonly number[]): void {
  const whole = broadcast([c, shape]);
  if (whole.length !== shape.length || whole.some((size, d) => size !== shape[d]))
    throw new FormatError(`onnx: ${node.label}: expected what broadcasts to [${shape.join(", ")}], got [${c.join(", ")}]`);
}

/** Where weights are known. */
function packedGemm(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): Value | undefined {
  const [a, right, c] = [input(node, inputs, 0), input(node, inputs, 1), headInputs(node, inputs)[2]];
  const b = numbersOf(build, right);
  if (!b || !isFloat(a.type)) return undefined;
  const { M, K, N } = gemmSizes(node, a.shape, b.shape);
  if (M * N * K === 0) return undefined;
  const [alpha, beta, turnsB] = [node.float("alpha", 1), node.float("beta", 1), node.int("transB", 0) === 1];
  if (c) checkAdded(node, c.shape, [M, N]);
  const known = numbersOf(build, c);
  const isRow = c !== undefined && sizeOf(c.shape.slice(0, -1)) === 1;
  const isWhole = c !== undefined && sizeOf(c.shape) === M * N;
  if (c && !(known && isRow) && !(beta === 1 && (isWhole || (isRow && c.shape.at(-1) === N)))) return undefined;
  const inside = known && isRow ? known : undefined;
  const weights = packed(build, node, inside ? [b, inside] : [b], {
    ...{
      K,
      O: N,
      storage: storageOf(build, a, c !== undefined && !inside),
      bias: inside && Float64Array.from({ length: N }, (_, n) => beta * (inside.data[inside.data.length === 1 ? 0 : n] as number)),
    },
    fill(rows) {
      for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) rows[n * K + k] = alpha * (b.data[turnsB ? n * K + k : k * N + n] as number);
    },
  });
  const rows: Value = node.int("transA", 0) === 1 ? build.value(permute(build.tensor(a), [1, 0]), a.type) : a;
  const outside = c && !inside ? { init: build.tensor(c).pointer(), rowOfInit: isWhole && M > 1 ? N : 0 } : {};
  return rowsBy(build, node, rows, weights, { shape: [M, N], ...outside });
}

const GEMM: OnnxOperator = {
  attributes: ["alpha", "beta", "transA", "transB"],
  fold(node, inputs) {
    const [a, b, c] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const { M, N } = gemmSizes(node, a.shape, b.shape);
    if (c) checkAdded(node, c.shape, [M, N]);
    const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
    const product = multiply(turned(a, node.int("transA", 0) === 1), turned(b, node.int("transB", 0) === 1));
    const added = c ?? constantOf(a.type, [], [0]);
    return [elementwise([product, added], a.type, (x, y) => alpha * (x as number) + beta * (y as number))];
  },
  build(build, node, inputs) {
    const whole = packedGemm(build, node, inputs);
    if (whole) return [whole];
    const [a, b, c] = [input(node, inputs, 0), input(node, inputs, 1), inputs[2]];
    const { M, K, N } = gemmSizes(node, a.shape, b.shape);
    if (M * N * K === 0 || !isFloat(a.type)) return undefined;
    if (c) checkAdded(node, c.shape, [M, N]);
    const scaled = (x: Tensor, by: number) => (by === 1 ? x : mul(x, by));
    const turns = { transposeA: node.int("transA", 0) === 1, transposeB: node.int("transB", 0) === 1 };
    const product = scaled(matmul(build.tensor(a), build.tensor(b), turns), node.float("alpha", 1));
    const y = c ? add(product, scaled(build.tensor(c), node.float("beta", 1))) : product;
    return [result(build, y, a.type, [M, N])];
  },
};

export const PRODUCTS: OnnxOperators = { MatMul: MATMUL, Gemm: GEMM };

/** The same with what follows them. */
export const FUSED_PRODUCTS: OnnxOperators = {
  MatMul: withTail(MATMUL, ARITHMETIC, packedMatmul),
  Gemm: withTail(GEMM, ARITHMETIC, packedGemm),
};
