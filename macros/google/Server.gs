/** The office's server: what is asked of it, and what its answers mean. */

/** The office's server, such as "https://baocao.example.edu.vn"; the manifest's urlFetchWhitelist has the same. */
const SERVER = "";

/** xlwings answers its own version only; the server tells its version, and this one holds where it does not. */
const XLWINGS_VERSION = "0.37.8";

/** What the person in front of the spreadsheet is told; any other error is a mistake of this script. */
class Trouble extends Error {}

/** No answer, or one that is not our server's: nobody knows what it did. */
class Unknown extends Trouble {}

/**
 * Where the school of the key stands; so a wrong key is told before anything of the report is sent.
 *
 * @param {string} key
 * @returns {Standing}
 */
function standing_(key) {
  return /** @type {Standing} */ (ask_("/baocao/standing", key));
}

/**
 * The names of the sheets that the server needs for a script.
 *
 * @param {string} script
 * @param {string} key
 * @returns {string[]}
 */
function wanted_(script, key) {
  const scripts = ask_("/xlwings/custom-scripts-meta.json", key);
  const own = Array.isArray(scripts) ? scripts.find((each) => each && each.function_name === script) : undefined;
  const names = own && typeof own.include === "string" ? own.include.split(",").map(folded_).filter(Boolean) : [];
  if (names.length === 0) throw new Trouble(strange_(200));
  return names;
}

/**
 * @param {string} path
 * @param {string} key
 * @returns {any}
 */
function ask_(path, key) {
  return request_(path, { method: "get", headers: { Authorization: key } });
}

/**
 * Calls a script of the server.
 *
 * @param {"check" | "submit"} script
 * @param {string} key
 * @param {string} version
 * @param {SentSheet[]} sheets
 * @returns {any}
 */
function post_(script, key, version, sheets) {
  const book = { name: "baocao", active_sheet_index: 0, selection: "A1" };
  const payload = JSON.stringify({ client: "Google Apps Script", version, book, names: [], sheets });
  const headers = { Authorization: key };
  try {
    const contentType = "application/json";
    return request_(`/xlwings/custom-scripts-call/${script}`, { method: "post", contentType, headers, payload });
  } catch (error) {
    if (script === "submit" && error instanceof Unknown) {
      const advice = "Chưa biết báo cáo đã tới nơi hay chưa. Hãy bấm Nộp lần nữa: nộp lại cùng một bản không sao cả.";
      throw new Trouble(`${error.message}\n${advice}`);
    }
    throw error;
  }
}

/**
 * One request; gives the JSON of the answer. The key goes to the office's server only: no redirection is followed.
 *
 * @param {string} path
 * @param {GoogleAppsScript.URL_Fetch.URLFetchRequestOptions} options
 * @returns {any}
 */
function request_(path, options) {
  if (!/^https:\/\/[^/]+$/.test(SERVER)) {
    throw new Trouble("Chưa cài đặt địa chỉ máy chủ của đơn vị quản lý. Hãy báo người đã gửi bảng tính này.");
  }
  const answer = fetched_(SERVER + path, { ...options, followRedirects: false, muteHttpExceptions: true });
  const status = answer.getResponseCode();
  const document = parsed_(answer.getContentText("UTF-8"));
  if (status === 200 && document) return document;
  const isKnown = status >= 300 && (status < 500 || detail_(document) !== "");
  throw new (isKnown ? Trouble : Unknown)(refusal_(status, document));
}

/**
 * @param {string} url
 * @param {GoogleAppsScript.URL_Fetch.URLFetchRequestOptions} options
 * @returns {GoogleAppsScript.URL_Fetch.HTTPResponse}
 */
function fetched_(url, options) {
  try {
    return UrlFetchApp.fetch(url, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = "Kiểm tra lại sau ít phút; nếu vẫn vậy, hãy báo đơn vị quản lý.";
    throw new Unknown(`Không liên lạc được với máy chủ của đơn vị quản lý. ${advice}\n(${short_(reason)})`);
  }
}

/**
 * @param {string} text
 * @returns {any} null where it is no JSON of an object or a list
 */
function parsed_(text) {
  try {
    const document = JSON.parse(text);
    return typeof document === "object" ? document : null;
  } catch (error) {
    return null;
  }
}

/** What a refusal means where the server does not say it itself. @type {Record<number, string>} */
const REFUSALS = {
  401: "Mã truy cập không đúng hoặc đã bị thu hồi.",
  403: "Mã truy cập này là của một trường khác.",
  413: "Báo cáo quá lớn. Xoá các dòng, cột và hình thừa rồi thử lại.",
  429: "Máy chủ đang bận vì có nhiều lượt gửi. Thử lại sau một phút.",
  503: "Máy chủ của đơn vị quản lý đang tạm nghỉ. Thử lại sau ít phút.",
};

/**
 * @param {number} status
 * @param {any} document
 * @returns {string}
 */
function refusal_(status, document) {
  const text = detail_(document) || REFUSALS[status] || strange_(status);
  return status === 401 ? `${text}\nVào menu ${TITLE}, chọn “Nhập mã truy cập” để nhập mã mới.` : text;
}

/**
 * What our own server says for a person; "" where it is another's page.
 *
 * @param {any} document
 * @returns {string}
 */
function detail_(document) {
  return document && typeof document.detail === "string" ? short_(document.detail) : "";
}

/**
 * @param {number} status
 * @returns {string}
 */
function strange_(status) {
  return `Máy chủ trả lời khác với mong đợi (mã ${status}). Hãy báo đơn vị quản lý, kèm con số này.`;
}

/**
 * @param {string} text
 * @returns {string}
 */
function short_(text) {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return line.length > 500 ? line.slice(0, 500) + "…" : line;
}
