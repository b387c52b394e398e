/** What a file says of tensors and values. Apart from their reading: the package's types reach as far as here, and must not ask for protobuf's. */
export interface ProtoTensor {
  readonly dims: readonly number[];
  readonly type: number;
  readonly name: string;
  readonly raw: Uint8Array | undefined;
  /** Where there is no raw data. */
  readonly numbers: readonly number[];
  /** Why it cannot be read, where it says itself. */
  readonly problem: string | undefined;
}

export interface ProtoValue {
  readonly name: string;
  /** Element type; undefined where it is no tensor. */
  readonly type: number | undefined;
  /** Sizes; a name, or "" where nothing is said, of one that may vary. Undefined where the rank may. */
  readonly shape: readonly (number | string)[] | undefined;
}
