/** Something that a person is told about; `kind` is a key of TROUBLES, `detail` a sentence of the service. */
export class Trouble extends Error {
  constructor(kind, detail = "") {
    super(kind);
    this.kind = kind;
    this.detail = detail;
  }
}

const BY_STATUS = { 401: "key", 403: "school", 409: "conflict", 413: "large", 422: "foreign", 429: "many", 503: "resting" };

/** What a failed request means. */
export function ofResponse(error) {
  if (!error.response) return new Trouble("network");
  const { status, data } = error.response;
  const detail = typeof data?.detail === "string" ? data.detail.slice(0, 500) : "";
  return new Trouble(BY_STATUS[status] ?? (status >= 500 ? "server" : "answer"), detail);
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
