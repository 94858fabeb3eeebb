// Writes members.json: which members the classes of Office.js have that the host of the tests plays, with the type of
// each and the requirement set that brought it. Run by hand, when the host learns a class:
//
//   npm install --prefix DIR @types/office-js @types/office-runtime typescript@5
//   node tests/addin/office/extract_members.mjs DIR/node_modules > tests/addin/office/members.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const modules = resolve(process.argv[2]);
const ts = createRequire(join(modules, "x.js"))("typescript");
const packages = ["office-js", "office-runtime"].map((name) => join(modules, "@types", name));
const versions = packages.map((folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
const text = packages.map((folder) => readFileSync(join(folder, "index.d.ts"), "utf8")).join("\n");
const source = ts.createSourceFile("d.ts", text, ts.ScriptTarget.Latest, true);

const WANTED = new Set([
  ...["RequestContext", "Application", "Workbook", "WorksheetCollection", "Worksheet", "Range", "RangeAreas"],
  ...["RangeAreasCollection", "RangeCollection", "NamedItemCollection", "NamedItem", "TableCollection", "Table"],
  ...["ChartCollection", "Chart", "ShapeCollection", "Shape", "PivotTableCollection", "PivotTable", "PageLayout"],
  ...["NoteCollection", "Note", "CommentCollection", "WorksheetProtection", "CultureInfo", "DatetimeFormatInfo"],
  ...["SheetVisibility", "ShapeType", "CalculationMode"],
].map((name) => `Excel.${name}`).concat([
  "Office", "Office.Context", "Office.RequirementSetSupport", "Office.Actions", "Office.Addin", "Office.Ribbon",
  "Office.ContextInformation", "Office.AddinCommands.Event", "OfficeRuntime", "OfficeRuntime.Storage",
  "OfficeExtension.ClientObject", "OfficeExtension.ClientRequestContext", "OfficeExtension.ClientResult",
]));

const types = {};

function apiSet(node) {
  const found = /\[Api set: (\w+)(?: (\d+\.\d+))?/.exec(node.getFullText(source).slice(0, node.getLeadingTriviaWidth(source)));
  if (!found) return "";
  return found[2] ? `${found[1]} ${found[2]}` : `${found[1]} preview`;
}

function note(owner, name, kind, type, node) {
  const readOnly = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Readonly) !== 0;
  const known = owner.members[name];
  // Of overloads the first counts.
  if (known) return;
  owner.members[name] = [readOnly ? "readonly" : kind, type ? type.getText(source).replace(/\s+/g, " ").slice(0, 60) : "", apiSet(node)];
}

function ofType(full, node) {
  const owner = (types[full] ??= { extends: [], members: {} });
  for (const clause of node.heritageClauses ?? []) owner.extends.push(...clause.types.map((each) => each.expression.getText(source)));
  for (const member of node.members) {
    const name = member.name?.getText(source);
    if (!name) continue;
    if (ts.isEnumMember(member)) note(owner, name, "value", null, member);
    else note(owner, name, member.parameters ? "method" : "property", member.type, member);
  }
}

function ofNamespace(full, body) {
  for (const node of body.statements) {
    const name = node.name?.getText(source);
    if (ts.isModuleDeclaration(node)) visit(node, `${full}.`);
    else if ((ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isEnumDeclaration(node)) && WANTED.has(`${full}.${name}`)) ofType(`${full}.${name}`, node);
    if (!WANTED.has(full)) continue;
    const owner = (types[full] ??= { extends: [], members: {} });
    if (ts.isVariableStatement(node)) for (const each of node.declarationList.declarations) note(owner, each.name.getText(source), "property", each.type, each);
    else if (ts.isFunctionDeclaration(node)) note(owner, name, "method", node.type, node);
    else if (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node)) note(owner, name, "readonly", null, node);
  }
}

function visit(node, prefix = "") {
  if (ts.isModuleDeclaration(node) && node.body) ofNamespace(prefix + node.name.getText(source), node.body);
}

source.statements.forEach((node) => visit(node));
const missing = [...WANTED].filter((name) => !(name in types));
if (missing.length) throw new Error(`not found: ${missing.join(", ")}`);

const lines = Object.keys(types).sort().map((name) => ` ${JSON.stringify(name)}: ${JSON.stringify(types[name])}`);
process.stdout.write(`{"source": ${JSON.stringify(versions.map((each) => `${each.name} ${each.version}`).join(", ") + " (npm)")},
"licence": "MIT, Copyright (c) Microsoft Corporation; extracted by extract_members.mjs",
"types": {
${lines.join(",\n")}
}}
`);
