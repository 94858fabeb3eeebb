/**
 * Something that a person is told about; `kind` is a key of TROUBLES, `detail` a sentence of the service. `perhapsTaken`
 * is set where a report was on its way, and nobody here knows whether it arrived.
 */
export class Trouble extends Error {
  constructor(kind, detail = "") {
    super(kind);
    this.kind = kind;
    this.detail = detail;
    this.perhapsTaken = false;
  }
}

const BY_STATUS = { 400: "garbled", 401: "key", 403: "school", 408: "slow", 409: "conflict", 413: "large", 415: "garbled", 422: "foreign", 429: "many", 503: "resting" };

/** What a failed request means. */
export function ofResponse(error) {
  if (!error.response) return new Trouble("network");
  const { status, data } = error.response;
  const detail = typeof data?.detail === "string" ? data.detail.slice(0, 500) : "";
  return new Trouble(BY_STATUS[status] ?? (status >= 500 ? "server" : "answer"), detail);
}

/** The trouble of a call that was to hand a report in: only the service itself can say that it took nothing. */
export function ofHandingIn(error) {
  const trouble = ofExcel(error);
  trouble.perhapsTaken = !trouble.detail && ["network", "server", "resting", "answer"].includes(trouble.kind);
  return trouble;
}

/** What an error of Office.js means (codes: learn.microsoft.com, Excel JavaScript API error handling). */
export function ofExcel(error) {
  if (error instanceof Trouble) return error;
  console.error(error);
  // xlwings wraps what Excel says while it writes.
  const code = error?.cause?.code ?? error?.code;
  if (code === "InvalidOperationInCellEditMode") return new Trouble("editing");
  return new Trouble(code === "AccessDenied" ? "locked" : "excel");
}
