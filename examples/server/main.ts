/** A thousand live streams of one model behind Node's http, and a load test of it. README.md says more. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import pc from "picocolors";
import { Adam, BCEWithLogitsLoss, createRuntime, fit, type Sequential } from "wasm-rnn";
import { type Place, placesOfMay } from "../sensor-faults/data.js";
import { FEATURES, featuresOf } from "../sensor-faults/features.js";
import { windows } from "../sensor-faults/learn.js";
import { build } from "../sensor-faults/model.js";
import { count, number, run, seed } from "../shared/program.js";
import { Client } from "./client.js";
import { Service } from "./service.js";

interface Options {
  readonly clients: number;
  readonly samples: number;
  readonly interval: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly port: number;
  readonly seed: number;
  readonly serve?: true;
}

/** One in so many clients is compared with a stream alone. */
const COMPARED = 20;

function parseOptions(): Options {
  return new Command()
    .name("npm run example server --")
    .option("--clients <n>", "live streams", count, 1000)
    .option("--samples <n>", "of each client", count, 10)
    .option("--interval <ms>", "between the samples of a client", number({ min: 0 }), 1000)
    .option("--hidden <n>", "units", count, 12)
    .option("--epochs <n>", "passes over the windows", count, 10)
    .option("--port <n>", "0: any that is free", number({ min: 0, max: 65_535, whole: true }), 0)
    .option("--seed <n>", "of everything random", seed, 1)
    .option("--serve", "serve, without a load test")
    .addOption(new Option("--quick", "2 passes, 3 samples").implies({ epochs: 2, samples: 3, interval: 500 }))
    .parse()
    .opts();
}

async function learn(model: Sequential, place: Place, { epochs, seed }: Options): Promise<void> {
  using loss = new BCEWithLogitsLoss(model.runtime, { posWeight: [5] });
  using optimizer = new Adam(model.parameters(), { lr: 0.01 });
  await fit(model, { data: place.motes.flatMap(windows), loss, optimizer, epochs, batchSize: 16, features: FEATURES, clipNorm: 1, seed });
}

interface Heard {
  readonly logits: number[];
  /** Milliseconds from the post to the answer. */
  readonly latencies: number[];
}

/** Posts a sample, waits for its answer and for the next sample's time, and so on. Clients begin at different times. */
async function converse(client: Client, readings: readonly number[][], interval: number, delay: number): Promise<Heard> {
  const heard: Heard = { logits: [], latencies: [] };
  await sleep(delay);
  for (const x of readings) {
    const begin = performance.now();
    const answered = new Promise<void>((resolve) => {
      client.onAnswer = ({ logit }) => {
        heard.logits.push(logit);
        heard.latencies.push(performance.now() - begin);
        resolve();
      };
    });
    const status = await client.post(JSON.stringify(x));
    if (status !== 202) throw new Error(`a post was answered by ${status}`);
    await answered;
    await sleep(Math.max(0, interval - (performance.now() - begin)));
  }
  return heard;
}

async function load(model: Sequential, service: Service, port: number, place: Place, options: Options): Promise<boolean> {
  const mote = place.motes.flatMap(featuresOf);
  const slice = (i: number) => Array.from({ length: options.samples }, (_, t) => mote[(i * 7 + t) % mote.length] as number[]);
  const clients: Client[] = [];
  for (let i = 0; i < options.clients; i += 50) {
    const some = Math.min(50, options.clients - i);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => Client.open(port)))));
  }
  console.log(`  ${service.live} streams are open`);
  const begin = performance.now();
  const talk = (client: Client, i: number) => converse(client, slice(i), options.interval, (options.interval * i) / options.clients);
  const heard = await Promise.all(clients.map(talk));
  const seconds = (performance.now() - begin) / 1000;
  for (const client of clients) client.close();

  const latencies = heard.flatMap((each) => each.latencies).sort((a, b) => a - b);
  const at = (q: number) => (latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] as number).toFixed(1);
  console.log(`  ${latencies.length} answers in ${seconds.toFixed(1)} s: ${(latencies.length / seconds).toFixed(0)} a second`);
  console.log(`  ${service.steps} steps, ${(service.rows / service.steps).toFixed(1)} rows each`);
  console.log(`  from post to answer, client and server in one process: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  const compared = heard.map((_, i) => i).filter((i) => i % COMPARED === 0);
  const equal = compared.filter((i) => isAlone(model, slice(i), (heard[i] as Heard).logits)).length;
  console.log(`  ${equal} of ${compared.length} clients compared had the bits of a stream alone\n`);
  return equal === compared.length;
}

/** Whether a stream that nobody else is in gives the same. */
function isAlone(model: Sequential, readings: readonly number[][], logits: readonly number[]): boolean {
  using stream = model.stream();
  return readings.every((x, t) => {
    stream.input.set(x);
    stream.step();
    return Object.is(stream.output[0], logits[t]);
  });
}

async function main(): Promise<number> {
  const options = parseOptions();
  using rt = await createRuntime({ seed: options.seed });
  const [indoors, outdoors] = placesOfMay();
  const model = build(rt, "GRU", options.hidden);
  console.log(`  A GRU of ${options.hidden} units learns ${pc.bold("indoors")} what a faulty reading is`);
  await learn(model, indoors, options);
  const before = rt.bytesInUse;
  const service = new Service(model, options.clients, FEATURES);
  const port = await service.listen(options.port);
  const bytes = rt.bytesInUse - before;
  console.log(`  http://127.0.0.1:${port} has room for ${options.clients} streams: ${(bytes / options.clients).toFixed(0)} bytes each`);
  if (options.serve) {
    await new Promise((resolve) => process.once("SIGINT", resolve));
    await service.close();
    return 0;
  }
  try {
    return (await load(model, service, port, outdoors, options)) ? 0 : 1;
  } finally {
    await service.close();
  }
}

await run(main);
