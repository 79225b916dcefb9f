// Ajv as in_process.py has the others: `in_process.mjs SCHEMA CONFORMING BROKEN`, and the same lines in and out.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";

const NANOSECONDS = 300_000_000n;

const [schema, conforming, broken] = process.argv.slice(2);
const isValid = new Ajv({ validateFormats: false, allowUnionTypes: true, strict: false }).compile(JSON.parse(readFileSync(schema)));
const lines = (file) => readFileSync(file, "utf8").trimEnd().split("\n");
const texts = lines(conforming).map((line) => Buffer.from(line));
const objects = texts.map((text) => JSON.parse(text));

const judges = {
  text: (text) => isValid(JSON.parse(text)),
  object: isValid,
};

function timed(judge, payloads) {
  let passes = 0;
  let taken = 0n;
  while (taken < NANOSECONDS) {
    const began = process.hrtime.bigint();
    for (const payload of payloads) {
      judge(payload);
    }
    taken += process.hrtime.bigint() - began;
    passes += 1;
  }
  return Number(taken) / passes / payloads.length;
}

const wrong = texts.find((text) => !judges.text(text)) ?? lines(broken).find((line) => judges.text(Buffer.from(line)));
for await (const line of createInterface({ input: process.stdin })) {
  const { form } = JSON.parse(line);
  const answer = { nanoseconds: timed(judges[form], form === "text" ? texts : objects) };
  if (wrong !== undefined) {
    answer.error = `says the wrong thing of ${wrong}`;
  }
  console.log(JSON.stringify(answer));
}
