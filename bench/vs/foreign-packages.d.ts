/** The parts that are used of the peers, which are installed on first use alone. */
declare module "brain.js" {
  interface Options {
    iterations: number;
    errorThresh: number;
    log: boolean;
    learningRate: number;
  }
  class Network {
    constructor(sizes: { inputSize: number; hiddenLayers: number[]; outputSize: number });
    train(sequences: number[][][], options: Options): unknown;
    run(sequence: number[][]): unknown;
  }
  const brain: { recurrent: { LSTMTimeStep: typeof Network; RNNTimeStep: typeof Network } };
  export default brain;
}

declare module "protobufjs" {
  interface Type {
    fromObject(object: object): object;
    encode(message: object): { finish(): Uint8Array };
  }
  const protobuf: { parse(source: string): { root: { lookupType(name: string): Type } } };
  export default protobuf;
}

declare module "@tensorflow/tfjs" {
  export interface Tensor {
    dataSync(): Float32Array;
    dispose(): void;
  }
  interface Layer {
    apply(input: unknown): unknown;
    setWeights(weights: Tensor[]): void;
  }
  interface Model {
    predict(x: Tensor): Tensor;
    apply(x: Tensor, options: { training: boolean }): Tensor;
    dispose(): void;
  }
  export const layers: { lstm(options: object): Layer; simpleRNN(options: object): Layer };
  export const train: { adam(rate: number): { minimize(f: () => Tensor, returnCost: true): Tensor; dispose(): void } };
  export function input(options: { batchShape: number[] }): unknown;
  export function model(options: { inputs: unknown; outputs: unknown }): Model;
  export function tensor1d(values: ArrayLike<number>): Tensor;
  export function tensor2d(values: ArrayLike<number>, shape: number[]): Tensor;
  export function tensor3d(values: ArrayLike<number>, shape: number[]): Tensor;
  export function transpose(x: Tensor, order?: number[]): Tensor;
  export function tensor(values: ArrayLike<number>, shape: number[]): Tensor;
  export function sum(x: Tensor, axis?: number, keepDims?: boolean): Tensor;
  export function max(x: Tensor, axis: number, keepDims: boolean): Tensor;
  export function softmax(x: Tensor, axis: number): Tensor;
  export function concat(tensors: Tensor[], axis: number): Tensor;
  export function matMul(a: Tensor, b: Tensor): Tensor;
  export function add(a: Tensor, b: Tensor): Tensor;
  export function sub(a: Tensor, b: Tensor): Tensor;
  export function mul(a: Tensor, b: Tensor): Tensor;
  export function exp(x: Tensor): Tensor;
  export function tanh(x: Tensor): Tensor;
  export function sigmoid(x: Tensor): Tensor;
  export function relu(x: Tensor): Tensor;
  export function sqrt(x: Tensor): Tensor;
  export function tidy<T>(f: () => T): T;
  export function getBackend(): string;
  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
}

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setThreadsCount(count: number): void;
}
