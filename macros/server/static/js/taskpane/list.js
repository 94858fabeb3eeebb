// The list of findings. Texts come from schools and the service: they are only ever put in as text.
import { FIX, SEVERITIES, counted, place } from "./texts.js";

const byId = (id) => document.getElementById(id);
let findings = [];

/** Shows `given` in its order; `onJump(finding, done)` is called on a click, and calls `done` when the cell is reached. */
export function show(given, onJump) {
  findings = given;
  const { errors, warnings } = counts();
  byId("results").hidden = false;
  byId("results-count").textContent = counted(errors, warnings);
  byId("filter-label").hidden = !(errors && warnings);
  if (byId("filter-label").hidden) byId("only-errors").checked = false;
  byId("findings").replaceChildren(...findings.filter((each) => each.severity).map((each) => item(each, onJump)));
  const rest = findings.filter((each) => !each.severity).map((each) => each.message);
  byId("results-rest").textContent = rest.join("\n");
  byId("results-rest").hidden = !rest.length;
  filter();
}

export function hide() {
  findings = [];
  byId("results").hidden = true;
}

export function counts() {
  const number = (severity) => findings.filter((each) => each.severity === severity).length;
  return { errors: number("error"), warnings: number("warning") };
}

/** Hides warnings while `Chỉ hiện lỗi` is ticked. */
export function filter() {
  const only = byId("only-errors").checked;
  for (const each of byId("findings").children) each.hidden = only && !each.classList.contains("error");
}

function item(finding, onJump) {
  const line = document.createElement("li");
  line.className = finding.severity;
  const body = document.createElement(finding.sheet ? "button" : "div");
  if (finding.sheet) {
    body.type = "button";
    body.addEventListener("click", () => onJump(finding, () => mark(line)));
  }
  body.append(top(finding), span("text", finding.message));
  if (finding.fix) body.append(span("fix", FIX + finding.fix));
  line.append(body);
  return line;
}

/** Shows at which finding somebody is. */
function mark(line) {
  for (const each of byId("findings").children) each.removeAttribute("aria-current");
  line.setAttribute("aria-current", "true");
}

function top(finding) {
  const line = span("place", "");
  const [sign, word] = SEVERITIES[finding.severity];
  const mark = span("", `${sign} `);
  mark.setAttribute("aria-hidden", "true");
  const severity = span("severity", "");
  severity.append(mark, word);
  line.append(severity, span("where", place(finding)));
  return line;
}

function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}
