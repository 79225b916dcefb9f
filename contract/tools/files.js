// The published files, and the folder for generated ones.

import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export const HERE = import.meta.dirname;
export const SCHEMAS = join(HERE, "../../schemas");
export const STRUCTURE = "vcenter.vm.guest.customization.info";
export const GENERATED = join(HERE, "generated");

export const read = (...path) => JSON.parse(readFileSync(join(SCHEMAS, ...path), "utf8"));

export const VERSIONS = read("rules.json").versions.map(({ version }) => version);
export const NEWEST = VERSIONS.at(-1);
// The rules of the schema.
export const RULES = read("rules.json").rules.filter(({ checkedBy }) => checkedBy === "schema");
export const SCHEMA = join(SCHEMAS, STRUCTURE, `${NEWEST}.schema.json`);
export const STATUSES = read(STRUCTURE, `${NEWEST}.schema.json`).properties.status.enum;

// Every conforming vector of the newest version.
export function conforming() {
  const files = readdirSync(join(SCHEMAS, "vectors/suite", NEWEST));
  const groups = files.flatMap((file) => read("vectors/suite", NEWEST, file));
  return groups.flatMap(({ tests }) => tests.filter(({ valid }) => valid).map(({ data }) => data));
}

// The path of a file to generate, whose folder exists.
export function toGenerate(...path) {
  const file = join(...path);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
