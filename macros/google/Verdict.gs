/** The verdict: what the answer writes into `Kiểm tra`, and what of it the person is told. */

// Where `Kiểm tra` has room for what a service writes; as in sync/outputs/layout.py, here counted from 1.
const FINDINGS_SHEET = "Kiểm tra";
const RECEIPT_ROW = 2;
const RECEIPT_ROWS = 2;
const RECEIPT_COLUMN = 2;
const FINDINGS_ROW = 14;
const FINDINGS_ROWS = 200;
const FINDINGS_COLUMNS = 7;
const ERROR_TEXT = "Lỗi";
/** How a formula begins, with the signs of other keyboards. */
const FORMULA = /^[\s\u0000-\u001f]*[=+\-@＝＋－＠]/;
/** Findings that the dialog shows where the sheet has them all, and where it could not be written. */
const SHOWN_FINDINGS = 8;
const SHOWN_FINDINGS_ALONE = 20;

/**
 * @param {string} name
 * @returns {boolean}
 */
function isVerdict_(name) {
  return folded_(name) === folded_(FINDINGS_SHEET);
}

/**
 * What the answer writes into `Kiểm tra`. Whatever else it asks for is refused as a whole: no server of ours would.
 *
 * @param {any} answer
 * @param {SentSheet[]} sheets
 * @returns {Block[]}
 */
function blocks_(answer, sheets) {
  if (!Array.isArray(answer.actions)) throw new Unknown(strange_(200));
  const asked = /** @type {Action[]} */ (answer.actions);
  return asked
    .filter((action) => action.func !== "activateSheet" && action.func !== "rangeSelect")
    .map((action) => block_(action, sheets));
}

/**
 * @param {Action} action
 * @param {SentSheet[]} sheets
 * @returns {Block}
 */
function block_(action, sheets) {
  const sheet = sheets[action.sheet_position ?? -1];
  const [row, column] = [(action.start_row ?? -1) + 1, (action.start_column ?? -1) + 1];
  const [rows, columns] = [action.row_count ?? 0, action.column_count ?? 0];
  const values = action.func === "rangeClearContents" ? empty_(rows, columns) : action.values;
  const known = action.func === "setValues" || action.func === "rangeClearContents";
  const here = sheet && isVerdict_(sheet.name) && hasRoom_(row, rows) && column >= 1 && columns >= 1;
  if (!known || !here || column + columns - 1 > FINDINGS_COLUMNS || !fits_(values, rows, columns)) {
    throw new Unknown(strange_(200));
  }
  return { row, column, values: /** @type {Cell[][]} */ (values).map((each) => each.map((value) => value ?? "")) };
}

/**
 * Whether rows from `row` on lie where the template has room for a service's words.
 *
 * @param {number} row
 * @param {number} rows
 * @returns {boolean}
 */
function hasRoom_(row, rows) {
  return [[RECEIPT_ROW, RECEIPT_ROWS], [FINDINGS_ROW, FINDINGS_ROWS]].some(
    ([first, count]) => rows >= 1 && row >= first && row + rows <= first + count,
  );
}

/**
 * @param {unknown} values
 * @param {number} rows
 * @param {number} columns
 * @returns {boolean}
 */
function fits_(values, rows, columns) {
  return Array.isArray(values) && values.length === rows && values.every((row) => row.length === columns);
}

/**
 * @param {number} rows
 * @param {number} columns
 * @returns {Cell[][]}
 */
function empty_(rows, columns) {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => ""));
}

/**
 * Writes the verdict; false where Google refuses it, for instance because the sheet is protected.
 *
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {Block[]} blocks
 * @returns {boolean}
 */
function write_(book, blocks) {
  // By its name: sheets may have been moved meanwhile.
  const sheet = book.getSheets().find((each) => isVerdict_(each.getName()));
  if (!sheet) return blocks.length === 0;
  try {
    for (const { row, column, values } of blocks) {
      const range = sheet.getRange(row, column, values.length, values[0].length);
      range.setValues(values.map((each) => each.map(asText_)));
      withoutFormulas_(range);
    }
    SpreadsheetApp.flush();
    return true;
  } catch (error) {
    return false;
  }
}

/**
 * A text that stays one: setValues takes it as if somebody typed it, and what is typed after an apostrophe is a text.
 *
 * @param {Cell} value
 * @returns {Cell}
 */
