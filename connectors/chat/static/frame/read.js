// What was said is the customer's page of the thread, fetched again when its stream says that there is another version.
import { chat, lang, load, change, page } from "./kept.js";
import { tell } from "./host.js";
import { push } from "./write.js";
import { ended } from "./ended.js";

const log = document.getElementById("log");
const list = document.getElementById("said");
const text = document.getElementById("text");

let version = "";
let refreshing = Promise.resolve();

// refresh fetches the page, one after the other.
function refresh() {
  refreshing = refreshing.then(fetchPage).catch(() => {});
}

async function fetchPage() {
  const token = load().token;
  if (!token) return;
  const address = page(token);
  address.searchParams.set("lang", lang);
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(60000) });
  if (token !== load().token) return; // somebody else signed in meanwhile
  if (answer.status === 404 || answer.status === 410) return void (await ended(token));
  if (!answer.ok) return;
  const whole = (await answer.text()).replace(/<style>.*?<\/style>/s, ""); // the frame has its own, and its policy forbids others
  const fresh = new DOMParser().parseFromString(whole, "text/html");
  const shown = fresh.getElementById("conversation");
  if (!shown || !shown.dataset.version) return;
  for (const e of fresh.querySelectorAll(".text a")) e.target = "_blank";
  for (const e of fresh.querySelectorAll("[href]")) rebase(e, "href", address);
  for (const e of fresh.querySelectorAll("form[action]")) rebase(e, "action", address);
  version = shown.dataset.version;
  replace(document.getElementById("matter"), fresh.getElementById("matter"));
  const entries = Array.from(shown.querySelectorAll(".said > li"));
  patch(entries);
  const there = new Set(entries.map((li) => li.id.slice(2)));
  change((kept) => {
    kept.queue = kept.queue.filter((q) => !q.id || !there.has(q.id));
  });
}

// rebase makes an address of ours, which is relative to the page, hold in the frame. What people wrote stays: browsers may take it for no address.
function rebase(element, attribute, page) {
  const given = element.getAttribute(attribute);
  if (/^[.?]/.test(given)) element.setAttribute(attribute, new URL(given, page));
}

// patch leaves the messages that stand there as they are: the log tells of new ones only.
function patch(entries) {
  const before = list.querySelectorAll(".ours").length;
  const low = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const wanted = new Set(entries.map((li) => li.id));
  for (const li of Array.from(list.querySelectorAll(":scope > li[id]"))) if (!wanted.has(li.id)) li.remove();
  let last = null;
  for (const fresh of entries) {
    const old = document.getElementById(fresh.id);
    const read = old && !old.querySelector(":scope > .read") && fresh.querySelector(":scope > .read");
    if (read) old.append(document.adoptNode(read));
    const li = old ?? document.adoptNode(fresh);
    const next = last ? last.nextElementSibling : list.firstElementChild;
    if (next !== li) list.insertBefore(li, next);
    last = li;
  }
  list.hidden = list.children.length === 0;
  const more = list.querySelectorAll(".ours").length - before;
  if (more > 0) {
    typing(false);
    tell({ loket: "news", count: more });
  }
  if (low) log.scrollTop = log.scrollHeight;
  mark();
}

