// The conversation in the frame. What was said is the customer's page of the thread, fetched again when its stream says that there is another
// version; what is written is kept here until it was taken, so a cut network, a closed tab and a restarted server lose and double nothing.
const chat = document.getElementById("chat");
const log = document.getElementById("log");
const list = document.getElementById("said");
const form = document.getElementById("form");
const text = document.getElementById("text");
const lang = document.documentElement.lang;
const anybody = "loket-chat:" + location.pathname;
let name = anybody; // under which is kept what there is; whoever signed in to the page around it has their own

const storage = (() => {
  try {
    localStorage.setItem(anybody + ":try", "1");
    localStorage.removeItem(anybody + ":try");
    return localStorage;
  } catch { // the browser keeps nothing for frames of others: the conversation lasts as long as the page
    const kept = new Map();
    return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };
  }
})();

// What is kept: token of the conversation, and queue, what was written and does not stand in it yet. Other tabs keep the same.
function load(at = name) {
  try {
    return { queue: [], ...JSON.parse(storage.getItem(at) ?? "{}") };
  } catch {
    return { queue: [] };
  }
}

function change(edit, at = name) {
  const kept = load(at);
  edit(kept);
  storage.setItem(at, JSON.stringify(kept));
  if (at === name) show(kept);
}

let shown = parent === window; // the page around the frame shows it

const page = (token, path = "") => new URL("../../t/" + token + path, location.href);

// ---- writing

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

const chosen = document.getElementById("attachments"); // null where there are to be none
const uploads = new Map(); // files by the key of what was written with them: a browser does not keep them

function write() {
  const files = Array.from(chosen?.files ?? []);
  if (text.value.trim() === "" && files.length === 0) return;
  enqueue(text.value, files);
  text.value = "";
  if (chosen) chosen.value = "";
  log.scrollTop = log.scrollHeight;
}

// enqueue keeps what was written, and sends it as soon as it can be.
function enqueue(words, files = []) {
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

function unguessable() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
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

// push sends what was written, one after the other, in the order in which it was.
async function push() {
  if (pushing) return;
  pushing = true;
  clearTimeout(again);
  let wait = 0;
  try {
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
  let answer;
  const fields = { ...load().address, ...visitor, text: said.text, key: said.key, proof: said.proof ?? "", thread: said.proof ? "" : load().token ?? "" };
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  for (const f of uploads.get(said.key) ?? []) body.append("attachments", f);
  if (said.files?.length && !uploads.has(said.key)) {
    if (await isOpen(said.tab)) return 1000; // it has the files, and sends them
    change((kept) => {
      for (const q of kept.queue) if (q.key === said.key) q.refused = "gone";
    }, at);
    return 0;
  }
  let receipt;
  try {
    const signal = AbortSignal.timeout(said.files?.length ? 600000 : 60000);
    answer = await fetch("./?lang=" + lang, { method: "POST", headers: { Accept: "application/json" }, body, signal });
    if (answer.ok) receipt = await answer.json();
  } catch { // nothing, or half an answer: sent again it is the same message
    return 1000;
  }
  if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return 1000 * (Number(answer.headers.get("Retry-After")) || 1);
  if (answer.status === 401) { // who they are is not proven any more: the page may say it anew, else they are anybody
    visitor = {};
    tell({ loket: "expired" });
    return 2000;
  }
  if (!answer.ok) {
    change((kept) => {
      for (const q of kept.queue) if (q.key === said.key) q.refused = answer.status;
    }, at);
    return 0;
  }
  change((kept) => {
    kept.token ??= receipt.thread.split("/").pop();
    for (const q of kept.queue) if (q.key === said.key) q.id = receipt.message;
  }, at);
  follow();
  return 0;
}

addEventListener("online", push);

// ---- reading

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
  if (answer.status === 404) return forget(); // it was erased
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
    const li = document.getElementById(fresh.id) ?? document.adoptNode(fresh);
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
function show(kept) {
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
  document.getElementById("more").hidden = !kept.token;
  if (kept.token) document.getElementById("whole").href = page(kept.token) + "?lang=" + lang;
}

function replace(old, fresh) {
  if (fresh && old.innerHTML !== fresh.innerHTML) old.replaceChildren(...Array.from(fresh.childNodes, (n) => document.adoptNode(n)));
}

let source;

// follow hears of new versions. A stream begins by telling which there is, so what came while there was none is fetched too.
function follow() {
  const token = load().token;
  if (!token || source) return;
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

// ---- who they are

const fields = ["name", "email", "phone"].map((id) => document.getElementById(id));

for (const f of fields) f.value = load().address?.[f.id] ?? "";
document.getElementById("keep").hidden = false;
document.getElementById("keep").addEventListener("click", () => {
  for (const f of fields) if (!f.reportValidity()) return;
  const address = Object.fromEntries(fields.map((f) => [f.id, f.value.trim()]));
  const where = [address.email, address.phone].filter(Boolean).join(", ");
  const known = load().address ?? {};
  const fresh = where && where !== [known.email, known.phone].filter(Boolean).join(", ");
  change((kept) => (kept.address = address));
  if (fresh && (load().token || load().queue.length)) enqueue(chat.dataset.reach.replace("%s", where)); // colleagues read it, too
  document.getElementById("kept").textContent = chat.dataset.kept;
  document.getElementById("leave").open = false;
});

let visitor = {}; // what proves who signed in to the page around the frame

// identify takes who signed in there. What somebody else said in this browser stays theirs.
function identify(who) {
  visitor = {};
  let user = "";
  if (typeof who?.token === "string") {
    visitor = { visitor: who.token };
    try {
      user = String(JSON.parse(atob(who.token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub);
    } catch { /* it is refused when it is used */ }
  } else if (typeof who?.user === "string") {
    visitor = { user: who.user, user_hash: String(who.hash) };
    user = who.user;
  }
  const theirs = anybody + (user && "#" + user);
  if (theirs === name) return;
  name = theirs;
  source?.close();
  source = undefined;
  version = "";
  list.replaceChildren();
  document.getElementById("matter").replaceChildren();
  show(load());
  push();
  follow();
}

// ---- what was read

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
    if (answer.ok) change((now) => (now.read = [...(now.read ?? []), ...fresh].slice(-200)));
  } catch { /* the next version says it again */ }
}

document.addEventListener("visibilitychange", mark);

// ---- ending

function forget() {
  storage.removeItem(name);
  location.reload();
}

document.getElementById("forget").addEventListener("click", forget);

addEventListener("storage", (event) => {
  if (event.key !== name && event.key !== null) return;
  if (event.newValue === null) return location.reload();
  show(load());
  follow();
});

// ---- the page around the frame

let host = ""; // its origin, once it has said something and is one of those that may

function tell(words) {
  if (host) parent.postMessage(words, host);
}

addEventListener("message", (event) => {
  if (parent === window || event.source !== parent || !chat.dataset.origins.split(" ").concat(location.origin).includes(event.origin)) return;
  host = event.origin;
  if (event.data?.loket === "visitor") identify(event.data.who);
  if (event.data?.loket === "hello") {
    identify(event.data.who);
    document.getElementById("close").hidden = false;
    tell({ loket: "ready" });
  }
  if (event.data?.loket === "shown") {
    shown = true;
    text.focus();
    mark();
  }
  if (event.data?.loket === "hidden") shown = false;
});

document.getElementById("close").addEventListener("click", () => tell({ loket: "close" }));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell({ loket: "close" });
});

show(load());
push();
follow();
