/** What tests of the tab Voice do to it. */
import type { Page } from "playwright-core";

/** As if it were dropped. */
export async function choose(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.getByLabel("Choose a sound file").setInputFiles({ name, mimeType: "audio/wav", buffer: Buffer.from(bytes) });
}

/** @returns what tells of each use of the microphone from now on whether it is "live" or "ended" */
export async function watchMicrophone(page: Page): Promise<() => Promise<(string | undefined)[]>> {
  await page.evaluate(() => {
    const streams: MediaStream[] = [];
    Object.assign(globalThis, { streams });
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (asked) => {
      const stream = await open(asked);
      streams.push(stream);
      return stream;
    };
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { streams: MediaStream[] }).streams.map((stream) => stream.getTracks()[0]?.readyState));
}

/** @returns what tells the numbers of all steps that workers have told the page from now on */
export async function stepsTold(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const numbers: number[] = [];
    Object.assign(globalThis, { numbers });
    const add = MessagePort.prototype.addEventListener;
    MessagePort.prototype.addEventListener = function (this: MessagePort, ...listening: Parameters<typeof add>) {
      add.call(this, "message", (event) => {
        const told: { value?: { steps?: Float32Array } }[] = (event as MessageEvent).data.argumentList ?? [];
        numbers.push(...told.flatMap(({ value }) => [...(value?.steps ?? [])]));
      });
      add.apply(this, listening);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { numbers: number[] }).numbers);
}
