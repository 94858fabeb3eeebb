// The task pane: key, school, the two buttons, and what came of them.
import * as keys from "./key.js";
import * as list from "./list.js";
import * as service from "./service.js";
import * as workbook from "./workbook.js";
import { NOT_WRITTEN, PROGRESS, TROUBLES, UNKNOWN, UNKNOWN_IF_TAKEN, heads, moment } from "./texts.js";
import { Trouble, ofExcel, ofHandingIn } from "./trouble.js";

// What xlwings' getBookData needs: print areas and shapes came with it.
const LEAST_EXCEL = "1.9";

const byId = (id) => document.getElementById(id);
let key = null;
let busy = false;

function only(section) {
  for (const id of ["opening", "too-old", "key-section", "school-section"]) byId(id).hidden = id !== section;
  const inside = section === "school-section";
  byId("change-key").hidden = byId("forget-key").hidden = !inside;
  if (!inside) list.hide();
}

function say(kind, head, text) {
  const box = byId("message");
  box.className = kind;
  box.setAttribute("role", kind === "bad" ? "alert" : "status");
  box.hidden = false;
  byId("message-head").textContent = head;
  byId("message-text").textContent = text;
  byId("message-text").hidden = !text;
}

function sayTrouble(error) {
  const trouble = error.kind in TROUBLES ? error : new Trouble("excel");
  const [head, text] = TROUBLES[trouble.kind];
  const more = trouble.perhapsTaken ? UNKNOWN_IF_TAKEN : "";
  say("bad", head, [trouble.detail || text, more].filter(Boolean).join("\n"));
}

function progress(text) {
  byId("progress").textContent = text;
  byId("progress").hidden = !text;
}

function setBusy(value) {
  busy = value;
  for (const id of ["check", "submit", "key-save", "key-back", "change-key", "forget-key"]) byId(id).disabled = value;
  if (value) document.querySelector("main").setAttribute("aria-busy", "true");
  else document.querySelector("main").removeAttribute("aria-busy");
  if (!value) progress("");
}

/** Runs one thing at a time; a second click meanwhile does nothing. `act` gives the id of what gets the focus then. */
async function alone(act) {
  if (busy) return;
  setBusy(true);
  closeConfirm();
  byId("message").hidden = true;
  let next;
  try {
    next = await act();
  } finally {
    setBusy(false);
  }
  if (next) byId(next).focus({ preventScroll: true });
}

// The key

function askForKey() {
  only("key-section");
  byId("key-back").hidden = !key;
  byId("key-input").value = "";
  byId("key-shown").checked = false;
  byId("key-input").type = "password";
  return "key-input";
}

async function useTyped() {
  const typed = keys.cleaned(byId("key-input").value);
  try {
    if (!keys.looksRight(typed)) throw new Trouble("form");
    progress(PROGRESS.standing);
    const standing = await service.standing(typed);
    key = typed;
    await keys.keep(typed);
    only("school-section");
    showStanding(standing);
    await showVerdictOfSheet();
    return "check";
  } catch (error) {
    sayTrouble(ofExcel(error));
    return "key-input";
  }
}

async function forgetKey() {
  await keys.forget();
  key = null;
  showStanding({});
  return askForKey();
}

// The school

function showStanding(standing) {
  byId("school-name").textContent = standing.name ? `${standing.name} (${standing.school})` : "Trường";
  byId("school-period").textContent = standing.title || standing.period || UNKNOWN;
  byId("school-due").textContent = moment(standing.due);
  byId("school-standing").textContent = standing.standing_text || UNKNOWN;
  // Handed in, and the office's next pass has not seen it yet; the standing does not count it so far.
  byId("school-received").textContent = moment(standing.handed_in_at || standing.received_at);
  byId("school-received-row").hidden = !(standing.handed_in_at || standing.received_at);
  byId("school-waiting").hidden = !standing.handed_in_at;
}

async function openSchool() {
  only("school-section");
  try {
    await showVerdictOfSheet();
    progress(PROGRESS.standing);
    showStanding(await service.standing(key));
    return "";
  } catch (error) {
    return tell(ofExcel(error));
  }
}

/** Tells of a trouble; a key that is none any more is asked for at once. */
function tell(error) {
  sayTrouble(error);
  return error.kind === "key" ? askForKey() : "message";
}

