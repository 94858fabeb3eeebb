/**
 * Google's services as far as macros/google uses them, run in the script's own context so that its Date is theirs.
 *
 * Strict: a member that Google's classes do not have (members.json) throws, and so does one that is not modelled here.
 * `given` is the state: {members, manifest, book, properties, answers, busy, beforeAnswer}; `host.fetch` does the HTTP.
 * What happened is added to `happened`.
 */
"use strict";

function install(given, host, happened) {
  const model = (name, members) =>
    new Proxy(members, {
      get(target, key) {
        if (typeof key === "symbol") throw new Error(`${name} is used as a value`);
        if (!given.members[name].includes(key)) throw new TypeError(`${name}.${key} is not a function`);
        if (!Object.hasOwn(target, key)) throw new Error(`${name}.${key} is not modelled by the stub`);
        return target[key];
      },
      set(target, key) {
        throw new Error(`${name}.${String(key)} is set`);
      },
    });
  const allowed = (scope) => {
    const wanted = `https://www.googleapis.com/auth/${scope}`;
    if (!given.manifest.oauthScopes.includes(wanted)) throw new Error(`no permission: ${scope}`);
  };
  const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

  // Dates: what a clock in a zone shows, and the moment at which it shows it.
  const clock = (moment, zone) => {
    const options = { timeZone: zone, hourCycle: "h23", era: "short" };
    for (const part of ["year", "month", "day", "hour", "minute", "second"]) options[part] = "numeric";
    const found = {};
    for (const { type, value } of new Intl.DateTimeFormat("en-US", options).formatToParts(moment)) found[type] = value;
    const { year, month, day, hour, minute, second } = found;
    return Date.UTC(+year, month - 1, +day, +hour, +minute, +second);
  };
  const moment = (shown, zone) => {
    let at = shown;
    for (let round = 0; round < 3; round++) at += shown - clock(new Date(at), zone);
    return new Date(at);
  };

  // Cells. What is written is taken as if it were typed: worse than Google, a formula also in cells of plain text.
  const typed = (value) => {
    if (typeof value !== "string") return { value };
    if (value.startsWith("'")) return { value: value.slice(1) };
    if (/^[+-]?[0-9]+(\.[0-9]+)?$/.test(value)) return { value: Number(value) };
    if (/^\s*[=+\-@＝＋－＠]/.test(value)) return { value: "#CALCULATED", formula: value };
    return { value };
  };
  const cellsOf = (sheet, zone) =>
    sheet.values.map((row) =>
      row.map((value) => ({ value: ISO.test(value) ? moment(Date.parse(value), zone) : value })),
    );
  const sheets = given.book.sheets.map((each) => ({ ...each, cells: cellsOf(each, given.book.timeZone) }));
  const lastRow = (sheet) => sheet.cells.length;
  const lastColumn = (sheet) => Math.max(0, ...sheet.cells.map((row) => row.length));

  const range = (sheet, row, column, rows, columns) => {
    if (![row, column, rows, columns].every((each) => Number.isInteger(each) && each >= 1)) {
      throw new Error("Exception: The coordinates of the range are outside the dimensions of the sheet.");
    }
    const across = (work, r) => Array.from({ length: columns }, (_, c) => work(r, c));
    const each = (work) => Array.from({ length: rows }, (_, r) => across(work, r));
    const at = (r, c) => (sheet.cells[row - 1 + r] || [])[column - 1 + c] || { value: "" };
    const put = (r, c, cell) => {
      while (sheet.cells.length < row + r) sheet.cells.push([]);
      const cells = sheet.cells[row - 1 + r];
      while (cells.length < column + c) cells.push({ value: "" });
      cells[column - 1 + c] = cell;
      happened.written.push([sheet.name, row + r, column + c]);
    };
    const writable = () => {
      if (sheet.protected) throw new Error("Exception: You are trying to edit a protected cell or object.");
    };
    return model("Range", {
      getValues: () => each((r, c) => at(r, c).value),
      getFormulas: () => each((r, c) => at(r, c).formula || ""),
      getCell: (r, c) => range(sheet, row + r - 1, column + c - 1, 1, 1),
      activate: () => {
        if (sheet.hidden) throw new Error("Exception: The sheet is hidden.");
        happened.active = `${sheet.name}!${row},${column}`;
      },
      clearContent: () => {
        writable();
        each((r, c) => put(r, c, { value: "" }));
      },
      setValues: (values) => {
        writable();
        if (values.length !== rows || values.some((cells) => cells.length !== columns)) {
          throw new Error("Exception: The number of rows or columns in the data does not match the range.");
        }
        each((r, c) => put(r, c, typed(values[r][c])));
      },
    });
  };
  const A1 = /^([A-Z]{1,3})([0-9]{1,7})$/;
  const addressed = (sheet, text) => {
    const found = A1.exec(text);
    if (!found) throw new Error("Exception: Range not found");
    const column = [...found[1]].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
    return range(sheet, Number(found[2]), column, 1, 1);
  };
  const sheetModel = (sheet) =>
    model("Sheet", {
      getName: () => sheet.name,
      isSheetHidden: () => Boolean(sheet.hidden),
      getLastRow: () => sheet.rows || lastRow(sheet),
      getLastColumn: () => lastColumn(sheet),
      getDataRange: () => range(sheet, 1, 1, lastRow(sheet) || 1, lastColumn(sheet) || 1),
      getRange: (...where) => (where.length === 1 ? addressed(sheet, where[0]) : range(sheet, ...where)),
    });
  const book = model("Spreadsheet", {
    getSheets: () => sheets.map(sheetModel),
    getSpreadsheetTimeZone: () => given.book.timeZone,
    toast: (text) => void happened.toasts.push(text),
  });

  // Dialogs: answered in order by what the test gave; one that nobody expected throws.
  const Button = { OK: "OK", CANCEL: "CANCEL", YES: "YES", NO: "NO", CLOSE: "CLOSE" };
  const ButtonSet = { OK: "OK", OK_CANCEL: "OK_CANCEL", YES_NO: "YES_NO", YES_NO_CANCEL: "YES_NO_CANCEL" };
  const answer = (kind, title, text) => {
    happened.locked = false; // Locks do not outlive a dialog.
    happened.said.push({ kind, title, text });
    if (kind === "OK") return { button: Button.OK };
    if (given.answers.length === 0) throw new Error(`nobody answers: ${text}`);
    return given.answers.shift();
  };
  const menu = (title) =>
    model("Menu", {
      addItem(caption, name) {
        if (typeof globalThis[name] !== "function") throw new Error(`no function ${name}`);
        happened.menu.push([title, caption, name]);
        return menu(title);
      },
      addSeparator: () => menu(title),
      addToUi: () => undefined,
    });
  const ui = model("Ui", {
    Button,
    ButtonSet,
    createMenu: menu,
    alert(title, text, buttons) {
      if (!Object.values(ButtonSet).includes(buttons)) throw new TypeError("Ui.alert(title, prompt, buttons)");
      return answer(buttons, title, text).button;
    },
    prompt(title, text, buttons) {
      if (buttons !== ButtonSet.OK_CANCEL) throw new TypeError("Ui.prompt(title, prompt, buttons)");
      const given = answer("PROMPT", title, text);
      return model("PromptResponse", {
        getSelectedButton: () => given.button,
        getResponseText: () => given.text || "",
      });
    },
  });

  const SpreadsheetApp = model("SpreadsheetApp", {
    getActive() {
      allowed("spreadsheets.currentonly");
      return book;
    },
    getUi: () => ui,
    flush: () => undefined,
  });
  const PropertiesService = model("PropertiesService", {
    getUserProperties: () =>
      model("Properties", {
        getProperty: (name) => given.properties[name] ?? null,
        setProperty: (name, value) => void (given.properties[name] = String(value)),
        deleteProperty: (name) => void delete given.properties[name],
      }),
  });
  const LockService = model("LockService", {
    getDocumentLock: () =>
      model("Lock", {
        tryLock() {
          happened.locked = !given.busy;
          if (happened.locked) happened.unreleased += 1;
          return happened.locked;
        },
        releaseLock() {
          happened.locked = false;
          happened.unreleased -= 1;
        },
      }),
  });
  const Utilities = model("Utilities", {
    formatDate(date, zone, pattern) {
      if (pattern !== "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'") throw new Error(`not modelled: ${pattern}`);
      return new Date(clock(date, zone)).toISOString();
    },
  });
  const edit = ([name, row, column, value]) => {
    const at = sheets.findIndex((each) => each.name === name);
    if (row) sheets[at].cells[row - 1][column - 1] = { value };
    else sheets.splice(at, 1);
  };
  const UrlFetchApp = model("UrlFetchApp", {
    fetch(url, options) {
      allowed("script.external_request");
      const unknown = Object.keys(options).filter((name) => !given.members.URLFetchRequestOptions.includes(name));
      if (unknown.length) throw new Error(`unknown options: ${unknown}`);
      if (options.validateHttpsCertificates === false) throw new Error("certificates are not checked");
      if (!given.manifest.urlFetchWhitelist.some((prefix) => url.startsWith(prefix))) {
        throw new Error(`not in urlFetchWhitelist: ${url}`);
      }
      happened.requests.push({ method: options.method, url, payload: options.payload, locked: happened.locked });
      if (options.method === "post") given.beforeAnswer.forEach(edit);
      const { error, status, text } = host.fetch(url, options);
      if (error) throw new Error(`Exception: ${error}`);
      if (!options.muteHttpExceptions && status >= 400) throw new Error(`Exception: Request failed, code ${status}`);
      return model("HTTPResponse", { getResponseCode: () => status, getContentText: () => text });
    },
  });
  Object.assign(globalThis, { SpreadsheetApp, PropertiesService, LockService, Utilities, UrlFetchApp });
  return () => ({
    ...happened,
    properties: given.properties,
    sheets: Object.fromEntries(sheets.map((each) => [each.name, each.cells.map((row) => row.map((c) => c.value))])),
    formulas: sheets.flatMap((each) => each.cells.flat().filter((cell) => cell.formula)).length,
  });
}
