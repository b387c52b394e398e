/** Files of torch.save by hand: programs of pickles, in the form before PyTorch 1.6. Source: Python's pickletools.py; torch/serialization.py. */

const bytesOf = (value: number, width: number): number[] =>
  Array.from({ length: width }, (_, i) => Number((BigInt(Math.trunc(value)) >> BigInt(8 * i)) & 0xffn));

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** Instructions. */
export const op = {
  mark: [0x28],
  none: [0x4e],
  list: [0x5d],
  dict: [0x7d],
  empty: [0x29],
  tuple: [0x74],
  pair: [0x86],
  append: [0x61],
  appends: [0x65],
  setItem: [0x73],
  setItems: [0x75],
  pop: [0x30],
  call: [0x52],
  storage: [0x51],
  byStack: [0x93],
  int: (value: number) => [0x4b, value],
  long: (value: number) => [0x8a, 8, ...bytesOf(value, 8)],
  text: (value: string) => [0x58, ...bytesOf(value.length, 4), ...ascii(value)],
  put: (index: number) => [0x72, ...bytesOf(index, 4)],
  get: (index: number) => [0x6a, ...bytesOf(index, 4)],
  named: (name: string) => [0x63, ...ascii(`${name.replace(/\.(\w+)$/, "\n$1")}\n`)],
};

/** A tensor over a storage of so many f32. */
export function tensor(key: string, count: number, shape: readonly number[], strides: readonly number[], offset = 0): number[] {
  return [
    ...op.named("torch._utils._rebuild_tensor_v2"),
    ...op.mark,
    ...storage(key, count),
    ...op.long(offset),
    ...numbers(shape),
    ...numbers(strides),
    ...op.tuple,
    ...op.call,
  ];
}

export function storage(key: string, count: number, type = "torch.FloatStorage"): number[] {
  return [
    ...op.mark,
    ...op.text("storage"),
    ...op.named(type),
    ...op.text(key),
    ...op.text("cpu"),
    ...op.long(count),
    ...op.tuple,
    ...op.storage,
  ];
}

export function numbers(values: readonly number[]): number[] {
  return [...op.mark, ...values.flatMap((value) => op.long(value)), ...op.tuple];
}

/** Longer than a call may have arguments. */
export function program(parts: Iterable<readonly number[]>): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) for (const byte of part) bytes.push(byte);
  return Uint8Array.from(bytes);
}

const HEAD = [
  ...[0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
  ...[0x80, 2, 0x4d, 0xe9, 3, 0x2e, 0x80, 2, 0x7d, 0x2e, 0x80, 2],
];
const STOP = 0x2e;

/** A file whose object a program makes; its storages are f32, by the order of their keys. @param keys the program of their list, if another */
export function legacy(
  made: ArrayLike<number>,
  storages: Readonly<Record<string, readonly number[]>> = {},
  keys: readonly number[] = [...op.list, ...op.mark, ...Object.keys(storages).flatMap((key) => op.text(key)), ...op.appends],
): Uint8Array {
  const data = Object.values(storages).flatMap((values) => [
    ...bytesOf(values.length, 8),
    ...new Uint8Array(Float32Array.from(values).buffer),
  ]);
  const tail = Uint8Array.from([STOP, 0x80, 2, ...keys, STOP, ...data]);
  const file = new Uint8Array(HEAD.length + made.length + tail.length);
  file.set(HEAD);
  file.set(made, HEAD.length);
  file.set(tail, HEAD.length + made.length);
  return file;
}
