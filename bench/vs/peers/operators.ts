/** The peers' operators: onnxruntime-web by a model of one node, TensorFlow.js by its functions, PyTorch in a process of its own. */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { oneNode } from "../onnx.js";
import type { Row } from "../operator-rows.js";
import { python } from "./python.js";

/** An operator, ready to run. */
export interface PreparedOperator {
  /** Of a first run; PyTorch's first 4096 elements. */
  readonly output: ArrayLike<number> & { slice(from: number, to: number): ArrayLike<number> };
  /** Milliseconds of a call, the mean over some. */
  time(calls: number): Promise<number>;
  dispose(): unknown;
}

export interface OperatorPeer {
  readonly name: string;
  prepare(row: Row, data: readonly Float32Array[]): Promise<PreparedOperator>;
  close?(): void;
}

/** The part of onnxruntime-web that is used. */
interface Ort {
  readonly env: { wasm: { numThreads: number }; logLevel: string };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: number[]) => { readonly data: Float32Array };
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<{ y?: { data: Float32Array } }>; release(): Promise<void> }>;
  };
}

export async function onnxruntime(): Promise<OperatorPeer> {
  const name = "onnxruntime-web";
  const ort: Ort = await import(name as string);
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return {
    name,
    async prepare(row, data) {
      const session = await ort.InferenceSession.create(oneNode(row.op, row), { executionProviders: ["wasm"] });
      const feeds = Object.fromEntries(
        data.map((values, i) => [`x${i}`, new ort.Tensor("float32", values, [...(row.shapes[i] as number[])])]),
      );
      return {
        output: (await session.run(feeds)).y?.data ?? new Float32Array(),
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) await session.run(feeds);
          return (performance.now() - begin) / calls;
        },
        dispose: () => session.release(),
      };
    },
  };
}

const TF: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  "mul, a row": tf.mul,
  "sub, a column": tf.sub,
  exp: tf.exp,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  relu: tf.relu,
  sqrt: tf.sqrt,
  matmul: (a, b) => tf.matMul(a, b),
  softmax: (x) => tf.softmax(x, -1),
  "sum of rows": (x) => tf.sum(x, 1, true),
  "sum of columns": (x) => tf.sum(x, 0, true),
  "max of rows": (x) => tf.max(x, 1, true),
  transpose: (x) => tf.transpose(x, [1, 0]),
  concat: (a, b) => tf.concat([a, b], 1),
};

/** Some names have a size behind them. */
const nameOf = ({ name }: Row) => /^(matmul|ctc)/.exec(name)?.[0] ?? name;

export async function tfjs(): Promise<OperatorPeer> {
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  return {
    name: "tfjs-wasm",
    async prepare(row, data) {
      const [a, b] = data.map((values, i) => tf.tensor(values, [...(row.shapes[i] as number[])])) as [tf.Tensor, tf.Tensor];
      const run = TF[nameOf(row)] as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
      return {
        output: tf.tidy(() => run(a, b).dataSync()),
        async time(calls) {
          const begin = performance.now();
          for (let i = 0; i < calls; i++) run(a, b).dispose();
          return (performance.now() - begin) / calls;
        },
        dispose() {
          a.dispose();
          b?.dispose();
        },
      };
    },
  };
}

export async function pytorch(): Promise<OperatorPeer> {
  const { ask, close } = python("operators.py");
  return {
    name: "pytorch",
    async prepare(row, data) {
      const { shapes, integers = [] } = row;
      const { output } = await ask({ do: "prepare", name: nameOf(row), shapes, data: data.map((values) => [...values]), integers });
      return { output, time: async (calls) => (await ask({ do: "measure", calls })).ms, dispose: () => {} };
    },
    close,
  };
}