function asText_(value) {
  const isFormula = typeof value === "string" && FORMULA.test(value) && !/^[+-]?[0-9]+([.,][0-9]+)?$/.test(value);
  return isFormula ? `'${value}` : value;
}

/**
 * Empties cells that are formulas all the same: a text of a report must never be calculated.
 *
 * @param {GoogleAppsScript.Spreadsheet.Range} range
 */
function withoutFormulas_(range) {
  range.getFormulas().forEach((row, down) =>
    row.forEach((formula, right) => {
      if (formula) range.getCell(down + 1, right + 1).clearContent();
    }),
  );
}

/**
 * What `Kiểm tra` says once `blocks` are written into it.
 *
 * @param {SentSheet[]} sheets
 * @param {Block[]} blocks
 * @returns {Verdict}
 */
function verdict_(sheets, blocks) {
  const sheet = sheets.find((each) => isVerdict_(each.name));
  const rows = (sheet ? sheet.values : []).map((row) => [...row]);
  for (const { row, column, values } of blocks) {
    values.forEach((each, down) => {
      const cells = (rows[row - 1 + down] = rows[row - 1 + down] || []);
      each.forEach((value, right) => (cells[column - 1 + right] = value));
    });
  }
  const receipt = Array.from({ length: RECEIPT_ROWS }, (_, down) => told_(rows, RECEIPT_ROW + down, RECEIPT_COLUMN));
  const found = Array.from({ length: FINDINGS_ROWS }, (_, down) => finding_(rows, FINDINGS_ROW + down));
  return { receipt: receipt.filter(Boolean), findings: found.filter((each) => each.severity || each.message) };
}

/**
 * @param {Cell[][]} rows
 * @param {number} row
 * @returns {Finding}
 */
function finding_(rows, row) {
  const [severity, sheet, cell, message, fix] = [2, 3, 4, 6, 7].map((column) => told_(rows, row, column));
  return { severity, sheet, cell, message, fix };
}

/**
 * The text of a cell, without the apostrophe that keeps it one.
 *
 * @param {Cell[][]} rows
 * @param {number} row
 * @param {number} column
 * @returns {string}
 */
function told_(rows, row, column) {
  const cells = rows[row - 1];
  const text = String((cells && cells[column - 1]) ?? "");
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}

/**
 * The verdict as lines for a dialog; at most `limit` findings, errors first.
 *
 * @param {Verdict} verdict
 * @param {number} limit
 * @returns {string[]}
 */
function said_(verdict, limit) {
  const lines = [...(verdict.receipt.length ? verdict.receipt : [counted_(verdict.findings)])];
  lines.push(...byWeight_(verdict.findings).slice(0, limit).map(line_));
  if (verdict.findings.length > limit) lines.push(`… và ${verdict.findings.length - limit} mục nữa.`);
  return lines;
}

/**
 * @param {Finding[]} findings
 * @returns {string}
 */
function counted_(findings) {
  const errors = findings.filter((each) => each.severity === ERROR_TEXT).length;
  return findings.length === 0 ? "Không có lỗi." : `${errors} lỗi, ${findings.length - errors} cảnh báo.`;
}

/**
 * @param {Finding[]} findings
 * @returns {Finding[]}
 */
function byWeight_(findings) {
  const isError = (/** @type {Finding} */ each) => each.severity === ERROR_TEXT;
  return [...findings.filter(isError), ...findings.filter((each) => !isError(each))];
}

/**
 * @param {Finding} finding
 * @returns {string}
 */
function line_(finding) {
  const place = finding.sheet ? ` ở ${finding.sheet}${finding.cell ? ", ô " + finding.cell : ""}:` : "";
  return `• ${finding.severity}${place || ":"} ${finding.message} ${finding.fix}`.replace(/ +/g, " ").trim();
}

/**
 * Selects the first cell that has an error, else the first with a warning.
 *
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {Finding[]} findings
 */
function goTo_(book, findings) {
  for (const { sheet: name, cell } of byWeight_(findings)) {
    const sheet = book.getSheets().find((each) => folded_(each.getName()) === folded_(name));
    if (!sheet || sheet.isSheetHidden() || !/^[A-Z]{1,3}[0-9]{1,7}$/.test(cell)) continue;
    sheet.getRange(cell).activate();
    return;
  }
}
