// Types generated from the schema: each output compiles, has an enum of the statuses and a type for times, and reads every
// conforming vector. Needs go, java with mvn, python3 and cargo.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { compile } from "json-schema-to-typescript";
import openapiTypescript, { astToString } from "openapi-typescript";
import { InputData, JSONSchemaInput, quicktypeMultiFile } from "quicktype-core";

import { GENERATED, HERE, NEWEST, SCHEMA, SCHEMAS, STATUSES, conforming, toGenerate } from "./files.js";

const NAME = "GuestCustomizationInfo";
const VECTORS = toGenerate(GENERATED, "conforming.json");
const schema = JSON.parse(readFileSync(SCHEMA, "utf8"));
const vectors = conforming();
writeFileSync(VECTORS, JSON.stringify(vectors));
assert.ok(vectors.length > 300);

// The output of a program without its last line feed; fails with what it wrote.
async function run(folder, program, ...args) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: join(HERE, folder), maxBuffer: 1e8 });
    return stdout.trim();
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}\n${error.stdout}${error.stderr}`);
  }
}

// Each reader prints the vectors that it could not read, one per line, and then the statuses of its enum.
function assertRead(output, isBeyond = () => false) {
  const lines = output.split("\n");
  assert.deepEqual(lines.pop().split(" ").sort(), STATUSES.toSorted());
  assert.deepEqual(lines.filter((line) => !isBeyond(line)), []);
}

async function quicktype(lang, rendererOptions, ...folder) {
  const input = new JSONSchemaInput();
  await input.addSource({ name: NAME, schema: JSON.stringify(schema) });
  const inputData = new InputData();
  inputData.addInput(input);
  const files = await quicktypeMultiFile({ inputData, lang, rendererOptions });
  for (const [name, { lines }] of files) {
    const file = name === "stdout" ? `${NAME.toLowerCase()}.go` : name;
    writeFileSync(toGenerate(HERE, ...folder, file), lines.join("\n"));
  }
}

it("json-schema-to-typescript and openapi-typescript", async () => {
  const one = await compile(structuredClone(schema), NAME, { bannerComment: "" });
  assert.equal(one.match(/export type GuestCustomizationInfo = \{/g).length, 1, one);
  assert.doesNotMatch(one, /unknown/);
  writeFileSync(toGenerate(GENERATED, "typescript", "schema.ts"), one);
  const uses = [`import type { ${NAME} } from "./schema.js";`];
  const types = [NAME];
  for (const [index, folder] of ["", "3.0"].entries()) {
    const document = new URL(`file://${join(SCHEMAS, "openapi", folder, `${NEWEST}.openapi.json`)}`);
    writeFileSync(join(GENERATED, "typescript", `openapi${index}.ts`), astToString(await openapiTypescript(document)));
    uses.push(`import type { components as components${index} } from "./openapi${index}.js";`);
    types.push(`components${index}["schemas"]["Info"]`);
  }
  for (const [index, type] of types.entries()) {
    uses.push(`export const read${index}: ${type}[] = ${JSON.stringify(vectors)};`);
    for (const status of STATUSES) uses.push(`export const ${status}${index}: ${type}["status"] = "${status}";`);
    uses.push(`// @ts-expect-error - a status that is not in the enum\nexport const x${index}: ${type}["status"] = "DONE";`);
  }
  writeFileSync(join(GENERATED, "typescript", "use.ts"), uses.join("\n"));
  writeFileSync(join(GENERATED, "package.json"), '{ "type": "module" }\n');
  await run(".", "node", "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "generated/typescript/use.ts");
});

it("quicktype and oapi-codegen for Go", async () => {
  await quicktype("go", { package: "quicktype" }, "go", "generated", "quicktype");
  const target = toGenerate(HERE, "go", "generated", "oapi", "oapi.go");
  const document = join(SCHEMAS, "openapi", "3.0", `${NEWEST}.openapi.json`);
  await run("go", "go", "tool", "oapi-codegen", "-generate", "types", "-package", "oapi", "-o", target, document);
  assertRead(await run("go", "go", "run", ".", VECTORS));
});

it("quicktype for Java", async () => {
  await quicktype("java", { package: "info" }, "java", "src", "main", "java", "info");
  await run("java", "mvn", "-q", "-B", "test", `-Dvectors=${VECTORS}`, `-Dout=${join(GENERATED, "java.txt")}`);
  // java.time has at most nine fraction digits, and offsets up to 18 hours.
  const isBeyond = (line) => /[.]\d{10}|[+-](18|19|2\d):\d\d"/.test(line);
  assertRead(readFileSync(join(GENERATED, "java.txt"), "utf8").trim(), isBeyond);
});

it("datamodel-code-generator", async () => {
  if (!existsSync(join(HERE, "python", ".venv"))) await run("python", "python3", "-m", "venv", ".venv");
  await run("python", ".venv/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", "requirements.txt");
  const options = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"];
  const target = toGenerate(HERE, "python", "generated", "info.py");
  await run("python", ".venv/bin/datamodel-codegen", "--input", SCHEMA, ...options, "--output", target);
  assertRead(await run("python", ".venv/bin/python", "read.py", VECTORS));
});

it("typify", async () => {
  const { allOf, ...unconditional } = schema;
  writeFileSync(toGenerate(HERE, "rust", "generated", "schema.json"), JSON.stringify(unconditional));
  assertRead(await run("rust", "cargo", "run", "--quiet", "--locked", VECTORS));
});
