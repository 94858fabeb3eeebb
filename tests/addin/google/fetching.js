/** The thread that does the requests of run.js, one after another. */
"use strict";

const { workerData } = require("worker_threads");
const { signal, port } = workerData;

async function answered({ url, method, headers, payload, followRedirects, seconds }) {
  const redirect = followRedirects === false ? "manual" : "follow";
  try {
    const options = { method: method.toUpperCase(), headers, body: payload, redirect };
    const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(seconds * 1000) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { error: error.name === "TimeoutError" ? `Timeout: ${url}` : `Address unavailable: ${url}` };
  }
}

port.on("message", async (request) => {
  port.postMessage(await answered(request));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
