/**
 * The ABI of sequence learning: monomorphic exports, one line each, of the operators' binary. Nothing else.
 * bindings/generated/sequence-learning.ts is the only place that knows these names and positions.
 */
