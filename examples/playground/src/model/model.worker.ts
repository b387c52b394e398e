/** One file, in a thread of its own: whatever is wrong with it, the page lives on, and all of it goes with the thread. */
import { expose } from "comlink";
import { type Drawing, drawn } from "./drawing";
import type { GivenFile } from "./files";
import type { Feed, Opened, Outcome, Shape } from "./opened";
import { type Read, read } from "./reading";
import { ran, type Session } from "./running";
import { sampleFile } from "./sample";

let file: Read | undefined;
let session: Session | undefined;
let shapes: ReadonlyMap<string, Shape> = new Map();

const api = {
  sample: sampleFile,
  /** @throws {Error} in plain words */
  async open(files: readonly GivenFile[]): Promise<Opened> {
    file = await read(files);
    shapes = file.opened.network?.shapes ?? shapes;
    return file.opened;
  },
  draw(most: number): Drawing | undefined {
    const network = file?.opened.network;
    return network && drawn(network, shapes, most);
  },
  async run(feeds: readonly Feed[]): Promise<Outcome> {
    if (!file?.session) throw new Error("There is nothing to run.");
    session ??= await file.session();
    const outcome = ran(file.rt, session, feeds);
    shapes = new Map([...shapes, ...outcome.shapes]);
    return outcome;
  },
};

export type ModelApi = typeof api;
expose(api);
