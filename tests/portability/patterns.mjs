// Reads {pattern, negated, texts} as JSON, writes the verdicts as JSON; the argument is the flags.
import { readFileSync } from "node:fs";

const { pattern, negated, texts } = JSON.parse(readFileSync(0, "utf8"));
const [found, barred] = [pattern, negated].map((source) => new RegExp(source, process.argv[2]));
console.log(JSON.stringify(texts.map((text) => found.test(text) && !barred.test(text))));
