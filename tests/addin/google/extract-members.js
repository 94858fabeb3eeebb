/**
 * Prints members.json: what Google's classes have, for the strict stub.
 *
 *     sh install.sh && node extract-members.js ~/.cache/baocao-tests/node_modules > members.json
 */
"use strict";

const fs = require("fs");
const path = require("path");

const MODULES = path.resolve(process.argv[2]);
const PACKAGE = path.join(MODULES, "@types", "google-apps-script");
const ts = require(path.join(MODULES, "typescript"));
const CLASSES = [
  "HTTPResponse", "Lock", "LockService", "Menu", "PromptResponse", "Properties", "PropertiesService", "Range", "Sheet",
  "Spreadsheet", "SpreadsheetApp", "Ui", "UrlFetchApp", "URLFetchRequestOptions", "Utilities",
];
const FILES = ["base", "lock", "properties", "spreadsheet", "url-fetch", "utilities"];

/** Adds the members of the wanted interfaces below `node` to `found`; deprecated ones are left out. */
function collect(node, found) {
  if (ts.isInterfaceDeclaration(node) && CLASSES.includes(node.name.text)) {
    const names = node.members
      .filter((member) => !ts.getJSDocDeprecatedTag(member))
      .map((member) => member.name.text);
    found[node.name.text] = [...new Set([...(found[node.name.text] || []), ...names])].sort();
  }
  ts.forEachChild(node, (child) => collect(child, found));
}

const found = {};
for (const name of FILES) {
  const file = path.join(PACKAGE, `google-apps-script.${name}.d.ts`);
  collect(ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true), found);
}
const { version, license } = JSON.parse(fs.readFileSync(path.join(PACKAGE, "package.json"), "utf8"));
const ordered = Object.fromEntries(CLASSES.map((name) => [name, found[name]]));
const document = { source: `@types/google-apps-script ${version}`, license, members: ordered };
const text = JSON.stringify(document, null, 1).replace(/\n {3}"/g, ' "').replace(/\n {2}\]/g, " ]");
process.stdout.write(text + "\n");
