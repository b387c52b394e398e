import { expect } from "vitest";
import { LSTM, type Runtime, type RuntimeOptions, WasmRnnError } from "../../bindings/index.js";
import { draws, expectBits } from "./compare.js";
import { testRuntime } from "./runtime.js";

type ErrorType = new (...args: never[]) => WasmRnnError;

/** The error that the act ends with: of this very type, with these texts in its message. */
export function expectRefusal(act: () => unknown, type: ErrorType, ...texts: string[]): void {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  if (error === undefined) expect.fail(`expected ${type.name}: ${texts.join(" … ")}, got no error`);
  if (!(error instanceof WasmRnnError)) expect.fail(`expected ${type.name}, got ${String(error)}`);
  expect(`${error.name}: ${error.message}`).toContain(type.name);
  expect(error).toBeInstanceOf(type);
  for (const text of texts) expect(error.message).toContain(text);
}

/** A runtime, and a check that a refusal leaves it as it was: no byte taken or given back, and the bits of a known forward. */
export async function guarded(options: RuntimeOptions = {}) {
  const rt = await testRuntime(options);
  const known = new LSTM(rt, { inputSize: 3, hiddenSize: 5 });
  const x = rt.tensor(draws(1)(4 * 2 * 3), [4, 2, 3]);
  const forward = () => known.forward(x).output.toArray();
  const bits = forward();
  const refuse = (act: (rt: Runtime) => unknown, type: ErrorType, ...texts: string[]) => {
    const before = rt.bytesInUse;
    expectRefusal(() => act(rt), type, ...texts);
    expect(rt.bytesInUse, "bytes in use").toBe(before);
    expectUsable();
  };
  const expectUsable = () => expectBits("a known forward", forward(), bits);
  return { rt, refuse, expectUsable };
}

/** The same of a promise. */
export async function expectRejection(promise: Promise<unknown>, type: ErrorType, ...texts: string[]): Promise<void> {
  const settled = await promise.then(
    () => () => {},
    (error: unknown) => () => {
      throw error;
    },
  );
  expectRefusal(settled, type, ...texts);
}
