/** main.ts in a page or a Worker, or why it does not run. */
const path = "./main.js";
const report = await import(path).then((main) => main.report, String);
await fetch("/report", { method: "POST", body: report });
