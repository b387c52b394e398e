/** The package's entries that are for every host. */
export const ENTRIES = [
  ...["index", "ops", "sequence", "cells", "onnx", "pytorch", "numpy", "keras"],
  ...["int8", "notebook", "worker", "parallel"],
];
