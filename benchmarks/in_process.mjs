// Does for Ajv what in_process.py does for the others: `in_process.mjs SCHEMA CONFORMING BROKEN`, with the same lines in and out.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv from "ajv/dist/2020.js";

const NANOSECONDS = 300_000_000n;

const [schema, conforming, broken] = process.argv.slice(2);
const isValid = new Ajv({ validateFormats: false, allowUnionTypes: true, strict: false }).compile(JSON.parse(readFileSync(schema)));
const lines = (file) => readFileSync(file, "utf8").trimEnd().split("\n");
const texts = lines(conforming).map((line) => Buffer.from(line));
const objects = texts.map((text) => JSON.parse(text));

const checks = {
  text: (text) => isValid(JSON.parse(text)),
  object: isValid,
};

function timed(check, payloads) {
  let passes = 0;
  let taken = 0n;
  while (taken < NANOSECONDS) {
    const began = process.hrtime.bigint();
    for (const payload of payloads) {
      check(payload);
    }
    taken += process.hrtime.bigint() - began;
    passes += 1;
  }
  return Number(taken) / passes / payloads.length;
}

const wrong = texts.find((text) => !checks.text(text)) ?? lines(broken).find((line) => checks.text(Buffer.from(line)));
for await (const line of createInterface({ input: process.stdin })) {
  const { form } = JSON.parse(line);
  const answer = { nanoseconds: timed(checks[form], form === "text" ? texts : objects) };
  if (wrong !== undefined) {
    answer.error = `gives the wrong verdict for ${wrong}`;
  }
  console.log(JSON.stringify(answer));
}
