/** Text from a network in the worker, a character at a time. */
import { generateStream, type WorkerModel } from "wasm-rnn/worker";
import { promptTokens } from "./vocabulary";

export interface Style {
  readonly prompt: string;
  /** 0: always the likeliest. */
  readonly temperature: number;
  readonly topP: number;
}

export const MOST = { prompt: 1000, temperature: 1.5 };

export function isStyle({ prompt, temperature, topP }: Style): boolean {
  return prompt.length <= MOST.prompt && temperature >= 0 && temperature <= MOST.temperature && topP > 0 && topP <= 1;
}

/** As it is before anyone moves a slider. */
export const STYLE: Style = { prompt: "", temperature: 0.7, topP: 0.95 };

export async function* characters(
  model: WorkerModel,
  vocabulary: readonly string[],
  { prompt, temperature, topP }: Style,
  options: { readonly length: number; readonly signal?: AbortSignal },
): AsyncGenerator<string, void, void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const tokens = generateStream(model, promptTokens(prompt, vocabulary), { ...options, temperature, topP, seed });
  for await (const token of tokens) yield vocabulary[token] ?? "";
}

export async function text(...how: Parameters<typeof characters>): Promise<string> {
  let all = "";
  for await (const character of characters(...how)) all += character;
  return all;
}
