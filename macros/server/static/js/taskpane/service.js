// Calls to the service. By xlwings' own request helper (XMLHttpRequest): fetch ends after 60 seconds in Excel for Mac.
import { Trouble, ofResponse } from "./trouble.js";

export const LARGEST = 8 * 1024 * 1024;
const QUICK = 20_000;

const config = JSON.parse(document.getElementById("config").textContent);
const address = (path) => window.location.origin + config.appPath + path;

async function get(path, key) {
  try {
    const { data } = await xwRequest.get(address(path), { headers: { Authorization: key }, timeout: QUICK });
    return data;
  } catch (error) {
    throw ofResponse(error);
  }
}

/** Whose key it is, and where the school stands; the shape of `/baocao/standing`. */
export async function standing(key) {
  const data = await get("/baocao/standing", key);
  if (typeof data?.school !== "string") throw new Trouble("answer");
  return data;
}

/** Which sheets the scripts need; never none, because then all of them would travel. */
export async function neededSheets(key, script) {
  const data = await get("/xlwings/custom-scripts-meta.json", key);
  const found = Array.isArray(data) ? data.find((each) => each.function_name === script) : null;
  const names = String(found?.include ?? "").split(",").map((name) => name.trim()).filter(Boolean);
  if (!names.length) throw new Trouble("answer");
  return names;
}

/** Sends the workbook to a script; gives the actions it answers with. */
export async function call(script, payload, key) {
  const headers = { Authorization: key, "Content-Type": "application/json" };
  if (new Blob([JSON.stringify(payload)]).size > LARGEST) throw new Trouble("large");
  try {
    const { data } = await xwRequest.post(address(`/xlwings/custom-scripts-call/${script}`), payload, {
      headers,
      timeout: config.requestTimeout * 1000,
    });
    if (!Array.isArray(data?.actions)) throw new Trouble("answer");
    return data.actions;
  } catch (error) {
    throw error instanceof Trouble ? error : ofResponse(error);
  }
}
