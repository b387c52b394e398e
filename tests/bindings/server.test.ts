/** The example server on loopback: rows for clients, and whatever clients do wrong. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRuntime, Dense, GRU, type Runtime, Sequential } from "wasm-rnn";
import { type Answer, Client } from "../../examples/server/client.js";
import { Service } from "../../examples/server/service.js";
import { expectBits } from "../helpers/compare.js";

let rt: Runtime;
let model: Sequential;
let service: Service;
let port: number;
beforeAll(async () => {
  rt = await createRuntime({ seed: 1 });
  model = new Sequential(rt, [new GRU(rt, { inputSize: 2, hiddenSize: 5 }), new Dense(rt, { inputSize: 5, outputSize: 1 })]);
  service = new Service(model, 3, 2);
  port = await service.listen(0);
});
afterAll(async () => {
  await service.close();
  model.dispose();
  expect(rt.bytesInUse).toBe(0);
  rt.dispose();
});
beforeEach(() => expect.poll(() => service.live).toBe(0));

/** The answers to samples that are posted one after another. */
async function talk(client: Client, samples: readonly number[][]): Promise<number[]> {
  const answers: Answer[] = [];
  const all = new Promise<void>((resolve) => {
    client.onAnswer = (answer) => {
      answers.push(answer);
      if (answers.length === samples.length) resolve();
    };
  });
  for (const sample of samples) expect(await client.post(JSON.stringify(sample))).toBe(202);
  await all;
  expect(answers.map(({ n }) => n)).toEqual(samples.map((_, n) => n));
  return answers.map(({ logit }) => logit);
}

it("three clients at once, and one that takes another's row: each has the bits of a stream alone", async () => {
  const samplesOf = (i: number) => Array.from({ length: 6 }, (_, t) => [Math.sin(i + t), Math.cos(i * t)]);
  const alone = (i: number) => {
    const stream = model.stream();
    const logits = samplesOf(i).map((sample) => {
      stream.input.set(sample);
      stream.step();
      return stream.output[0] as number;
    });
    stream.dispose();
    return Float32Array.from(logits);
  };
  const clients = await Promise.all([0, 1, 2].map(() => Client.open(port)));
  const heard = await Promise.all(clients.map((client, i) => talk(client, samplesOf(i))));
  for (const [i, logits] of heard.entries()) expectBits(`client ${i}`, Float32Array.from(logits), alone(i));
  clients[1]?.close();
  await expect.poll(() => service.live).toBe(2);
  const next = await Client.open(port);
  expectBits("the next", Float32Array.from(await talk(next, samplesOf(9))), alone(9));
  for (const client of [...clients, next]) client.close();
});

describe("refused", () => {
  it("a client too many, until one goes", async () => {
    const clients = await Promise.all([0, 1, 2].map(() => Client.open(port)));
    await expect(Client.open(port)).rejects.toThrow("503");
    clients[0]?.close();
    await expect.poll(() => service.live).toBe(2);
    const next = await Client.open(port);
    for (const client of [...clients, next]) client.close();
  });

  it.each([
    ["no JSON", "{", 400],
    ["no array", "7", 400],
    ["too few numbers", "[1]", 400],
    ["a number that is none", '[1, "2"]', 400],
    ["a number that is not finite", "[1, 1e999]", 400],
    ["too much", `[${"1,".repeat(5000)}1]`, 413],
  ])("%s, and the stream goes on", async (_, body, status) => {
    const client = await Client.open(port);
    expect(await client.post(body)).toBe(status);
    expect(await talk(client, [[1, 2]])).toHaveLength(1);
    client.close();
  });

  it("an unknown stream, one that has gone, another path", async () => {
    const client = await Client.open(port);
    expect(await client.post("[1,2]", "nobody")).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/elsewhere`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/stream`, { method: "POST" })).status).toBe(404);
    client.close();
    await expect.poll(() => service.live).toBe(0);
    expect(await client.post("[1,2]")).toBe(404);
  });
});

it("a client that goes while its sample waits takes nobody along", async () => {
  const [one, other] = await Promise.all([Client.open(port), Client.open(port)]);
  const posted = one.post("[1,2]");
  one.close();
  const logits = await talk(other, [[1, 2]]);
  await posted;
  expect(logits).toHaveLength(1);
  other.close();
});
