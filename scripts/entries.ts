/** The package's entries that are for every host. */
export const ENTRIES = [
  ...["index", "ops", "sequence", "cells", "onnx", "pytorch", "numpy", "keras", "inspect"],
  ...["int8", "notebook", "worker", "parallel"],
];
