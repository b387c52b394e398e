/** The files that are dropped together: a model.json comes with its weights. */

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The one that says what the others are. */
export function mainOf(files: readonly GivenFile[]): GivenFile {
  const main = files.find(({ name }) => /\.json$/i.test(name)) ?? files[0];
  if (!main) throw new Error("There is no file.");
  return main;
}

/** What gives the files of weights that a model.json names. */
export function beside(files: readonly GivenFile[], main: GivenFile): (path: string) => Uint8Array {
  return (path) => {
    const wanted = path.replace(/^.*\//, "");
    const found = files.find((file) => file !== main && file.name === wanted);
    if (found) return found.bytes;
    throw new Error(`${main.name} names a file of weights, ${wanted.slice(0, 100)}: choose or drop both of them together.`);
  };
}
