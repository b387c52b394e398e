/** Signals: training after training takes the same memory, whether it ends by itself, is stopped or is left. */
import { afterAll, expect, it } from "vitest";
import { engine } from "../../examples/playground/src/shared/engine";
import { type Choice, firstChoice } from "../../examples/playground/src/signals/choice";
import { tableOf } from "../../examples/playground/src/signals/csv";
import { seriesOf } from "../../examples/playground/src/signals/series";
import { type Listener, train } from "../../examples/playground/src/signals/train";

afterAll(async () => (await engine()).dispose());

it("ten trainings take no more than one", { timeout: 60_000 }, async () => {
  const rows = Array.from({ length: 200 }, (_, t) => `${t},${Math.sin(t / 3).toFixed(4)}`);
  const table = tableOf("t", ["t,value", ...rows].join("\n"));
  const rt = await engine();
  const bytes: number[] = [];
  for (let n = 0; n < 10; n++) {
    const choice: Choice = { ...firstChoice(table, "value"), units: n % 2 ? 8 : 64, kind: n % 3 ? "GRU" : "LSTM", passes: 2 };
    const controller = new AbortController();
    let checkpoint: Uint8Array<ArrayBuffer> | undefined;
    const listener: Listener = {
      ...{ signal: controller.signal, stopped: () => n % 4 === 1, onProgress() {} },
      onPass: () => n % 4 === 2 && controller.abort(),
      onCheckpoint(newest) {
        checkpoint = newest;
      },
    };
    const learned = await train(seriesOf(table, choice), listener).catch((error: Error) => error.name);
    expect(typeof learned === "string" ? learned : learned.stopped).toBe(["finished", "callback", "AbortError", "finished"][n % 4]);
    expect(checkpoint?.length).toBeGreaterThan(1000);
    bytes.push(await rt.bytesInUse);
  }
  expect(bytes).toEqual(bytes.map(() => 0));
});
