// The school's key, kept for this user on this computer: by Office where it can, else by the browser, apart for each
// site that shows Excel on the web (learn.microsoft.com: "Persist add-in state and settings", partitioned storage).

const NAME = "baocao-key";
const FORM = /^bc-[0-9A-Za-z]{10}-[0-9A-Za-z_-]{43}$/;

const byOffice = () => (typeof OfficeRuntime === "undefined" ? null : OfficeRuntime.storage);
const nameHere = () => (Office.context.partitionKey ?? "") + NAME;

/** What was typed or pasted without the signs that copying adds. */
export function cleaned(text) {
  return text.replace(/[\s\u200b-\u200d\u2060\ufeff]/g, "");
}

export function looksRight(key) {
  return FORM.test(key);
}

/** The kept key, or null. A store that cannot be read is an empty one: the key is asked for again. */
export async function kept() {
  try {
    const key = byOffice() ? await byOffice().getItem(NAME) : localStorage.getItem(nameHere());
    return key && looksRight(key) ? key : null;
  } catch {
    return null;
  }
}

/** Keeps `key`; gives whether it could. */
export async function keep(key) {
  try {
    if (byOffice()) await byOffice().setItem(NAME, key);
    else localStorage.setItem(nameHere(), key);
    return true;
  } catch {
    return false;
  }
}

export async function forget() {
  try {
    if (byOffice()) await byOffice().removeItem(NAME);
    else localStorage.removeItem(nameHere());
  } catch {
    // Nothing was kept where nothing can be reached.
  }
}
