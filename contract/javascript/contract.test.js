// The vectors as tests of JavaScript's JSON Schema validators: one test per validator, dialect and file of vectors. A test per
// vector would take five times as long.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { Validator, format as cfworkerFormats } from "@cfworker/json-schema";
import { registerSchema, setShouldValidateFormat, unregisterSchema, validate } from "@hyperjump/json-schema/draft-2020-12";
import "@hyperjump/json-schema/draft-07";
import "@hyperjump/json-schema/formats";
import { BASIC } from "@hyperjump/json-schema/experimental";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import Ajv6 from "ajv6";
import isMyJsonValid from "is-my-json-valid";
import { compileSchema } from "json-schema-library";
import jsonschema from "jsonschema";
import tv4 from "tv4";
import { Compile } from "typebox/schema";
import ZSchema from "z-schema";

const HERE = import.meta.dirname;
// In an exported kit, the runner is in its own folder next to the schemas.
const KIT = existsSync(join(HERE, "../rules.json")) ? join(HERE, "..") : join(HERE, "../../schemas");
const SCHEMAS = process.env.GUESTCUST_SCHEMAS || KIT;
const ROOTS = [join(SCHEMAS, "vectors"), join(HERE, "../drawn")];
const STRUCTURE = "vcenter.vm.guest.customization.info";
const EDITIONS = { "2020-12": STRUCTURE, "draft-07": join("draft-07", STRUCTURE), "draft-04": join("draft-04", STRUCTURE) };

const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
const { rules: RULES, versions: VERSIONS } = read(SCHEMAS, "rules.json");

const ALL_RUNS = ["2020-12", "draft-07"].flatMap((dialect) => ["asserted", "annotated"].map((formats) => [dialect, formats]));

// Each compiles a schema to a function that gives the locations that fail in an instance: none if it is valid. Those without
// `locations` compile it to a function that gives the verdict, and run once: in the dialect and with the formats of their users.
const VALIDATORS = [
  { name: "ajv", locations: "schemaLocation", compile: withAjv, runs: ALL_RUNS },
  { name: "@hyperjump/json-schema", locations: "schemaLocation", compile: withHyperjump, runs: ALL_RUNS },
  { name: "@cfworker/json-schema", locations: "keywordLocation", compile: withCfworker, runs: ALL_RUNS },
  { name: "ajv6", compile: (schema) => new Ajv6().compile(schema), runs: [["draft-07", "asserted"]] },
  { name: "is-my-json-valid", compile: (schema) => isMyJsonValid(schema), runs: [["draft-04", "asserted"]] },
  { name: "json-schema-library", compile: withJsonSchemaLibrary, runs: [["2020-12", "asserted"]] },
  { name: "jsonschema", compile: withJsonschema, runs: [["draft-07", "asserted"]] },
  { name: "tv4", compile: withTv4, runs: [["draft-04", "annotated"]] },
  { name: "typebox", compile: withTypebox, runs: [["2020-12", "asserted"]] },
  { name: "z-schema", compile: withZSchema, runs: [["2020-12", "asserted"]] },
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

function withJsonSchemaLibrary(schema) {
  const node = compileSchema(schema);
  return (instance) => node.validate(instance).valid;
}

function withJsonschema(schema) {
  const validator = new jsonschema.Validator();
  return (instance) => validator.validate(instance, schema).valid;
}

function withTv4(schema) {
  // It resolves "$ref" only in schemas that were added.
  const validator = tv4.freshApi();
  validator.addSchema(schema);
  return (instance) => validator.validate(instance, schema);
}

function withTypebox(schema) {
  const validator = Compile(schema);
  return (instance) => validator.Check(instance);
}

function withZSchema(schema) {
  const validator = ZSchema.create({ safe: true });
  return (instance) => validator.validate(instance, schema).valid;
}

const pointer = (location) => decodeURIComponent(location.slice(location.indexOf("#") + 1));

// The ids of the rules at the locations that failed; locations without a rule belong to applicators.
function rulesAt(failed, version, dialect, kind) {
  if (failed.length === 0) return [];
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
for (const { name, locations, compile, runs } of VALIDATORS) {
  const { version: packageVersion } = read(HERE, "node_modules", name, "package.json");
  const report = { language: "JavaScript", validator: name, version: packageVersion, runs: [] };
  reports.push(report);
  for (const [dialect, formats] of runs) {
    const run = { dialect, formats, vectors: 0, agreed: 0, disagreed: [], rules: 0 };
    report.runs.push(run);
    const checks = {};
    for (const { version } of VERSIONS) {
      const path = join(SCHEMAS, EDITIONS[dialect], `${version}.schema.json`);
      if (existsSync(path)) checks[version] = await compile(read(path), dialect, formats === "asserted");
    }
    const outcome = (version, data) => {
      const found = checks[version](data);
      if (!locations) return { valid: found };
      return { valid: found.length === 0, rules: rulesAt(found, version, dialect, locations) };
    };
    const expected = (valid, rules) => (locations ? { valid, rules } : { valid });

    for (const { root, version, file } of vectorFiles()) {
      it(`${name}/${dialect}/formats ${formats}/${version}/${file}`, () => {
        const broken = read(root, "rules", version, file);
        const wrong = [];
        for (const group of read(root, "suite", version, file)) {
          for (const { description, data, valid } of group.tests) {
            const vector = `${version}/${file.replace(".json", "")}/${group.description}/${description}`;
            const found = outcome(version, data);
            const wanted = expected(valid, broken[group.description]?.[description] ?? []);
            run.vectors += 1;
            if (locations) run.rules += 1;
            if (isDeepStrictEqual(found, wanted)) {
              run.agreed += 1;
            } else {
              run.disagreed.push(vector);
              wrong.push({ vector, found, wanted });
            }
          }
        }
        assert.deepEqual(wrong, []);
      });
    }
    for (const { version, name: file, data, valid, broken } of payloads()) {
      it(`${name}/${dialect}/formats ${formats}/${file}`, () => {
        assert.deepEqual(outcome(version, data), expected(valid, broken));
      });
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
