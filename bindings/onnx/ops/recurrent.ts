/** RNN, LSTM and GRU of ONNX: by this package's layers where the cell is theirs, else by the definition. */

import { GRU } from "../../layers/recurrent/gru.js";
import { LSTM } from "../../layers/recurrent/lstm.js";
import { RNN } from "../../layers/recurrent/rnn.js";
import { flip, permute, reshape } from "../../ops/move.js";
import { type Place, placeOf, undrawn } from "../../parameters.js";
import type { Runtime } from "../../runtime.js";
import type { FloatArray, FloatType, Tensor } from "../../tensor.js";
import type { Constant } from "../constant.js";
import { dtypeOf } from "../element-types.js";
import { recurrent } from "../fold/recurrent.js";
import type { OnnxNode } from "../node.js";
import type { Build, OnnxOperator, OnnxOperators, Value } from "../operator.js";
import { type Cell, faultOf, GATES, RecurrentNode } from "../recurrent-node.js";
import { type RecurrentLayer, runLayer } from "../recurrent-run.js";
import { input } from "./common.js";

/** Where gates of ours lie among ONNX's: i f g o in i o f c; r z n in z r h. */
const ORDERS: Readonly<Record<Cell, readonly number[]>> = { RNN: [0], LSTM: [0, 2, 3, 1], GRU: [1, 0, 2] };

const MORE = { RNN: [], LSTM: ["input_forget"], GRU: ["linear_before_reset"] } as const;

function operator(cell: Cell): OnnxOperator {
  return {
    attributes: ["activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "layout", ...MORE[cell]],
    check: faultOf,
    fold(node, inputs) {
      for (const i of [0, 1, 2]) input(node, inputs, i);
      return recurrent(new RecurrentNode(node, inputs), inputs);
    },
    build: (build, node, inputs) => byLayer(build, node, inputs),
  };
}

/** @returns nothing where the cell is none of ours, or its weights are not known */
function byLayer(build: Build, node: OnnxNode, inputs: readonly (Value | undefined)[]): readonly Value[] | undefined {
  const own = new RecurrentNode(node, inputs);
  const { sizes, cell } = own;
  const weights = inputs.slice(1, 4).map((value) => (value ? build.constantIf(value) : null));
  if (!own.isUsual || inputs[7] || weights.includes(undefined) || sizes.T * sizes.N * sizes.H === 0) return undefined;
  const lengths = inputs[4];
  const isReverse = own.direction === "reverse";
  if (isReverse && lengths) return undefined;
  const dtype = dtypeOf(input(node, inputs, 0).type) as FloatType;
  const layer = build.own(layerOf(build.runtime, own, weights as (Constant | null)[], dtype));
  if (dtype === "f32" && build.storage === "int8") (layer as RecurrentLayer & Pick<LSTM, "store">).store("int8");
  const turned = own.isBatchFirst ? [1, 0, 2] : undefined;
  const plain = (value: Value) => (turned ? permute(build.tensor(value), turned) : build.tensor(value));
  const x = isReverse ? flip(plain(input(node, inputs, 0)), [0]) : plain(input(node, inputs, 0));
  const [h0, c0] = [inputs[5], inputs[6]].map((value) => value && plain(value));
  const made = runLayer(build, layer, own, { x, h0, c0, lengths: lengths && build.tensor(lengths) });
  const { type } = input(node, inputs, 0);
  const { T, N, D, H } = sizes;
  let y: Tensor = made.y; // [T, N, D·H]
  if (isReverse) y = flip(y, [0]);
  y = D === 1 ? reshape(y, [T, 1, N, H]) : permute(reshape(y, [T, N, D, H]), [0, 2, 1, 3]);
  if (turned) y = permute(y, [2, 0, 1, 3]);
  const state = (tensor: Tensor) => build.value(turned ? permute(tensor, turned) : tensor, type);
  return [build.value(y, type), state(made.h), ...(cell === "LSTM" && made.c ? [state(made.c)] : [])];
}

/** A layer with these weights. */
function layerOf(rt: Runtime, own: RecurrentNode, [w, r, b]: readonly (Constant | null | undefined)[], dtype: FloatType): RecurrentLayer {
  const { cell, sizes } = own;
  const { D, I, H } = sizes;
  const options = { inputSize: I, hiddenSize: H, bias: Boolean(b), bidirectional: D === 2, dtype };
  const make = {
    LSTM: () => new LSTM(rt, options),
    GRU: () => new GRU(rt, { ...options, resetAfter: own.resetAfter }),
    RNN: () => new RNN(rt, { ...options, nonlinearity: own.names(0)[0] as "tanh" }),
  };
  const layer = undrawn<RecurrentLayer>(make[cell]);
  const [G, order] = [GATES[cell], ORDERS[cell]];
  const [W, R] = [w as Constant, r as Constant];
  for (const [d, end] of ["l0", "l0_reverse"].slice(0, D).entries()) {
    const set = (name: string, { data }: Constant, at: number, width: number) => {
      const [part, to] = [H * width, valuesOf(layer, `${name}_${end}`)];
      for (const [gate, theirs] of order.entries()) to.set(data.subarray(at + theirs * part, at + (theirs + 1) * part), gate * part);
    };
    set("weight_ih", W, d * G * H * I, I);
    set("weight_hh", R, d * G * H * H, H);
    if (!b) continue;
    set("bias_ih", b, 2 * d * G * H, 1);
    set("bias_hh", b, (2 * d + 1) * G * H, 1);
  }
  layer.eval();
  return layer;
}

/** A parameter's values where they lie, until something is allocated. */
function valuesOf(layer: RecurrentLayer, name: string): FloatArray {
  const { block, offset, size } = placeOf(layer.parameters().find((parameter) => parameter.name === name)) as Place;
  block.version++;
  return block.runtime.view(block.dtype, block.pointer(offset), size) as FloatArray;
}

export const RECURRENT: OnnxOperators = { RNN: operator("RNN"), LSTM: operator("LSTM"), GRU: operator("GRU") };
