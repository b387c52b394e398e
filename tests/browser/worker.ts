/** Runs the scenario with the library that it is told. */
import { trainAndStream } from "./scenario.js";

addEventListener("message", async ({ data: { library, build } }) => {
  try {
    postMessage(await trainAndStream(await import(library), build));
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
