// What VS Code shows with the edition for editors: messages, hovers and completions.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import service from "vscode-json-languageservice";

import { NEWEST, RULES, STATUSES, STRUCTURE, VERSIONS, conforming, read } from "./files.js";

const { TextDocument, getLanguageService } = service;

function editorWith(version) {
  const schema = read("editor", STRUCTURE, `${version}.schema.json`);
  const editor = getLanguageService({});
  editor.configure({ validate: true, schemas: [{ uri: schema.$id, fileMatch: ["*"], schema }] });
  const open = (text) => {
    const document = TextDocument.create("file:///payload.json", "json", 1, text);
    return [document, editor.parseJSONDocument(document)];
  };
  return {
    messages: async (text) => (await editor.doValidation(...open(text))).map(({ message }) => message),
    hover: async (text, offset) => {
      const [document, json] = open(text);
      return (await editor.doHover(document, document.positionAt(offset), json)).contents.join("\n");
    },
    completions: async (text, offset) => {
      const [document, json] = open(text);
      const { items } = await editor.doComplete(document, document.positionAt(offset), json);
      return items.map(({ label, documentation }) => [label, documentation]);
    },
  };
}

const newest = editorWith(NEWEST);

describe("the message", () => {
  for (const { id, title, examples } of RULES) {
    it(`of ${id} is its title`, async () => {
      const found = await newest.messages(JSON.stringify(examples.failing.data));
      // VS Code names the missing member by itself.
      assert.equal(found[0], id === "status-required" ? 'Missing property "status".' : `${title} (${id})`);
      assert.deepEqual(await newest.messages(JSON.stringify(examples.passing.data)), []);
    });
  }

  it("about an error says when it is set", async () => {
    const found = await newest.messages('{"status": "RUNNING", "error": "x"}');
    assert.deepEqual(found, ["An error is set only when status is FAILED (error-only-when-failed)"]);
  });
});

it("shows nothing in any conforming vector", async () => {
  for (const data of conforming()) assert.deepEqual(await newest.messages(JSON.stringify(data)), []);
});

it("rejects IDLE before 7.0.3.0", async () => {
  const found = await editorWith(VERSIONS[0]).messages('{"status": "IDLE"}');
  assert.deepEqual(found, ["The status is one that this API version defines (status-known)"]);
});

it("describes members and statuses on hover", async () => {
  const text = '{"status": "RUNNING", "error": null, "start_time": null}';
  assert.match(await newest.hover(text, text.indexOf("RUNNING")), /running in the guest/);
  assert.match(await newest.hover(text, text.indexOf("error")), /An error is set only when status is FAILED/);
  assert.match(await newest.hover(text, text.indexOf("start_time")), /Write the time in UTC/);
});

it("completes members and statuses", async () => {
  const status = await newest.completions('{"status": ""}', 12);
  assert.deepEqual(status.map(([label]) => label), STATUSES.map((each) => `"${each}"`));
  assert.equal(new Map(status).get('"IDLE"'), "no customization spec is applied");
  const members = await newest.completions('{"status": "FAILED", ""}', 22);
  assert.deepEqual(members.map(([label]) => label), ["error", "start_time", "end_time"]);
});
