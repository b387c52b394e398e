/** The text of a file, or plain words about why there is none. */

const LARGEST = 100_000_000;

/** @throws {Error} in plain words */
export async function textOf(file: Blob): Promise<string> {
  if (file.size === 0) throw new Error("The file is empty.");
  if (file.size > LARGEST) throw new Error(`The file has ${Math.round(file.size / 1e6)} MB; at most ${LARGEST / 1e6} MB are read here.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    throw new Error("This is a packed file, perhaps of a spreadsheet program: save the sheet as CSV there, and take that.");
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  if (bytes.subarray(0, 100_000).includes(0))
    throw new Error("This is no text: a CSV file is needed, rows of numbers with commas between them.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes); // what older spreadsheets write
  }
}
