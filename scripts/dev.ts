/** `npm run dev`: builds, and builds again whenever a source is saved. */
import { watch } from "node:fs";
import { join } from "node:path";
import { ensureBuild, root } from "./ensure-build.js";

let pending: NodeJS.Timeout | undefined;

function build() {
  const start = performance.now();
  try {
    ensureBuild();
    console.log(`built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch {
    console.error("the build failed"); // and has said why
  }
}

build();
for (const folder of ["assembly", "bindings"]) {
  watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(pending);
    pending = setTimeout(build, 100); // editors save in several steps
  });
}
console.log("watching assembly/ and bindings/");
