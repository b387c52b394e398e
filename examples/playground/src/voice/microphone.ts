/** The microphone: blocks of its samples at a port, until it is closed. */
import captureUrl from "./capture.worklet.ts?worker&url";

export interface Microphone {
  /** Samples a second. */
  readonly rate: number;
  /** Where they arrive, as Float32Array: for another thread, too. */
  readonly blocks: MessagePort;
  /** Gives the device back. */
  close(): void;
}

/** By the name of the error. */
const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError:
    "This page may not use the microphone. It can be allowed in the browser's settings of this page, mostly beside its address.",
  SecurityError: "This page may not use the microphone, as the browser is set.",
  NotFoundError: "There is no microphone here, or it is switched off.",
  NotReadableError: "The microphone cannot be opened: another program may be using it.",
  AbortError: "The microphone cannot be opened: another program may be using it.", // as Firefox has it
};

/** Why there is no microphone, in plain words. */
export function whyNot(problem: unknown): string {
  if (!isSecureContext)
    return "Microphones are for pages that come by https, or from this machine itself. A sound file can be heard all the same.";
  const name = problem instanceof Error ? problem.name : "";
  return `${REASONS[name] ?? "The microphone cannot be used in this browser."} A sound file can be heard all the same.`;
}

/** @param onEnd called when it is unplugged, or no longer allowed @throws what `whyNot` says in plain words */
export async function openMicrophone(onEnd: () => void): Promise<Microphone> {
  // There is none outside of https and the machine itself. What a browser does for calls would change what was learned from.
  const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const context = new AudioContext();
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(captureUrl);
    await context.resume();
    context.addEventListener("statechange", () => {
      if (context.state !== "running" && context.state !== "closed") context.resume().catch(() => {}); // a call took the sound, or the device slept
    });
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    const { port1, port2 } = new MessageChannel();
    capture.port.postMessage(port1, [port1]);
    context.createMediaStreamSource(stream).connect(capture);
    stream.getAudioTracks()[0]?.addEventListener("ended", onEnd);
    return { rate: context.sampleRate, blocks: port2, close };
  } catch (problem) {
    close();
    throw problem;
  }
}
