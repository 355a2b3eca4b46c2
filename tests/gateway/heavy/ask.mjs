// Asks the gateway with Mistral's TypeScript SDK, and prints what the SDK read as one line of JSON.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , home, serverURL, apiKey] = process.argv;
const found = createRequire(home + "/package.json").resolve("@mistralai/mistralai");
const { Mistral } = await import(pathToFileURL(found).href);
const question = { model: "codestral-latest", prompt: "def add(a, b):\n    ", suffix: "\n", stop: "\n\n", maxTokens: 64 };
const client = new Mistral({ apiKey, serverURL });

const whole = await client.fim.complete(question);
const pieces = [];
for await (const event of await client.fim.stream(question)) pieces.push(event.data);
const models = await client.models.list();

async function refusal(ask) {
  try {
    await ask();
  } catch (error) {
    return { name: error.name, status: error.statusCode };
  }
}

const refusals = [
  await refusal(() => client.fim.complete({ ...question, temperature: 9 })),
  await refusal(() => client.fim.complete({ ...question, model: "another" })),
  await refusal(() => new Mistral({ apiKey: "wrong", serverURL }).fim.complete(question)),
];
console.log(JSON.stringify({ whole, pieces, models: models.data.map((card) => card.id), refusals }));
