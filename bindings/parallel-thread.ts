/** The script of a pool's workers. One of one's own is this line: `export { default } from "wasm-rnn/parallel-thread"`. */
import { threadsOf } from "./parallel/host.js";
import { servePage } from "./parallel/page-workers.js";
import { work } from "./parallel/work.js";

const scope = globalThis as unknown as { readonly document?: unknown } & Parameters<typeof servePage>[0];
if (!threadsOf() && scope.document === undefined) servePage(scope, work);

/** What piscina calls in Node. */
export default work;
