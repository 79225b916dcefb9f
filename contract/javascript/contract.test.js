// The vectors as tests of JavaScript's JSON Schema validators: one test per vector and dialect, with formats asserted and not.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";

import { Validator, format as cfworkerFormats } from "@cfworker/json-schema";
import { registerSchema, setShouldValidateFormat, unregisterSchema, validate } from "@hyperjump/json-schema/draft-2020-12";
import "@hyperjump/json-schema/draft-07";
import "@hyperjump/json-schema/formats";
import { BASIC } from "@hyperjump/json-schema/experimental";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const HERE = import.meta.dirname;
// In an exported kit, the runner is in its own folder next to the schemas.
const KIT = existsSync(join(HERE, "../rules.json")) ? join(HERE, "..") : join(HERE, "../../schemas");
const SCHEMAS = process.env.GUESTCUST_SCHEMAS || KIT;
const ROOTS = [join(SCHEMAS, "vectors"), join(HERE, "../drawn")];
const STRUCTURE = "vcenter.vm.guest.customization.info";
const EDITIONS = { "2020-12": STRUCTURE, "draft-07": join("draft-07", STRUCTURE) };

const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
const { rules: RULES, versions: VERSIONS } = read(SCHEMAS, "rules.json");

// Each compiles a schema to a function that gives the locations that fail in an instance: none if it is valid.
const VALIDATORS = [
  { name: "ajv", locations: "schemaLocation", compile: withAjv },
  { name: "@hyperjump/json-schema", locations: "schemaLocation", compile: withHyperjump },
  { name: "@cfworker/json-schema", locations: "keywordLocation", compile: withCfworker },
];

function withAjv(schema, dialect, formats) {
  const options = { strict: true, allErrors: true, validateFormats: formats };
  const ajv = new (dialect === "2020-12" ? Ajv2020 : Ajv)(options);
  if (formats) addFormats(ajv);
  const validator = ajv.compile(schema);
  return (instance) => (validator(instance) ? [] : validator.errors.map((error) => pointer(error.schemaPath)));
}

async function withHyperjump(schema, dialect, formats) {
  setShouldValidateFormat(formats);
  registerSchema(schema);
  const validator = await validate(schema.$id);
  unregisterSchema(schema.$id);
  return (instance) => {
    setShouldValidateFormat(formats);
    const { valid, errors } = validator(instance, BASIC);
    return valid ? [] : errors.map((error) => pointer(error.absoluteKeywordLocation));
  };
}

const { "date-time": cfworkerDateTime } = cfworkerFormats;

function withCfworker(schema, dialect, formats) {
  const validator = new Validator(schema, dialect === "draft-07" ? "7" : dialect, false);
  return (instance) => {
    // It has no option for formats.
    cfworkerFormats["date-time"] = formats ? cfworkerDateTime : () => true;
    const { valid, errors } = validator.validate(instance);
    return valid ? [] : errors.map((error) => pointer(error.keywordLocation));
  };
}

const pointer = (location) => decodeURIComponent(location.slice(location.indexOf("#") + 1));

// The ids of the rules at the locations that failed; locations without a rule belong to applicators.
function rulesAt(failed, version, dialect, kind) {
  const location = (keyword) =>
    dialect === "draft-07" ? keyword[kind].replace("/$defs/", "/definitions/") : keyword[kind];
  const found = RULES.filter((rule) =>
    rule.keywords?.some((keyword) => keyword.versions.includes(version) && failed.includes(location(keyword))),
  );
  const ids = found.map((rule) => rule.id);
  // One cause gives one violation.
  return found.filter((rule) => !rule.supersededBy?.some((id) => ids.includes(id))).map((rule) => rule.id).sort();
}

function* vectorFiles() {
  for (const root of ROOTS.filter(existsSync)) {
    for (const version of readdirSync(join(root, "suite"))) {
      for (const file of readdirSync(join(root, "suite", version))) yield { root, version, file };
    }
  }
}

// Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json.
function* payloads() {
  const newest = VERSIONS.map(({ version }) => version).filter((version) =>
    existsSync(join(SCHEMAS, STRUCTURE, `${version}.schema.json`)),
  );
  const version = newest.at(-1);
  const list = (...path) => (existsSync(join(SCHEMAS, ...path)) ? readdirSync(join(SCHEMAS, ...path)) : []);
  const folders = [["valid"], ...list("payloads", "invalid").map((rule) => ["invalid", rule])];
  for (const [verdict, rule] of folders) {
    const folder = ["payloads", verdict, rule].filter(Boolean);
    for (const file of list(...folder).filter((name) => name.endsWith(".json"))) {
      const name = [...folder, file].join("/");
      yield { version, name, data: read(SCHEMAS, name), valid: !rule, broken: rule ? [rule] : [] };
    }
  }
}

const reports = [];
for (const { name, locations, compile } of VALIDATORS) {
  const { version: packageVersion } = read(HERE, "node_modules", name, "package.json");
  const report = { language: "JavaScript", validator: name, version: packageVersion, runs: [] };
  reports.push(report);
  for (const [dialect, folder] of Object.entries(EDITIONS)) {
    for (const formats of ["asserted", "annotated"]) {
      const run = { dialect, formats, vectors: 0, agreed: 0, disagreed: [], rules: 0 };
      report.runs.push(run);
      for (const { root, version, file } of vectorFiles()) {
        const schema = read(SCHEMAS, folder, `${version}.schema.json`);
        const failedIn = await compile(schema, dialect, formats === "asserted");
        const broken = read(root, "rules", version, file);
        for (const group of read(root, "suite", version, file)) {
          describe(`${name}/${dialect}/formats ${formats}/${version}/${file}/${group.description}`, () => {
            for (const { description, data, valid } of group.tests) {
              it(description, () => {
                run.vectors += 1;
                run.rules += 1;
                run.disagreed.push(`${version}/${file}/${group.description}/${description}`);
                const failed = failedIn(data);
                assert.equal(failed.length === 0, valid);
                assert.deepEqual(rulesAt(failed, version, dialect, locations), broken[group.description][description] ?? []);
                run.disagreed.pop();
                run.agreed += 1;
              });
            }
          });
        }
      }
      for (const { version, name: file, data, valid, broken } of payloads()) {
        const failedIn = await compile(read(SCHEMAS, folder, `${version}.schema.json`), dialect, formats === "asserted");
        it(`${name}/${dialect}/formats ${formats}/${file}`, () => {
          const failed = failedIn(data);
          const found = { valid: failed.length === 0, rules: rulesAt(failed, version, dialect, locations) };
          assert.deepEqual(found, { valid, rules: broken });
        });
      }
    }
  }
}

it("finds vectors", () => {
  for (const { runs } of reports) for (const run of runs) assert.notEqual(run.vectors, 0);
});

after(() => {
  if (!process.env.CONTRACT_RESULTS) return;
  for (const report of reports) {
    const file = `javascript-${report.validator.replace("/", "-")}.json`;
    writeFileSync(join(process.env.CONTRACT_RESULTS, file), JSON.stringify(report));
  }
});