// show shows what was written and does not stand on the page yet, behind what does.
export function show(kept) {
  for (const li of Array.from(list.querySelectorAll(":scope > li:not([id])"))) {
    if (!kept.queue.some((q) => q.key === li.dataset.key)) li.remove();
  }
  for (const q of kept.queue) {
    let li = list.querySelector(`li[data-key="${CSS.escape(q.key)}"]`);
    if (!li) {
      li = list.appendChild(document.createElement("li"));
      li.dataset.key = q.key;
      const said = li.appendChild(document.createElement("p"));
      said.className = "text";
      said.dir = "auto";
      said.textContent = [q.text, ...(q.files ?? []).map((f) => "📎 " + f)].filter(Boolean).join("\n");
      li.appendChild(document.createElement("p")).className = "hint";
    }
    const hint = li.querySelector(".hint");
    hint.className = q.refused ? "hint problem" : "hint";
    hint.textContent = q.refused ? { 413: chat.dataset.long, gone: chat.dataset.gone }[q.refused] ?? chat.dataset.refused : q.id ? "" : chat.dataset.sending;
  }
  list.hidden = list.children.length === 0;
  document.getElementById("greeting").hidden = !list.hidden;
  const over = document.getElementById("over");
  over.textContent = kept.over ? over.dataset.text : "";
  document.getElementById("more").hidden = !kept.token;
  if (!kept.token) return;
  document.getElementById("whole").href = page(kept.token) + "?lang=" + lang;
  document.getElementById("save").href = page(kept.token, "/transcript") + "?lang=" + lang;
  document.getElementById("savetext").href = page(kept.token, "/transcript") + "?as=text&lang=" + lang;
}

function replace(old, fresh) {
  if (fresh && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...Array.from(fresh.childNodes, (n) => document.adoptNode(n)));
}

let source;
export let followed = ""; // the conversation that is followed

// restart shows another conversation than before.
export function restart() {
  source?.close();
  source = undefined;
  followed = version = "";
  list.replaceChildren();
  document.getElementById("matter").replaceChildren();
  show(load());
  push();
  follow();
}

// follow hears of new versions. A stream begins by telling which there is, so what came while there was none is fetched too.
export function follow() {
  const token = load().token;
  if (!token || source) return;
  followed = token;
  source = new EventSource(page(token, "/live?typing"));
  source.addEventListener("version", (event) => {
    if (event.data !== version) refresh();
  });
  source.addEventListener("typing", (event) => typing(event.data === "yes"));
  source.addEventListener("open", () => {
    trouble("");
    push();
  });
  source.addEventListener("error", () => {
    trouble(chat.dataset.offline);
    if (source.readyState !== EventSource.CLOSED) return;
    source = undefined; // refused, not cut: it is tried again, and looked meanwhile
    setTimeout(follow, 15000 * (1 + Math.random()));
    refresh();
  });
}

// typing says that one of us is writing.
function typing(yes) {
  const at = document.getElementById("typing");
  at.textContent = yes ? at.dataset.text : "";
}

let told = 0;

// While something is written we are told, at most every few seconds.
text.addEventListener("input", () => {
  const token = load().token;
  if (!token || Date.now() - told < 4000 || text.value === "") return;
  told = Date.now();
  fetch(page(token, "/typing"), { method: "POST" }).then((answer) => answer.text()).catch(() => {}); // the next key says it again
});

function trouble(words) {
  const at = document.getElementById("trouble");
  if (at.textContent !== words) at.textContent = words;
}

// The page's own forms, such as how it went, are sent without leaving the frame.
document.getElementById("matter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(event.target, event.submitter));
  try {
    const answer = await fetch(event.target.action, { method: "POST", headers: { Accept: "application/json" }, body: fields });
    await answer.text();
  } catch { /* it still stands there to be said again */ }
  refresh();
});

let shown = parent === window; // the page around the frame shows it

// seen notes whether the page around the frame shows it.
export function seen(yes) {
  shown = yes;
  mark();
}

// mark says which answers somebody sees: the frame is shown, and the window.
async function mark() {
  const kept = load();
  if (document.hidden || !shown || !kept.token) return;
  const fresh = Array.from(list.querySelectorAll(".ours"), (li) => li.id.slice(2)).filter((id) => !kept.read?.includes(id)).slice(-50);
  if (fresh.length === 0) return;
  try {
    const answer = await fetch("./read", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ thread: kept.token, messages: fresh }),
    });
    await answer.text();
    if (answer.status === 404 || answer.status === 410) await ended(kept.token);
    if (answer.ok) change((now) => (now.read = [...(now.read ?? []), ...fresh].slice(-200)));
  } catch { /* the next version says it again */ }
}

document.addEventListener("visibilitychange", mark);