// Judging and handing in

async function run(script) {
  let verdict;
  try {
    verdict = await judged(script);
  } catch (error) {
    return tell(ofExcel(error));
  }
  showVerdict(verdict, script);
  if (script === "submit") await refreshStanding();
  return "results-heading";
}

async function judged(script) {
  progress(PROGRESS.read);
  await workbook.requireOurs();
  const needed = await service.neededSheets(key, script);
  const payload = await workbook.gathered(needed);
  progress(PROGRESS[script]);
  const { actions, hindrance } = await answered(script, payload, needed);
  const verdict = hindrance ? workbook.verdictOf(actions) : await workbook.verdict();
  return { ...verdict, note: hindrance ? NOT_WRITTEN[hindrance] ?? NOT_WRITTEN.excel : "" };
}

/** Sends the workbook and writes the answer; gives its actions, and what kept them from being written. */
async function answered(script, payload, needed) {
  try {
    const actions = await service.call(script, payload, key);
    progress(PROGRESS.write);
    return { actions, hindrance: await workbook.written(actions, payload, needed) };
  } catch (error) {
    throw script === "submit" ? ofHandingIn(error) : error;
  }
}

function showVerdict({ lines, findings, note }, script) {
  list.show(findings, jump);
  const { errors, warnings } = list.counts();
  const text = [...lines, note].filter(Boolean).join("\n");
  if (errors) say("bad", script === "submit" ? heads.notSubmitted : heads.failed, text);
  else say(warnings || note ? "warned" : "", script === "submit" ? heads.submitted : heads.passed, text);
}

async function refreshStanding() {
  try {
    showStanding(await service.standing(key));
  } catch {
    // What came of the report stands above; the standing is asked for again when the pane opens.
  }
}

/** What the sheet says already, for example in a returned copy. */
async function showVerdictOfSheet() {
  const verdict = await workbook.verdict();
  if (verdict?.findings.length) list.show(verdict.findings, jump);
}

async function jump(finding, done) {
  try {
    await workbook.goTo(finding.sheet, finding.cell);
    done();
  } catch (error) {
    sayTrouble(ofExcel(error));
  }
}

// Asking before handing in

function openConfirm() {
  if (busy) return;
  byId("confirm").hidden = false;
  byId("submit").setAttribute("aria-expanded", "true");
  byId("confirm-yes").focus();
}

function closeConfirm() {
  byId("confirm").hidden = true;
  byId("submit").setAttribute("aria-expanded", "false");
}

function cancelConfirm() {
  closeConfirm();
  byId("submit").focus();
}

// The ribbon

async function fromRibbon(event, act) {
  try {
    await Office.addin.showAsTaskpane();
    if (key) await act();
  } finally {
    event.completed();
  }
}

function wire() {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    alone(useTyped);
  });
  byId("key-shown").addEventListener("change", (event) => {
    byId("key-input").type = event.target.checked ? "text" : "password";
  });
  byId("key-back").addEventListener("click", () => alone(openSchool));
  byId("change-key").addEventListener("click", () => alone(async () => askForKey()));
  byId("forget-key").addEventListener("click", () => alone(forgetKey));
  byId("check").addEventListener("click", () => alone(() => run("check")));
  byId("submit").addEventListener("click", openConfirm);
  byId("confirm-yes").addEventListener("click", () => alone(() => run("submit")));
  byId("confirm-no").addEventListener("click", cancelConfirm);
  byId("confirm").addEventListener("keydown", (event) => event.key === "Escape" && cancelConfirm());
  byId("only-errors").addEventListener("change", list.filter);
  Office.actions.associate("baocao-check", (event) => fromRibbon(event, () => alone(() => run("check"))));
  Office.actions.associate("baocao-submit", (event) => fromRibbon(event, openConfirm));
}

async function start() {
  const { host } = await Office.onReady();
  if (!host) return; // taskpane-reload.js of xlwings opens the pane again, and asks when that did not help.
  if (!Office.context.requirements.isSetSupported("ExcelApi", LEAST_EXCEL)) {
    only("too-old");
    return;
  }
  wire();
  key = await keys.kept();
  if (key) await alone(openSchool);
  else await alone(async () => askForKey());
}

start();
