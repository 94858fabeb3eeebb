/**
 * The menu `Báo cáo` in a school's Google Sheet: judges the report that is open, and hands it in.
 *
 * It sends the sheets that the server asks for, in the JSON that xlwings' remote engine reads, and writes what comes
 * back into the sheet `Kiểm tra`, and nowhere else. All judging is the server's.
 *
 * @OnlyCurrentDoc
 */

const KEY_PROPERTY = "baocao-key";
const KEY_FORM = /^bc-[0-9A-Za-z]{10}-[0-9A-Za-z_-]{43}$/;
const TITLE = "Báo cáo";
/** Cells of one sheet that are sent at most: a sheet of this size is no report. */
const MAX_CELLS = 200000;
const LOCK_MILLISECONDS = 1000;

/**
 * @typedef {string | number | boolean} Cell
 * @typedef {{name: string, values: Cell[][], pictures: never[], tables: never[]}} SentSheet
 * @typedef {{func: string, values: Cell[][] | null, sheet_position: number | null, start_row: number | null,
 *   start_column: number | null, row_count: number | null, column_count: number | null}} Action
 * @typedef {{row: number, column: number, values: Cell[][]}} Block
 * @typedef {{severity: string, sheet: string, cell: string, message: string, fix: string}} Finding
 * @typedef {{receipt: string[], findings: Finding[]}} Verdict
 * @typedef {{name?: string, title?: string, due?: string | null, standing_text?: string,
 *   handed_in_at?: string | null, xlwings?: string}} Standing
 */

// What the menu calls ------------------------------------------------------------------------------------------------

/** Draws the menu; Google calls it when the spreadsheet is opened. */
function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu(TITLE)
    .addItem("Kiểm tra", "checkReport")
    .addItem("Nộp", "submitReport")
    .addSeparator()
    .addItem("Nhập mã truy cập", "enterKey")
    .addItem("Quên mã truy cập", "forgetKey")
    .addToUi();
}

/** Judges the report and shows what is to be mended. */
function checkReport() {
  guarded_(() => {
    const key = key_();
    if (key) judge_("check", key, standing_(key));
  });
}

/** Judges the report and, where it has no error, hands it in; asks before. */
function submitReport() {
  guarded_(() => {
    const key = key_();
    if (!key) return;
    const standing = standing_(key);
    if (confirmed_(standing)) judge_("submit", key, standing);
  });
}

/** Asks for the school's key and keeps it for this user. */
function enterKey() {
  guarded_(askForKey_);
}

/** Forgets this user's key. */
function forgetKey() {
  PropertiesService.getUserProperties().deleteProperty(KEY_PROPERTY);
  tell_("Đã quên mã truy cập trên tài khoản Google này.");
}

/** @param {() => void} work */
function guarded_(work) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    tell_(error.message);
  }
}

/** @param {string} text */
function tell_(text) {
  const ui = SpreadsheetApp.getUi();
  ui.alert(TITLE, text, ui.ButtonSet.OK);
}

// The key ------------------------------------------------------------------------------------------------------------

/**
 * The key of this user, asked for where there is none yet; "" where the person would not say. It stands in the user's
 * own properties: whoever else opens the spreadsheet does not see it.
 *
 * @returns {string}
 */
function key_() {
  return PropertiesService.getUserProperties().getProperty(KEY_PROPERTY) || askForKey_();
}

/** @returns {string} */
function askForKey_() {
  const ui = SpreadsheetApp.getUi();
  const text = "Dán mã truy cập mà đơn vị quản lý đã gửi cho trường (bắt đầu bằng bc-):";
  const answer = ui.prompt("Nhập mã truy cập", text, ui.ButtonSet.OK_CANCEL);
  if (answer.getSelectedButton() !== ui.Button.OK) return "";
  const key = answer.getResponseText().replace(/[\s\u200b-\u200d\u2060\ufeff]/g, ""); // Copying adds such signs.
  if (!KEY_FORM.test(key)) {
    throw new Trouble("Mã truy cập không đúng dạng. Hãy chép lại cả dòng bắt đầu bằng bc- rồi dán vào.");
  }
  const standing = standing_(key);
  PropertiesService.getUserProperties().setProperty(KEY_PROPERTY, key);
  tell_(`Đã ghi nhớ mã truy cập${standing.name ? " của " + standing.name : ""}.`);
  return key;
}

/**
 * @param {Standing} standing
 * @returns {boolean}
 */
function confirmed_(standing) {
  const ui = SpreadsheetApp.getUi();
  const lines = [`Nộp báo cáo trong bảng tính này của ${standing.name || "trường"}?`];
  if (standing.title) lines.push(`Kỳ báo cáo hiện tại: ${standing.title}.`);
  if (standing.due) lines.push(`Hạn nộp: ${moment_(standing.due)}.`);
  if (standing.standing_text) lines.push(`Tình trạng: ${standing.standing_text}.`);
  if (standing.handed_in_at) {
    lines.push(`Đã nộp một bản lúc ${moment_(standing.handed_in_at)}; bản mới sẽ thay bản đó.`);
  }
  lines.push("Nộp rồi vẫn sửa và nộp lại được.");
  return ui.alert("Nộp báo cáo", lines.join("\n"), ui.ButtonSet.YES_NO) === ui.Button.YES;
}

