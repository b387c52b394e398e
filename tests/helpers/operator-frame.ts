import { expect, onTestFinished } from "vitest";
import { Frame, type Runtime } from "../../bindings/index.js";
import { operatorRuntime } from "./runtime.js";

/** A runtime with operators and a frame, for one test: at its end both are disposed of, and nothing may be left. */
export async function operatorFrame(): Promise<{ rt: Runtime; frame: Frame }> {
  const rt = await operatorRuntime();
  const frame = new Frame(rt);
  onTestFinished(() => {
    frame.dispose();
    rt.dispose();
    expect(rt.bytesInUse).toBe(0);
  });
  return { rt, frame };
}
