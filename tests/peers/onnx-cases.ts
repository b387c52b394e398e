/** ONNX's own cases that passed when this was written, by operator; "several" of graphs of more than one. One that is lost is a fault. */
export const ONNX_CASES: Readonly<Record<string, number>> = {
  ...{ Abs: 1, Acos: 2, Acosh: 2, Add: 3, And: 8, ArgMax: 16, ArgMin: 16, Asin: 2, Asinh: 2, Atan: 2, Atanh: 2 },
  ...{ AveragePool: 13, BatchNormalization: 2, Cast: 4, Ceil: 2, Celu: 1, Clip: 11, Concat: 12, Constant: 1 },
  ...{ ConstantOfShape: 2, Conv: 6, ConvTranspose: 7, Cos: 2, Cosh: 2, CumSum: 7, Div: 4, Dropout: 6, Einsum: 5, Equal: 2, Erf: 1 },
  ...{ Exp: 2, Expand: 2, EyeLike: 3, Flatten: 9, Floor: 2, GRU: 4, Gather: 4, GatherElements: 3, GatherND: 3, Gemm: 11 },
  ...{ Greater: 2, GreaterOrEqual: 2, HardSwish: 1, Identity: 1, If: 1, IsInf: 3, IsNaN: 1, LSTM: 4, LayerNormalization: 19 },
  ...{ LeakyRelu: 3, Less: 2, LessOrEqual: 2, Log: 2, LogSoftmax: 7, MatMul: 3, Max: 14, MaxPool: 13, Mean: 3, Min: 14 },
  ...{ Mod: 13, Mul: 4, Neg: 2, NonZero: 1, OneHot: 4, Or: 8, PRelu: 2, Pad: 3, Pow: 14, RNN: 4, Range: 2, Reciprocal: 2 },
  ...{ ReduceL1: 8, ReduceL2: 8, ReduceLogSum: 4, ReduceLogSumExp: 8, ReduceMax: 8, ReduceMean: 8, ReduceMin: 8 },
  ...{ ReduceProd: 8, ReduceSum: 5, ReduceSumSquare: 8, Relu: 1, Reshape: 9, Round: 1, Scatter: 2, ScatterElements: 4 },
  ...{ ScatterND: 3, Shape: 10, Sigmoid: 2, Sign: 1, Sin: 2, Sinh: 2, Size: 2, Slice: 8, Softmax: 7, Split: 6, Sqrt: 2 },
  ...{ Squeeze: 2, Sub: 4, Sum: 3, Tan: 2, Tanh: 2, ThresholdedRelu: 3, Tile: 2, TopK: 3, Transpose: 7, Trilu: 16 },
  ...{ Unsqueeze: 8, Where: 2, Xor: 8, several: 58 },
};
