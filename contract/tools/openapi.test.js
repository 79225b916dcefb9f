// The OpenAPI documents in tools: linted by Redocly and Spectral, and served by Prism.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";

import { createConfig, lint } from "@redocly/openapi-core";
import core from "@stoplight/prism-core";
import prism from "@stoplight/prism-http";
import server from "@stoplight/prism-http-server";
import spectral from "@stoplight/spectral-core";
import parsers from "@stoplight/spectral-parsers";
import rulesets from "@stoplight/spectral-rulesets";

import { RULES, SCHEMAS, VERSIONS } from "./files.js";

const PATH = "guest/customization";
const ENVELOPES = { api: (payload) => payload, rest: (value) => ({ value }) };

for (const folder of ["", "3.0"]) {
  for (const version of VERSIONS) {
    const file = join(SCHEMAS, "openapi", folder, `${version}.openapi.json`);
    const document = JSON.parse(readFileSync(file, "utf8"));

    describe(`OpenAPI ${document.openapi}, API ${version}`, () => {
      it("is clean to Redocly", async () => {
        const config = await createConfig({ extends: ["recommended"] });
        const found = await lint({ ref: file, config });
        assert.deepEqual(found.map(({ ruleId, message }) => `${ruleId}: ${message}`), []);
      });

      it("is clean to Spectral", async () => {
        const linter = new spectral.Spectral();
        linter.setRuleset(new spectral.Ruleset({ extends: [rulesets.oas] }));
        const found = await linter.run(new spectral.Document(JSON.stringify(document), parsers.Json, file));
        assert.deepEqual(found.map(({ code, message }) => `${code}: ${message}`), []);
      });

      it("is served by Prism with its examples", async () => {
        const examples = document.paths[`/api/vcenter/vm/{vm}/${PATH}`].get.responses[200].content["application/json"].examples;
        await served(file, { isProxy: false }, async (address) => {
          for (const [name, { value }] of Object.entries(examples)) {
            for (const [envelope, enveloped] of Object.entries(ENVELOPES)) {
              const headers = { Prefer: `example=${name}` };
              const answer = await fetch(`${address}/${envelope}/vcenter/vm/vm-1/${PATH}`, { headers });
              assert.equal(answer.status, 200);
              assert.deepEqual(await answer.json(), enveloped(value));
            }
          }
        });
      });

      it("makes Prism refuse what breaks a rule", async () => {
        let body;
        const upstream = createServer((_, answer) => answer.setHeader("content-type", "application/json").end(body));
        await new Promise((listening) => upstream.listen(0, "127.0.0.1", listening));
        const proxy = { isProxy: true, upstream: new URL(`http://127.0.0.1:${upstream.address().port}`) };
        try {
          await served(file, proxy, async (address) => {
            for (const [envelope, enveloped] of Object.entries(ENVELOPES)) {
              for (const { id, examples } of RULES) {
                for (const [example, status] of [[examples.passing, 200], [examples.failing, 500]]) {
                  body = JSON.stringify(enveloped(example.data));
                  const answer = await fetch(`${address}/${envelope}/vcenter/vm/vm-1/${PATH}`);
                  assert.equal(answer.status, status, `${id} under /${envelope}: ${body}`);
                  await answer.arrayBuffer();
                }
              }
            }
          });
        } finally {
          upstream.closeAllConnections();
          upstream.close();
        }
      });
    });
  }
}

async function served(file, mode, use) {
  const common = { validateRequest: true, validateResponse: true, checkSecurity: true, errors: true };
  const running = server.createServer(await prism.getHttpOperationsFromSpec(file), {
    cors: false,
    config: { ...common, mock: { dynamic: false }, upstreamProxy: undefined, ...mode },
    components: { logger: core.createLogger("prism", { enabled: false }) },
  });
  try {
    await use(await running.listen(0, "127.0.0.1"));
  } finally {
    await running.close();
  }
}
