/** Where the windows of a convolution or a pool lie: along each axis of space. Source: ONNX's operators, Conv, ConvTranspose and MaxPool. */
import { sizeOf } from "../../checks.js";
import { FormatError } from "../../errors.js";
import type { OnnxNode } from "../node.js";

/** Along one axis. */
export interface Window {
  /** Elements of the input. */
  readonly size: number;
  /** Taps of the window. */
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  /** Of padding, before the first element and behind the last. */
  readonly before: number;
  readonly after: number;
  /** Places of the window: elements of the result. */
  readonly places: number;
}

/** Attributes that say it. */
export const WINDOW_ATTRIBUTES = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"];
/** More padding or distance than this is none. */
const MOST = 2 ** 16;
/** Places of a channel that a file may ask for, whatever it is given; beyond them as many times what it is given. */
const [FREE, TIMES] = [2 ** 22, 16];

/** What is wrong with the attributes, if anything is. */
export function windowFault(node: OnnxNode): string | undefined {
  const pads = node.string("auto_pad", "NOTSET");
  return ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].includes(pads) ? undefined : `its auto_pad is ${pads.slice(0, 100)}`;
}

/** @param sizes of the axes of space @param taps of the window, by axes @throws {FormatError} */
export function windowsOf(node: OnnxNode, sizes: readonly number[], taps: readonly number[], roundsUp = false): Window[] {
  const rank = sizes.length;
  const strides = listOf(node, "strides", rank, 1);
  const dilations = listOf(node, "dilations", rank, 1);
  const pads = listOf(node, "pads", 2 * rank, 0);
  checkTaps(node, taps, rank);
  const auto = node.string("auto_pad", "NOTSET");
  const windows = sizes.map((size, d) => {
    const [stride, dilation] = [strides[d] as number, dilations[d] as number];
    const span = ((taps[d] as number) - 1) * dilation + 1;
    let [before, after] = auto === "NOTSET" ? [pads[d] as number, pads[rank + d] as number] : [0, 0];
    if (auto.startsWith("SAME")) {
      const padding = Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
      before = auto === "SAME_UPPER" ? Math.floor(padding / 2) : Math.ceil(padding / 2);
      after = padding - before;
    }
    const room = size + before + after - span;
    if (room < 0)
      throw new FormatError(
        `onnx: ${node.label}: expected ${span} elements or more along axis ${d} of space, got ${size + before + after}`,
      );
    let places = (roundsUp ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    if (roundsUp && (places - 1) * stride >= size + before) places--; // a window that begins in the padding behind is none
    return { size, taps: taps[d] as number, stride, dilation, before, after, places };
  });
  return bounded(node, windows, sizes);
}

/** A small file cannot ask for much memory. @throws {FormatError} */
function bounded(node: OnnxNode, windows: Window[], sizes: readonly number[]): Window[] {
  const most = Math.max(FREE, TIMES * sizeOf(sizes));
  const asked = Math.max(
    sizeOf(windows.map(({ size, before, after }) => size + before + after)),
    sizeOf(windows.map(({ places }) => places)),
  );
  if (asked > most)
    throw new FormatError(`onnx: ${node.label}: expected at most ${most} places of a channel, padding and all, got ${asked}`);
  return windows;
}

/** The windows of a transposed convolution: those of the convolution that it turns round. @throws {FormatError} */
export function windowsBack(node: OnnxNode, sizes: readonly number[], taps: readonly number[]): Window[] {
  const rank = sizes.length;
  const strides = listOf(node, "strides", rank, 1);
  const dilations = listOf(node, "dilations", rank, 1);
  const pads = listOf(node, "pads", 2 * rank, 0);
  const more = listOf(node, "output_padding", rank, 0);
  const auto = node.string("auto_pad", "NOTSET");
  checkTaps(node, taps, rank);
  const windows = sizes.map((places, d) => {
    const [stride, dilation] = [strides[d] as number, dilations[d] as number];
    if ((more[d] as number) > 0 && (more[d] as number) >= Math.max(stride, dilation))
      throw new FormatError(`onnx: ${node.label}: expected an output_padding below ${Math.max(stride, dilation)}, got ${more[d]}`);
    const whole = (places - 1) * stride + ((taps[d] as number) - 1) * dilation + 1 + (more[d] as number);
    const asked = auto.startsWith("SAME") ? places * stride : undefined;
    let [before, after] = auto === "NOTSET" ? [pads[d] as number, pads[rank + d] as number] : [0, 0];
    if (asked !== undefined) {
      const padding = whole - asked;
      before = auto === "SAME_UPPER" ? Math.floor(padding / 2) : Math.ceil(padding / 2);
      after = padding - before;
    }
    const size = whole - before - after;
    if (size < 0) throw new FormatError(`onnx: ${node.label}: expected a size of axis ${d} of space, got ${size}`);
    return { size, taps: taps[d] as number, stride, dilation, before, after, places };
  });
  return bounded(node, windows, sizes);
}

/** @throws {FormatError} */
function checkTaps(node: OnnxNode, taps: readonly number[], rank: number): void {
  const own = node.ints("kernel_shape") ?? taps;
  const isSound = own.length === rank && taps.length === rank && own.every((size, d) => size === taps[d] && size > 0);
  if (!isSound) throw new FormatError(`onnx: ${node.label}: expected a window of ${rank} axes, got [${own.slice(0, 9).join(", ")}]`);
}

function listOf(node: OnnxNode, name: string, length: number, least: 0 | 1): readonly number[] {
  const list = node.ints(name);
  if (!list || list.length === 0) return new Array<number>(length).fill(least);
  if (list.length === length && list.every((value) => Number.isInteger(value) && value >= least && value <= MOST)) return list;
  throw new FormatError(`onnx: ${node.label}: expected ${length} ${name} from ${least} up, got [${list.slice(0, 9).join(", ")}]`);
}
