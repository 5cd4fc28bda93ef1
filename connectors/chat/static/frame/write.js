// What is written is kept until it was taken, so a cut network, a closed tab and a restarted server lose and double nothing.
import { chat, lang, load, change, name, unguessable } from "./kept.js";
import { ended } from "./ended.js";
import { visitor, expired } from "./who.js";
import { follow } from "./read.js";

const form = document.getElementById("form");
const text = document.getElementById("text");
const log = document.getElementById("log");
const chosen = document.getElementById("attachments"); // null where there are to be none
export const uploads = new Map(); // files by the key of what was written with them: a browser does not keep them

form.addEventListener("submit", (event) => {
  event.preventDefault();
  write();
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    write();
  }
});

function write() {
  const files = Array.from(chosen?.files ?? []);
  if (text.value.trim() === "" && files.length === 0) return;
  enqueue(text.value, files);
  text.value = "";
  if (chosen) chosen.value = "";
  log.scrollTop = log.scrollHeight;
}

// enqueue keeps what was written, and sends it as soon as it can be.
export function enqueue(words, files = []) {
  const said = { text: words, key: unguessable(), files: files.map((f) => f.name), tab };
  change((kept) => {
    if (!kept.token && !kept.queue.some((q) => q.proof && !q.refused)) { // it begins the conversation
      said.key = chat.dataset.key;
      said.proof = chat.dataset.proof;
    }
    kept.queue.push(said);
    if (files.length) uploads.set(said.key, files);
  });
  push();
}

const tab = unguessable(); // names this one: a lock of that name is held for as long as it is open
navigator.locks?.request("loket-chat:" + tab, () => new Promise(() => {})).catch(() => {});

// isOpen tells whether another tab is still there. Browsers without locks can't tell.
async function isOpen(other) {
  try {
    return (await navigator.locks.query()).held.some((lock) => lock.name === "loket-chat:" + other);
  } catch {
    return false;
  }
}

let pushing = false;
let pause = 0;
let again;

let held = Promise.resolve();

// hold keeps what is written until a promise is settled.
export function hold(until) {
  held = until;
  until.then(() => {
    push();
    follow();
  });
}

// push sends what was written, one after the other, in the order in which it was.
export async function push() {
  if (pushing) return;
  pushing = true;
  clearTimeout(again);
  let wait = 0;
  try {
    await held;
    for (let next; wait === 0 && (next = load().queue.find((q) => !q.id && !q.refused)); ) wait = await send(next);
  } finally {
    pushing = false;
  }
  pause = wait === 0 ? 0 : Math.min(30000, Math.max(1000, 2 * pause));
  if (wait > 0) again = setTimeout(push, Math.max(wait, pause) * (1 + Math.random() / 4));
}

// send gives how long to wait before it is tried again, 0 when that is done.
async function send(said) {
  const at = name;
  const refuse = (why) => change((kept) => {
    for (const q of kept.queue) if (q.key === said.key) q.refused = why;
  }, at);
  if (said.files?.length && !uploads.has(said.key)) {
    if (await isOpen(said.tab)) return 1000; // it has the files, and sends them
    refuse("gone");
    return 0;
  }
  const token = said.proof ? "" : load().token ?? "";
  let answer, receipt;
  try {
    const signal = AbortSignal.timeout(said.files?.length ? 600000 : 60000);
    answer = await fetch("./?lang=" + lang, { method: "POST", headers: { Accept: "application/json" }, body: bodyOf(said, token), signal });
    if (answer.ok) receipt = await answer.json();
  } catch { // nothing, or half an answer: sent again it is the same message
    return 1000;
  }
  if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return 1000 * (Number(answer.headers.get("Retry-After")) || 1);
  if (answer.status === 401) {
    expired();
    return 2000;
  }
  if (token && (answer.status === 404 || answer.status === 410)) return (await ended(token)) ? 0 : 2000;
  if (!answer.ok) {
    refuse(answer.status);
    return 0;
  }
  change((kept) => {
    kept.token ??= receipt.thread.split("/").pop();
    delete kept.over;
    for (const q of kept.queue) if (q.key === said.key) q.id = receipt.message;
  }, at);
  follow();
  return 0;
}

function bodyOf(said, token) {
  const { at = "", ...address } = load().address ?? {};
  const fields = { ...address, address_at: at, ...visitor, text: said.text, key: said.key, proof: said.proof ?? "", thread: token };
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  for (const f of uploads.get(said.key) ?? []) body.append("attachments", f);
  return body;
}

addEventListener("online", push);
