/**
 * Runs functions of macros/google under the stub: a line of JSON on stdin is what is given, on stdout what happened.
 *
 * `node:vm` and not gas-local, which is the same four lines around it and has no release since 2020.
 */
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const vm = require("vm");
const { MessageChannel, Worker, receiveMessageOnPort } = require("worker_threads");

const ADDRESS = "https://baocao.truong.example";
const EXAMPLE = "https://baocao.example.edu.vn/";
const UNSET = 'const SERVER = "";';

/** Does HTTP and waits for it, as UrlFetchApp does; `server` is where the script's address really lies. */
function fetcher() {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const workerData = { signal, port: port2 };
  const worker = new Worker(path.join(__dirname, "fetching.js"), { workerData, transferList: [port2] });
  const fetch = ({ server, seconds }, url, options) => {
    Atomics.store(signal, 0, 0);
    const { method, headers, payload, contentType, followRedirects } = options;
    const sent = { ...headers, ...(contentType ? { "Content-Type": contentType } : {}) };
    const real = server + url.slice(ADDRESS.length);
    port1.postMessage({ url: real, method, headers: sent, payload, followRedirects, seconds });
    Atomics.wait(signal, 0, 0);
    return receiveMessageOnPort(port1).message;
  };
  return { fetch, end: () => worker.terminate() };
}

/** The script's files in one context, as Google joins them. */
function load(context, folder, isSetUp) {
  for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".gs")).sort()) {
    let source = fs.readFileSync(path.join(folder, name), "utf8");
    if (isSetUp) source = source.replace(UNSET, `const SERVER = "${ADDRESS}";`);
    vm.runInContext(source, context, { filename: name });
  }
}

/** The manifest as it is once the address is set. */
function manifest(folder) {
  const text = fs.readFileSync(path.join(folder, "appsscript.json"), "utf8");
  return JSON.parse(text.replace(EXAMPLE, ADDRESS + "/"));
}

/** Runs what one line of stdin asks for; gives what happened. */
function run(asked, fetch) {
  const members = JSON.parse(fs.readFileSync(path.join(__dirname, "members.json"), "utf8")).members;
  const given = { members, manifest: manifest(asked.folder), ...asked };
  const lists = { said: [], toasts: [], menu: [], requests: [], written: [] };
  const happened = { ...lists, active: null, locked: false, unreleased: 0 };
  const context = vm.createContext({});
  vm.runInContext(fs.readFileSync(path.join(__dirname, "stub.js"), "utf8"), context, { filename: "stub.js" });
  context.given = JSON.stringify(given);
  context.host = { fetch: (url, options) => fetch(asked, url, options) };
  context.happened = JSON.stringify(happened);
  const state = vm.runInContext("install(JSON.parse(given), host, JSON.parse(happened))", context);
  load(context, asked.folder, asked.isSetUp);
  let error = null;
  try {
    for (const click of asked.clicks) vm.runInContext(`${click}()`, context);
  } catch (thrown) {
    error = String(thrown && thrown.stack);
  }
  return { ...state(), error };
}

const http = fetcher();
readline
  .createInterface({ input: process.stdin })
  .on("line", (line) => process.stdout.write(JSON.stringify(run(JSON.parse(line), http.fetch)) + "\n"))
  .on("close", http.end);