/**
 * @param {string} iso
 * @returns {string}
 */
function moment_(iso) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(iso);
  return parts ? `${parts[4]}:${parts[5]} ngày ${parts[3]}/${parts[2]}/${parts[1]}` : iso;
}

// One judging --------------------------------------------------------------------------------------------------------

/**
 * @param {"check" | "submit"} script
 * @param {string} key
 * @param {Standing} standing
 */
function judge_(script, key, standing) {
  const book = SpreadsheetApp.getActive();
  // Taken after the questions: a lock does not outlive a dialog.
  const lock = LockService.getDocumentLock();
  if (!lock.tryLock(LOCK_MILLISECONDS)) {
    throw new Trouble("Báo cáo này đang được kiểm tra hoặc nộp ở một cửa sổ khác. Chờ xong rồi thử lại.");
  }
  let text = "";
  try {
    book.toast(script === "submit" ? "Đang nộp báo cáo…" : "Đang kiểm tra…", TITLE, 20);
    text = judged_(book, script, key, standing.xlwings || XLWINGS_VERSION);
  } finally {
    lock.releaseLock();
  }
  tell_(text);
}

/**
 * Sends the report, writes the verdict, goes to the first place to mend; gives what the person is told.
 *
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {"check" | "submit"} script
 * @param {string} key
 * @param {string} version
 * @returns {string}
 */
function judged_(book, script, key, version) {
  const wanted = wanted_(script, key);
  const sheets = sent_(book, wanted);
  const answer = post_(script, key, version, sheets);
  const blocks = blocks_(answer, sheets);
  const verdict = verdict_(sheets, blocks);
  const lines = [];
  if (reported_(sent_(book, wanted)) !== reported_(sheets)) {
    lines.push("Bảng tính đã được sửa trong lúc chờ: kết quả này là của bản lúc bấm nút.");
  }
  if (write_(book, blocks)) {
    lines.push(...said_(verdict, SHOWN_FINDINGS));
    if (verdict.findings.length) lines.push(`Kết quả đầy đủ ở sheet “${FINDINGS_SHEET}”.`);
  } else {
    lines.push(...said_(verdict, SHOWN_FINDINGS_ALONE));
    lines.push(`Kết quả chỉ hiện ở đây, vì sheet “${FINDINGS_SHEET}” đang bị khoá hoặc đã bị xoá.`);
  }
  goTo_(book, verdict.findings);
  return lines.join("\n");
}

/**
 * The values of the sheets that are there, as xlwings has them.
 *
 * @param {GoogleAppsScript.Spreadsheet.Spreadsheet} book
 * @param {string[]} wanted
 * @returns {SentSheet[]}
 */
function sent_(book, wanted) {
  const zone = book.getSpreadsheetTimeZone();
  return book
    .getSheets()
    .filter((sheet) => wanted.includes(folded_(sheet.getName())))
    .map((sheet) => ({ name: sheet.getName(), values: values_(sheet, zone), pictures: [], tables: [] }));
}

/**
 * @param {GoogleAppsScript.Spreadsheet.Sheet} sheet
 * @param {string} zone
 * @returns {Cell[][]}
 */
function values_(sheet, zone) {
  if (sheet.getLastRow() * sheet.getLastColumn() > MAX_CELLS) {
    throw new Trouble(`Sheet “${sheet.getName()}” quá lớn: xoá các dòng và cột thừa ngoài bảng rồi thử lại.`);
  }
  return sheet
    .getDataRange()
    .getValues()
    .map((row) => row.map((value) => cell_(value, zone)));
}

/**
 * A value as JSON has it. A date is the one that the spreadsheet shows: its clock, not the script's nor UTC.
 *
 * @param {unknown} value
 * @param {string} zone
 * @returns {Cell}
 */
function cell_(value, zone) {
  if (value instanceof Date) return Utilities.formatDate(value, zone, "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return ""; // A picture in a cell.
}

/**
 * What of the sheets the school types; `Kiểm tra` is the service's.
 *
 * @param {SentSheet[]} sheets
 * @returns {string}
 */
function reported_(sheets) {
  return JSON.stringify(sheets.filter((sheet) => !isVerdict_(sheet.name)));
}

/**
 * The same name typed on another keyboard, or in capitals, is the same name, as for a file (sync/text.py, fold).
 *
 * @param {string} name
 * @returns {string}
 */
function folded_(name) {
  return name.normalize("NFC").split(/\s+/).filter(Boolean).join(" ").toLowerCase();
}
