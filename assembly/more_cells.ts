/**
 * The ABI of the further cells: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/more-cells.ts is the only place that knows these names and positions.
 */
