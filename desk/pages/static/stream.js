// One stream for all tabs of this browser, as a shared worker; where there is none, each tab has its own.
import { follow, pause } from "./events.js";

const tabs = new Map(); // port -> what it shows
const kept = 500; // of what came lately, for tabs that come
let last = ""; // the event that came last
let from = ""; // what came since is in recent
let recent = [];
let since = Date.now(); // when it stopped being live; 0 while it is
const headers = { "X-Loket-Region": "live", "X-Loket-Itself": "1" };
let current = null;
let opened = "";
let tries = 0;

const front = new Set(); // ports of tabs that somebody looks at
let lately; // the one that was the last of those

export function connect(port) {
  port.onmessage = ({ data }) => {
    if (data.bye) return leave(port);
    if ("front" in data) return look(port, data.front);
    if (data.lock && !tabs.get(port)?.lock) navigator.locks?.request(data.lock, () => leave(port)); // it is free when the tab is gone
    tabs.set(port, data);
    if (!last) last = from = data.after;
    for (const e of recent) if (later(e.id, data.after)) port.postMessage(e);
    if (data.after && later(from, data.after)) port.postMessage({ type: "reload" });
    port.postMessage({ type: "state", since });
    plan();
  };
}

if (self.SharedWorkerGlobalScope) self.onconnect = (e) => connect(e.ports[0]);

function look(port, looks) {
  if (looks) front.add(lately = port);
  else front.delete(port);
}

// call has one tab tell of what happened, if nobody looks at any: the one that was looked at last.
function call(message) {
  if (front.size === 0) (tabs.has(lately) ? lately : [...tabs.keys()].pop())?.postMessage(message);
}

function leave(port) {
  tabs.delete(port);
  front.delete(port);
  plan();
}

// later tells whether an event came after another.
function later(a, b) {
  const [a1, a2] = (a || "0").split("-").map(Number);
  const [b1, b2] = (b || "0").split("-").map(Number);
  return a1 > b1 || a1 === b1 && (a2 || 0) > (b2 || 0);
}

const wanted = () => [...new Set([...tabs.values()].flatMap((t) => t.open || []))].sort().join(",");

// plan begins the stream, or begins it anew when other tasks are open.
function plan() {
  if (tabs.size === 0) {
    current?.abort();
    current = null;
  } else if (!current || opened !== wanted()) {
    run();
  }
}

function tell(message) {
  for (const [port, tab] of tabs) if (!message.id || later(message.id, tab.after)) port.postMessage(message);
}

async function run() {
  current?.abort();
  const own = current = new AbortController();
  opened = wanted();
  const out = await follow("/live?" + new URLSearchParams({ after: last }), { headers, stop: own, take }) === 401;
  if (own !== current) return;
  if (!since || out) {
    since = since || Date.now();
    tell({ type: "state", since, out });
  }
  setTimeout(() => own === current && run(), pause(tries++));
}

function take(field) {
  if (since) {
    since = tries = 0;
    tell({ type: "state", since });
  }
  if (field.event === "beat") return answer(JSON.parse(field.data).stream);
  const message = { type: field.event, id: field.id, ...JSON.parse(field.data) };
  if (field.event === "call") return call(message);
  if (field.id) {
    last = field.id;
    if (field.event === "reload") recent = [];
    else recent.push(message);
    if (recent.length > kept) from = recent.shift().id;
    if (field.event === "reload") from = last;
  }
  tell(message);
}

// answer says that this browser is there, and what it shows.
function answer(stream) {
  if (opened) fetch("/live/here", { method: "POST", body: new URLSearchParams({ stream, open: opened }), headers }).catch(() => {}); // the next one says it again
}
