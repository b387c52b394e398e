/** Convolution of pictures, forward and backward, beside the roofline: the first layers of small networks, a large one, one with strides. */
import { conv2d, conv2dBackward, type Geometry, placesOf } from "../../tests/reference/conv2d.js";
import { assertClose, type Case, numbers } from "../harness.js";
import { instantiate } from "../raw.js";

/** Pictures, channels, rows and columns, channels of y, taps, stride. */
const CONVOLUTIONS = [
  [64, 3, 32, 8, 3, 1],
  [64, 8, 24, 16, 3, 1],
  [64, 32, 6, 32, 3, 1],
  [16, 64, 32, 64, 3, 1],
  [64, 16, 24, 32, 3, 2],
  [16, 64, 32, 64, 1, 1],
] as const;

/** As the kernels number their passes. */
const PASSES = ["forward", "input", "weights"] as const;

export function pictureCases(build: string, operators: Uint8Array): Case[] {
  return CONVOLUTIONS.flatMap((sizes) => PASSES.map((_, pass) => convolution(build, operators, sizes, pass)));
}

function convolution(build: string, operators: Uint8Array, [N, C, H, O, K, s]: (typeof CONVOLUTIONS)[number], pass: number): Case {
  const padding = K >> 1;
  const geometry: Geometry = {
    ...{ N, C, H, W: H, O, groups: 1, kernel: [K, K], stride: [s, s], padding: [padding, padding], dilation: [1, 1] },
  };
  const [OH, OW] = placesOf(geometry);
  const { exports, memory, base } = instantiate(operators, 1024);
  const call = (name: string) => exports[name] as (...args: number[]) => number;
  new Int32Array(memory.buffer, base, 16).set([N, 1, C, H, H, O, K, K, OH, OW, s, s, padding, padding, 1, 1]);
  let top = base + 64;
  const piece = (count: number) => {
    const floats = new Float32Array(memory.buffer, top, count);
    floats.set(numbers(count));
    top += 4 * (count + 16);
    return floats;
  };
  const [x, w, y, result] = [
    piece(N * C * H * H),
    piece(O * C * K * K),
    piece(N * O * OH * OW),
    piece(Math.max(N * C * H * H, O * C * K * K)),
  ];
  const scratch = Math.ceil(top / 16) * 16;
  const [px, pw, py, pr] = [x, w, y, result].map(({ byteOffset }) => byteOffset) as [number, number, number, number];
  const kernels = { forward: call("op_conv2d_f32"), input: call("op_conv2d_input_f32"), weights: call("op_conv2d_weights_f32") };
  const runs = [
    () => void kernels.forward(py, px, pw, 0, scratch, base),
    () => void kernels.input(pr, py, pw, scratch, base),
    () => void kernels.weights(pr, py, px, scratch, base),
  ];
  return {
    id: `conv2d/${PASSES[pass]}/N${N}-C${C}-${H}x${H}-O${O}-k${K}-s${s}`,
    contender: `wasm-rnn/${build}`,
    flops: 2 * N * O * OH * OW * C * K * K,
    run: runs[pass] as () => void,
    validate() {
      if (PASSES[pass] === "weights") return; // sums over all pictures: the tests hold them
      this.run();
      const first = { ...geometry, N: 1 };
      const places = O * OH * OW;
      if (PASSES[pass] === "forward") return assertClose(this.id, y.slice(0, places), conv2d(first, x, w, new Float32Array(O)), 1e-5);
      const { dx } = conv2dBackward(first, x.slice(0, C * H * H), w, y.slice(0, places));
      assertClose(this.id, result.slice(0, C * H * H), dx, 1e-5);
    },
  };
}
