/** What not every host has. An AudioWorklet lacks most: neither clock nor text codecs, and nothing that copies. */
import { FormatError } from "./errors.js";

/** The clock, in milliseconds. */
export const performance = {
  now: (): number => (globalThis.performance ?? Date).now(),
};

/** A deep copy of plain data. */
export function structuredClone<T>(data: T): T {
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((item) => structuredClone(item)) as T;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, structuredClone(value)])) as T;
}

/** A text's UTF-8. @throws {URIError} on half a surrogate pair, which no JSON.stringify gives */
export function utf8Of(text: string): Uint8Array {
  if (globalThis.TextEncoder) return new TextEncoder().encode(text);
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    const isEscape = escaped[i] === "%";
    bytes.push(isEscape ? Number.parseInt(escaped.slice(i + 1, i + 3), 16) : escaped.charCodeAt(i));
    if (isEscape) i += 2;
  }
  return Uint8Array.from(bytes);
}

/** The text of UTF-8. @throws {TypeError} @throws {URIError} when it is none */
export function textOf(utf8: Uint8Array): string {
  if (globalThis.TextDecoder) return new TextDecoder("utf-8", { fatal: true }).decode(utf8);
  return decodeURIComponent(Array.from(utf8, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
}

/** Bytes that are made characters at once: each is an argument. */
const PIECE = 4096;

/** A character a byte, of the same number. A TextDecoder's "latin1" is windows-1252, which has others from 0x80 to 0x9f. */
export function charactersOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return text;
}

/** @throws {FormatError} where there is none: a browser in lockdown, V8 without its compilers */
export function checkWebAssembly(): void {
  if (!globalThis.WebAssembly) throw new FormatError("build: expected a host with WebAssembly, got one without");
}
