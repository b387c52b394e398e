/** Einstein's summation: products of elements whose axes bear the same letters, summed over the letters that the result lacks. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import { matmul } from "../../ops/matmul.js";
import { permute, reshape } from "../../ops/move.js";
import type { Tensor } from "../../tensor.js";
import { arrayFor } from "../constant.js";
import { isFloat } from "../element-types.js";
import { stridesOf } from "../fold/regions.js";
import type { OnnxNode } from "../node.js";
import type { OnnxOperator, OnnxOperators } from "../operator.js";
import { boundedShape, input, result } from "./common.js";

type Labels = readonly string[];

interface Sum {
  /** Of the axes of each input. */
  readonly terms: readonly Labels[];
  readonly out: Labels;
  readonly sizes: ReadonlyMap<string, number>;
}

/** Products that are computed in JavaScript: more take seconds. */
const MOST = 2 ** 26;

/** Letters of which each can be read in one way alone: else a text of letters that is none takes ever longer to be refused. */
const TERM = "[a-zA-Z]*(?:\\.{3}[a-zA-Z]*)?";
const EQUATION = new RegExp(`^${TERM}(,${TERM})*(->${TERM})?$`);

const equationOf = (node: OnnxNode) => node.string("equation", "").replaceAll(" ", "");

/** Letters, and axes of "..." by their places from the last: ".1", ".2". @throws {FormatError} */
function labelsOf(node: OnnxNode, term: string, rank: number): Labels {
  const [before = "", behind] = term.split("...");
  const more = rank - before.length - (behind?.length ?? 0);
  if (more < 0 || (behind === undefined && more > 0))
    throw new FormatError(`onnx: ${node.label}: expected a tensor of the axes ${term || "of none"}, got ${rank} axes`);
  return [...before, ...Array.from({ length: more }, (_, i) => `.${more - i}`), ...(behind ?? "")];
}

/** @throws {FormatError} */
function sumOf(node: OnnxNode, shapes: readonly (readonly number[])[]): Sum {
  const [left = "", right] = equationOf(node).split("->");
  const given = left.split(",");
  if (given.length !== shapes.length)
    throw new FormatError(`onnx: ${node.label}: expected ${given.length} inputs of ${left}, got ${shapes.length}`);
  const terms = given.map((term, i) => labelsOf(node, term, (shapes[i] as readonly number[]).length));
  const sizes = new Map<string, number>();
  for (const [i, labels] of terms.entries())
    for (const [d, label] of labels.entries()) {
      const [size, known = 1] = [shapes[i]?.[d] as number, sizes.get(label)];
      if (size !== known && size !== 1 && known !== 1)
        throw new FormatError(`onnx: ${node.label}: expected one size of ${label}, got ${known} and ${size}`);
      sizes.set(label, known === 1 ? size : known);
    }
  const dots = [...sizes.keys()].filter((label) => label.length > 1).sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  const all = terms.flat();
  const once = [...sizes.keys()].filter((label) => label.length === 1 && all.indexOf(label) === all.lastIndexOf(label)).sort();
  const named = right?.replace("...", "") ?? "";
  const out = right === undefined ? [...dots, ...once] : labelsOf(node, right, named.length + (right.includes("...") ? dots.length : 0));
  if (new Set(out).size < out.length || !out.every((label) => sizes.has(label)))
    throw new FormatError(`onnx: ${node.label}: expected a result of letters of the inputs, each once, got ${right}`);
  return { terms, out, sizes };
}

/** How far along each label the next element of an input lies; a diagonal where it stands twice. */
function stepsOf(labels: Labels, shape: readonly number[], order: Labels): number[] {
  const strides = stridesOf(shape);
  return order.map((label) => labels.reduce((sum, own, d) => (own === label && shape[d] !== 1 ? sum + (strides[d] as number) : sum), 0));
}

const EINSUM: OnnxOperator = {
  attributes: ["equation"],
  check: (node) => (EQUATION.test(equationOf(node)) ? undefined : `its equation is ${node.string("equation", "").slice(0, 100)}`),
  fold(node, inputs) {
    const all = inputs.map((_, i) => input(node, inputs, i));
    const { terms, out, sizes } = sumOf(
      node,
      all.map(({ shape }) => shape),
    );
    const order = [...out, ...[...sizes.keys()].filter((label) => !out.includes(label))];
    const counts = order.map((label) => sizes.get(label) as number);
    if (sizeOf(counts) > MOST) throw new FormatError(`onnx: ${node.label}: expected at most ${MOST} products, got ${sizeOf(counts)}`);
    const { type } = input(node, inputs, 0);
    const shape = boundedShape(node, counts.slice(0, out.length));
    const sums = arrayFor("float64", sizeOf(shape));
    const steps = all.map((each, i) => stepsOf(terms[i] as Labels, each.shape, order));
    const whole = stridesOf(counts);
    const summed = sizeOf(counts.slice(out.length));
    for (let i = 0; i < sizeOf(counts); i++) {
      let product = 1;
      for (const [k, { data }] of all.entries()) {
        let place = 0;
        for (const [d, step] of (steps[k] as number[]).entries())
          place += step === 0 ? 0 : (Math.floor(i / (whole[d] as number)) % (counts[d] as number)) * step;
        product *= data[place] as number;
      }
      const at = Math.floor(i / summed);
      sums[at] = (sums[at] as number) + product;
    }
    const data = arrayFor(type, sums.length);
    data.set(sums);
    return [{ type, shape, data }];
  },
  /** Of two tensors: one product of matrices, for each place along the letters that both and the result have. */
  build(build, node, inputs) {
    const [a, b] = inputs;
    if (!a || !b || inputs.length !== 2 || !isFloat(a.type) || a.type !== b.type) return undefined;
    const { terms, out, sizes } = sumOf(node, [a.shape, b.shape]);
    const [left, right] = terms as [Labels, Labels];
    const shapeOf = (labels: Labels) => labels.map((label) => sizes.get(label) as number);
    const isPlain = [left, right].every(
      (labels, i) => new Set(labels).size === labels.length && String(shapeOf(labels)) === String([a, b][i]?.shape),
    );
    const alone = [...left, ...right].some((label) => !(left.includes(label) && right.includes(label)) && !out.includes(label));
    if (!isPlain || alone || sizeOf(shapeOf([...sizes.keys()])) === 0) return undefined;
    const both = left.filter((label) => right.includes(label));
    const [batch, inner] = [both.filter((label) => out.includes(label)), both.filter((label) => !out.includes(label))];
    const [rows, columns] = [left.filter((label) => !both.includes(label)), right.filter((label) => !both.includes(label))];
    const [B, M, K, N] = [batch, rows, inner, columns].map((labels) => sizeOf(shapeOf(labels))) as [number, number, number, number];
    const product = matmul(
      reshape(ordered(build.tensor(a), left, [...batch, ...rows, ...inner]), [B, M, K]),
      reshape(ordered(build.tensor(b), right, [...batch, ...inner, ...columns]), [B, K, N]),
    );
    const labels = [...batch, ...rows, ...columns];
    const lifted = labels.length === 0 ? product : reshape(product, shapeOf(labels));
    return [result(build, ordered(lifted, labels, out), a.type, shapeOf(out))];
  },
};

/** Axes in another order. */
function ordered(x: Tensor, labels: Labels, order: Labels): Tensor {
  return labels.length < 2
    ? x
    : permute(
        x,
        order.map((label) => labels.indexOf(label)),
      );
}

export const EINSUMS: OnnxOperators = { Einsum: EINSUM };
