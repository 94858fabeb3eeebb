// A host for the vendored Office.js: Excel as far as the add-in's pages need it, and stricter than Excel.
//
// Put behind office.js by the tests, with `hostSetup` (members.json, the open workbook, what this Excel is, and `play`,
// which makes an object the namespace Office) before it.
// It knows of every class in members.json which members real Excel has, and fails on any other; on a member of a newer
// requirement set than this Excel supports; on a property that is read before load and sync; on writing what is read
// only; and on what it does not play itself, so that nothing passes unseen. Every such fault is also kept in
// `hostState.faults`, because pages catch errors.
(() => {
  const { members, book, excelApi, runtimeStorage } = globalThis.hostSetup;
  const types = members.types;
  const state = (globalThis.hostState = {
    faults: [],
    calls: [],
    book,
    stored: {},
    shown: 0,
    editing: false,
    refuseSync: null,
    actions: {},
  });

  // xlwings 0.37.8 loads this method of Table as if it were a property; Excel ignores names that it does not know.
  const TOLERATED = new Set(["Excel.Table.dataBodyRange"]);

  function fault(text) {
    state.faults.push(text);
    throw new Error(text);
  }

  function failure(code, message) {
    return Object.assign(new Error(`${code}: ${message}`), { code, name: "RichApi.Error" });
  }

  function declared(type, name) {
    const owner = types[type];
    if (!owner) return fault(`the host does not know the class ${type}`);
    if (Object.hasOwn(owner.members, name)) return owner.members[name];
    for (const parent of owner.extends) {
      const full = types[parent] ? parent : `OfficeExtension.${parent.split(".").pop().replace(/^RequestContext$/, "ClientRequestContext")}`;
      if (types[full] && full !== type) {
        const found = declaredOrNothing(full, name);
        if (found) return found;
      }
    }
    return null;
  }

  function declaredOrNothing(type, name) {
    return types[type] && Object.hasOwn(types[type].members, name) ? types[type].members[name] : null;
  }

  function supported(needed) {
    if (!needed) return true;
    const [set, version] = needed.split(" ");
    if (set === "SharedRuntime" || set === "CustomFunctionsRuntime") return true;
    return set === "ExcelApi" && version !== "preview" && isSetSupported(set, version);
  }

  function isSetSupported(set, version = "1.1") {
    if (set === "SharedRuntime" || set === "DialogApi") return version === "1.1";
    if (set !== "ExcelApi") return false;
    const [major, minor] = String(version).split(".").map(Number);
    const [ourMajor, ourMinor] = excelApi.split(".").map(Number);
    return major < ourMajor || (major === ourMajor && minor <= ourMinor);
  }

  function member(type, name) {
    const found = declared(type, name) ?? fault(`Excel has no member ${type}.${name}`);
    if (!supported(found[2])) fault(`${type}.${name} needs ${found[2]}; this Excel has ExcelApi ${excelApi}`);
    return found;
  }

  // Addresses

  function letters(column) {
    let text = "";
    for (let number = column + 1; number > 0; number = Math.floor((number - 1) / 26)) {
      text = String.fromCharCode(65 + ((number - 1) % 26)) + text;
    }
    return text;
  }

  function area(sheet, address) {
    const found = /^\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$/i.exec(address);
    if (!found) return null;
    const column = (text) => [...text.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
    const [top, left] = [Number(found[2]) - 1, column(found[1])];
    const [bottom, right] = [Number(found[4] ?? found[2]) - 1, column(found[3] ?? found[1])];
    return { sheet, top, left, rows: bottom - top + 1, columns: right - left + 1 };
  }

  function addressOf(range) {
    const quoted = /^[A-Za-z0-9_]+$/.test(range.sheet.name) ? range.sheet.name : `'${range.sheet.name.replaceAll("'", "''")}'`;
    const first = `${letters(range.left)}${range.top + 1}`;
    const last = `${letters(range.left + range.columns - 1)}${range.top + range.rows}`;
    return `${quoted}!${first === last ? first : `${first}:${last}`}`;
  }

  function cellsOf(range, key, blank) {
    return Array.from({ length: range.rows }, (_r, row) =>
      Array.from({ length: range.columns }, (_c, column) => range.sheet[key]?.[range.top + row]?.[range.left + column] ?? blank));
  }

  function usedRange(sheet) {
    let [rows, columns] = [0, 0];
    sheet.values.forEach((row, index) => row.forEach((value, column) => {
      if (value !== "" && value != null) [rows, columns] = [index + 1, Math.max(columns, column + 1)];
    }));
    return rows ? { sheet, top: 0, left: 0, rows, columns } : null;
  }

  // What this Excel plays: properties that can be loaded, objects that hang on objects, methods, writes.

  const READ = {
    "Excel.Workbook": { name: () => book.name },
    "Excel.Application": { calculationMode: () => "Automatic" },
    "Excel.CultureInfo": { name: () => "vi-VN" },
    "Excel.DatetimeFormatInfo": { shortDatePattern: () => "dd/MM/yyyy" },
    "Excel.Worksheet": {
      name: (it) => it.name,
      position: (it) => book.sheets.indexOf(it),
      visibility: (it) => it.visibility,
      showGridlines: () => true,
    },
    "Excel.Range": {
      address: addressOf,
      values: (it) => cellsOf(it, "values", ""),
      numberFormat: (it) => cellsOf(it, "formats", "General"),
      rowCount: (it) => it.rows,
      columnCount: (it) => it.columns,
      rowIndex: (it) => it.top,
      columnIndex: (it) => it.left,
    },
  };

  const OBJECTS = {
    "Excel.RequestContext": { workbook: () => ["Excel.Workbook", book], application: () => ["Excel.Application", book] },
    "Excel.Workbook": {
      worksheets: () => ["Excel.WorksheetCollection", book.sheets],
      application: () => ["Excel.Application", book],
      names: () => ["Excel.NamedItemCollection", []],
    },
    "Excel.Application": { cultureInfo: () => ["Excel.CultureInfo", book] },
    "Excel.CultureInfo": { datetimeFormat: () => ["Excel.DatetimeFormatInfo", book] },
    "Excel.Worksheet": {
      names: () => ["Excel.NamedItemCollection", []],
      tables: () => ["Excel.TableCollection", []],
      charts: () => ["Excel.ChartCollection", []],
      shapes: () => ["Excel.ShapeCollection", []],
      pivotTables: () => ["Excel.PivotTableCollection", []],
      notes: () => ["Excel.NoteCollection", []],
      pageLayout: (it) => ["Excel.PageLayout", it],
    },
    "Excel.Range": { worksheet: (it) => ["Excel.Worksheet", it.sheet] },
  };

  const sheetOf = (name) => book.sheets.find((each) => each.name.toLowerCase() === String(name).toLowerCase());

  const METHODS = {
    "Excel.WorksheetCollection": {
      getItem: (_it, name) => ["Excel.Worksheet", sheetOf(name) ?? failure("ItemNotFound", String(name))],
      getItemOrNullObject: (_it, name) => ["Excel.Worksheet", sheetOf(name) ?? null],
      getActiveWorksheet: () => ["Excel.Worksheet", sheetOf(book.active)],
    },
    "Excel.Workbook": { getSelectedRange: () => ["Excel.Range", area(sheetOf(book.active), book.selection)] },
    "Excel.Worksheet": {
      getRange: (it, address) => ["Excel.Range", area(it, address) ?? failure("InvalidArgument", String(address))],
      getRangeByIndexes: (it, top, left, rows, columns) => ["Excel.Range", { sheet: it, top, left, rows, columns }],
      getUsedRangeOrNullObject: (it) => ["Excel.Range", usedRange(it)],
      activate: (it) => [null, () => show(it, null)],
    },
    "Excel.PageLayout": { getPrintAreaOrNullObject: () => ["Excel.RangeAreas", null] },
    "Excel.Range": { select: (it) => [null, () => show(it.sheet, addressOf(it).split("!").pop())] },
  };

  const WRITE = {
    "Excel.Range": {
      values: (it, matrix) => {
        if (!Array.isArray(matrix) || matrix.length !== it.rows || matrix.some((row) => row.length !== it.columns)) {
          throw failure("InvalidArgument", `values of another shape than ${addressOf(it)}`);
        }
        forEachCell(it, (row, column) => write(it.sheet, row, column, matrix[row - it.top][column - it.left]));
      },
    },
  };

  function forEachCell(range, act) {
    for (let row = range.top; row < range.top + range.rows; row += 1) {
      for (let column = range.left; column < range.left + range.columns; column += 1) act(row, column);
    }
  }

  // Excel refuses to write into a locked cell of a protected sheet, and takes a text that begins with "=" as a formula.
  function write(sheet, row, column, value) {
    const place = `${sheet.name}!${letters(column)}${row + 1}`;
    if (sheet.protected && !sheet.open?.[row]?.[column]) throw failure("AccessDenied", `${place} is locked`);
    if (value === null) return;
    if (typeof value === "string" && value.startsWith("=")) state.calls.push(["formula", place, value]);
    while (sheet.values.length <= row) sheet.values.push([]);
    while (sheet.values[row].length <= column) sheet.values[row].push("");
    sheet.values[row][column] = typeof value === "string" && value.startsWith("'") ? value.slice(1) : value;
    state.calls.push(["write", place]);
  }

  function show(sheet, address) {
    if (sheet.visibility !== "Visible") throw failure("GeneralException", `${sheet.name} is hidden`);
    book.active = sheet.name;
    if (address) book.selection = address;
    state.calls.push(address ? ["select", sheet.name, address] : ["activate", sheet.name]);
  }

  // Client objects

  const inner = new WeakMap();

  class Context {
    constructor() {
      this.queue = [];
    }
    async sync() {
      const queue = this.queue.splice(0);
      await Promise.resolve();
      if (state.editing) throw failure("InvalidOperationInCellEditMode", "Excel is in cell-editing mode.");
      if (state.refuseSync) throw failure(state.refuseSync, "refused");
      queue.forEach((act) => act());
    }
  }

  function contextObject() {
    const context = new Context();
    const object = clientObject("Excel.RequestContext", book, context);
    context.proxy = object;
    return object;
  }

  const isCollection = (type) => type.endsWith("Collection");
  const itemType = (type) => `Excel.${member(type, "items")[1].replace("[]", "").replace(/^Excel\./, "")}`;

  function clientObject(type, backing, context) {
    const it = { type, backing, context, loaded: new Map(), children: new Map(), items: null, isKnown: false };
    const proxy = new Proxy({}, { get: (_t, name) => read(it, proxy, name), set: (_t, name, value) => assign(it, name, value) });
    inner.set(proxy, it);
    if (backing instanceof Error) context.queue.push(() => { throw backing; });
    context.queue.push(() => { it.isKnown = true; });
    return proxy;
  }

  function read(it, proxy, name) {
    if (typeof name === "symbol" || name === "then") return undefined;
    const [kind] = member(it.type, name);
    if (it.type === "Excel.RequestContext" && name === "sync") return () => it.context.sync();
    if (name === "context") return it.context.proxy;
    if (name === "load") return (what) => load(it, proxy, what);
    if (name === "isNullObject") return it.isKnown ? it.backing === null : fault(`${it.type}.isNullObject is read before sync`);
    if (name === "items") return it.items ?? fault(`${it.type}.items is read before load and sync`);
    if (kind === "method") return (...given) => call(it, name, given);
    if (OBJECTS[it.type]?.[name]) return child(it, name);
    if (it.loaded.has(name)) return structuredClone(it.loaded.get(name));
    return fault(`${it.type}.${name} is read before load and sync`);
  }

  function child(it, name) {
    if (!it.children.has(name)) {
      const [type, backing] = it.backing === null ? [typeOf(it.type, name), null] : OBJECTS[it.type][name](it.backing);
      it.children.set(name, clientObject(type, backing, it.context));
    }
    return it.children.get(name);
  }

  const typeOf = (type, name) => `Excel.${member(type, name)[1].replace(/^Excel\./, "")}`;

  function call(it, name, given) {
    const play = METHODS[it.type]?.[name] ?? fault(`the host does not play ${it.type}.${name}()`);
    if (it.backing === null) return clientObject(typeOf(it.type, name), null, it.context);
    if (it.backing instanceof Error) return clientObject(typeOf(it.type, name), it.backing, it.context);
    const [type, result] = play(it.backing, ...given);
    if (type !== null) return clientObject(type, result, it.context);
    it.context.queue.push(result);
    return undefined;
  }

  function assign(it, name, value) {
    const [kind] = member(it.type, name);
    if (kind !== "property") fault(`${it.type}.${name} is read only`);
    const play = WRITE[it.type]?.[name] ?? fault(`the host does not play writing ${it.type}.${name}`);
    const given = structuredClone(value);
    it.context.queue.push(() => play(it.backing, given));
    return true;
  }

  function load(it, proxy, what) {
    const names = (Array.isArray(what) ? what : String(what).split(",")).map((each) => each.trim());
    names.forEach((name) => loadPath(it, name.split("/")));
    return proxy;
  }

  function loadPath(it, [first, ...rest]) {
    if (isCollection(it.type)) return loadItems(it, first === "items" ? rest : [first, ...rest]);
    if (TOLERATED.has(`${it.type}.${first}`)) return undefined;
    member(it.type, first);
    if (OBJECTS[it.type]?.[first]) return rest.length ? loadPath(inner.get(child(it, first)), rest) : undefined;
    const reader = READ[it.type]?.[first];
    if (!reader && it.backing !== null) return fault(`the host does not play ${it.type}.${first}`);
    it.context.queue.push(() => { if (it.backing !== null) it.loaded.set(first, reader(it.backing)); });
    return undefined;
  }

  function loadItems(it, path) {
    const type = itemType(it.type);
    if (path.length && !TOLERATED.has(`${type}.${path[0]}`)) member(type, path[0]);
    it.context.queue.push(() => {
      it.items ??= (it.backing ?? []).map((each) => clientObject(type, each, it.context));
      const before = it.context.queue.splice(0);
      const names = path.length ? [path] : Object.keys(READ[type] ?? {}).map((name) => [name]);
      it.items.forEach((item) => names.forEach((name) => loadPath(inner.get(item), name)));
      it.context.queue.splice(0).forEach((act) => act());
      it.context.queue.push(...before);
    });
  }

  // The namespaces

  function strict(type, object) {
    return new Proxy(object, {
      get(target, name) {
        if (typeof name === "symbol" || name === "then") return target[name];
        if (!declaredOrNothing(type, name)) fault(`Office has no member ${type}.${name}`);
        if (!(name in target)) fault(`the host does not play ${type}.${name}`);
        return target[name];
      },
    });
  }

  async function run(first, second) {
    const act = typeof first === "function" ? first : second;
    const context = contextObject();
    const result = await act(context);
    await context.sync();
    return result;
  }

  const enums = { ShapeType: { image: "Image" }, SheetVisibility: { visible: "Visible", hidden: "Hidden", veryHidden: "VeryHidden" } };
  globalThis.Excel = new Proxy({ run, RequestContext: function RequestContext() { return contextObject(); }, ...enums }, {
    get: (target, name) => (typeof name === "symbol" || name in target ? target[name] : fault(`the host does not play Excel.${String(name)}`)),
  });

  const storage = strict("OfficeRuntime.Storage", {
    getItem: async (key) => state.stored[key] ?? null,
    setItem: async (key, value) => { state.stored[key] = String(value); },
    removeItem: async (key) => { delete state.stored[key]; },
  });
  if (runtimeStorage) globalThis.OfficeRuntime = strict("OfficeRuntime", { storage });

  const context = strict("Office.Context", {
    requirements: strict("Office.RequirementSetSupport", { isSetSupported }),
    platform: "PC",
    partitionKey: undefined,
    diagnostics: strict("Office.ContextInformation", { host: "Excel", platform: "PC", version: "16.0.14332.20604" }),
  });
  const ready = { host: "Excel", platform: "PC" };
  const vendored = globalThis.Office;
  globalThis.hostSetup.play(strict("Office", {
    onReady: async (act) => { act?.(ready); return ready; },
    context,
    actions: strict("Office.Actions", { associate: (id, act) => { state.actions[id] = act; } }),
    addin: strict("Office.Addin", { showAsTaskpane: async () => { state.shown += 1; } }),
    Promise: globalThis.Promise,
    HostType: vendored.HostType,
    PlatformType: vendored.PlatformType,
  }));
})();
