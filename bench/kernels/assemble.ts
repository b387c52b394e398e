/** The loops of the roofline as binaries; Node only. */
import binaryen from "binaryen";
import { type Loop, loopText } from "./roofline.js";

export function assembleLoop(build: string, loop: Loop): Uint8Array {
  const module = binaryen.parseText(loopText(build, loop));
  module.setFeatures(binaryen.Features.All);
  if (!module.validate()) throw new Error(`roofline: ${loop} does not validate`);
  const bytes = module.emitBinary(); // as written: binaryen does not optimise it
  module.dispose();
  return bytes;
}
