// The open workbook: what travels, what may be written, what stands in `Kiểm tra`, and the way to a cell.
import { Trouble, ofExcel } from "./trouble.js";
import { SEVERITIES } from "./texts.js";

// Where things stand in a school's workbook (sync/outputs/layout.py; a test compares the two).
export const LAYOUT = {
  sheet: "Kiểm tra",
  identity: ["_meta", "Thông tin"],
  receipt: "B2:B3",
  findings: "A14:G213",
};
const ALLOWED = new Set(["setValues", "rangeClearContents"]);

/** The same name typed on another keyboard, or in capitals, is the same name, as for a file (sync/text.py, fold). */
const folded = (name) => name.normalize("NFC").split(/\s+/).filter(Boolean).join(" ").toLowerCase();

/** Tells of a name of a sheet whether it is one of `names`. */
function oneOf(names) {
  const known = new Set(names.map(folded));
  return (name) => known.has(folded(name));
}

const isVerdict = oneOf([LAYOUT.sheet]);

async function sheetNames() {
  return Excel.run(async (context) => {
    const sheets = context.workbook.worksheets.load("items/name");
    await context.sync();
    return sheets.items.map((sheet) => sheet.name);
  });
}

/** Raises Trouble where the open workbook is none of ours, before anything of it is sent. */
export async function requireOurs() {
  const names = await sheetNames();
  if (!names.some(isVerdict) || !names.some(oneOf(LAYOUT.identity))) throw new Trouble("foreign");
}

/** The needed sheets as xlwings sends them. Of other sheets nothing travels but that there is one. */
export async function gathered(needed) {
  const isNeeded = oneOf(needed);
  const names = (await sheetNames()).filter(isNeeded);
  // xlwings trims what it is given and finds no name with blanks around it: then it reads all, and `closed` drops them.
  const include = names.every((name) => name === name.trim()) ? names.join(",") : "";
  // With headers of ours, those of a sheet "xlwings.conf" are not taken.
  const headers = { Accept: "application/json" };
  const payload = await xlwings.getBookData({ include, headers });
  payload.names = [];
  payload.book.name = "baocao";
  payload.sheets = payload.sheets.map((sheet, index) => (isNeeded(sheet.name) ? sheet : closed(sheet, index)));
  return payload;
}

function closed(sheet, index) {
  const nothing = { values: [[]], charts: [], pivot_tables: [], tables: [], shapes: [], pictures: [], print_area: null };
  return { ...sheet, ...nothing, name: `_${index}`, notes: null };
}

/** Writes what the service answered; only into `Kiểm tra`. Gives null, or the key of NOT_WRITTEN for why it could not. */
export async function written(actions, payload, needed) {
  const at = payload.sheets.findIndex((sheet) => isVerdict(sheet.name));
  if (actions.some((action) => !ALLOWED.has(action.func) || action.sheet_position !== at)) throw new Trouble("answer");
  try {
    // xlwings finds a sheet by its position alone, and somebody may have moved one meanwhile.
    const isNeeded = oneOf(needed);
    const same = (await sheetNames()).every((name, index) => {
      const sent = payload.sheets[index]?.name;
      return sent === name || (!isNeeded(name) && sent === `_${index}`);
    });
    if (!same) return "moved";
    await xlwings.runActions({ actions });
    return null;
  } catch (error) {
    return ofExcel(error).kind;
  }
}

/** What stands in `Kiểm tra`: {lines, findings}; null where there is no such sheet. */
export async function verdict() {
  const name = (await sheetNames()).find(isVerdict);
  if (!name) return null;
  return Excel.run(async (context) => {
    const sheet = context.workbook.worksheets.getItem(name);
    const receipt = sheet.getRange(LAYOUT.receipt).load("values");
    const findings = sheet.getRange(LAYOUT.findings).load("values");
    await context.sync();
    return told(receipt.values, findings.values);
  });
}

/** The same from the actions, where they could not be written. */
export function verdictOf(actions) {
  const block = (top) => actions.find((action) => action.func === "setValues" && action.start_row === top)?.values ?? [];
  return told(block(1), block(13));
}

function told(receipt, rows) {
  const findings = rows.filter((row) => row[5] !== "" && row[5] != null).map(finding);
  return { lines: receipt.map(([line]) => shown(line)).filter(Boolean), findings: findings.sort(byWeight) };
}

function finding([, severity, sheet, cell, , message, fix]) {
  const known = Object.keys(SEVERITIES).find((key) => SEVERITIES[key][1] === severity);
  return { severity: known ?? null, sheet: shown(sheet), cell: shown(cell), message: shown(message), fix: shown(fix) };
}

const shown = (value) => String(value ?? "");
const WEIGHTS = { error: 0, warning: 1 };
const weight = (each) => WEIGHTS[each.severity] ?? 2;
const byWeight = (left, right) => weight(left) - weight(right);

/** Goes to a cell. Raises Trouble where the sheet is hidden or gone. */
export async function goTo(sheetName, cell) {
  await Excel.run(async (context) => {
    const sheet = context.workbook.worksheets.getItemOrNullObject(sheetName).load("visibility");
    await context.sync();
    if (sheet.isNullObject || sheet.visibility !== "Visible") throw new Trouble("hidden");
    sheet.activate();
    if (cell) sheet.getRange(cell).select();
    await context.sync();
  });
}
