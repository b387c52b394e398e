/** Models of Keras: files of both forms. */
import { show, typedKind } from "../checks.js";
import { ArgumentError, FormatError } from "../errors.js";
import { foreignFile } from "../io/foreign-files.js";
import { checkConstruction } from "../layers/doors.js";
import type { Model } from "../model.js";
import type { Runtime } from "../runtime.js";
import { convert } from "./convert.js";
import type { ImportedModel } from "./tfjs.js";

/**
 * A model of Keras with its weights, of a `.keras` file (Keras 3, and 2 from 2.12 on) or a whole model in HDF5 (`.h5`, of Keras 2 or 3): a
 * Sequential of this package's layers where it is such layers one after another, else a `KerasModel`. It is in `eval()` mode.
 *
 * @param bytes of the file
 * @throws {FormatError} that lists every layer and attribute that is not supported; on a file of weights alone, or of another form
 * @throws {ArgumentError} when they are no bytes @throws {DisposedError} @throws {MemoryError}
 * @example
 * const model = await loadKeras(rt, await readFile("model.keras"));
 * const [{ data }] = await predict(model, [samples]);
 * Source: keras.io/api/models/model_saving_apis; The HDF Group, "HDF5 File Format Specification Version 3.0".
 */
export async function loadKeras<Loaded extends Model = ImportedModel>(runtime: Runtime, bytes: Uint8Array): Promise<Loaded> {
  checkConstruction(runtime, {}, []);
  if (typedKind(bytes) !== "Uint8Array") throw new ArgumentError("bytes", "a Uint8Array", show(bytes));
  const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength); // a Buffer's slice would be a view
  const read = await readerOf(own);
  const { config, weights, major } = read(own);
  return (await convert(runtime, config, { weights, major })) as Loaded;
}

/** Each reader is loaded when it is wanted. */
async function readerOf(bytes: Uint8Array) {
  const begins = (magic: string) => magic === String.fromCharCode(...bytes.subarray(0, magic.length));
  if (begins("PK\x03\x04")) return (await import("./archive.js")).readArchive;
  if (begins("\x89HDF\r\n\x1a\n")) return (await import("./h5.js")).readH5;
  const named = foreignFile(bytes);
  throw new FormatError(`keras: expected a .keras archive or an HDF5 file, got ${named ?? `${bytes.length} other bytes`}`);
}
