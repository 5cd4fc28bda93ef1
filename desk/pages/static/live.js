// What happens while somebody looks: rows are changed in place, and move only when nobody points at the list.
import { call } from "./calls.js";
import { move, parse, patch, script } from "./html.js";

const banner = document.getElementById("live");
const held = new Map(); // task -> its row as it is now, null when it went
const present = new Map(); // task -> who looks and who writes
let unread = 0;

const list = () => document.querySelector("#list[data-after]");
const open = () => document.querySelector(".task[data-task]")?.dataset.task;

// connect gives the port of the stream that all tabs share.
function connect() {
  const address = new URL("stream.js", import.meta.url);
  if (window.SharedWorker) return new SharedWorker(script(address), { type: "module", name: banner.dataset.me + " " + document.documentElement.lang }).port;
  const { port1, port2 } = new MessageChannel();
  import(address).then((stream) => stream.connect(port2));
  return port1;
}

if (banner && list()) {
  const port = connect();
  let lock; // which is ours until the tab is gone; told once it is, or it would seem to be gone at once
  if (crypto.randomUUID) navigator.locks?.request(crypto.randomUUID(), ({ name }) => {
    lock = name;
    hello();
    return new Promise(() => {});
  });
  addEventListener("pagehide", () => port.postMessage({ bye: true }));
  const hello = () => port.postMessage({ after: list()?.dataset.after, open: open() ? [open()] : [], lock });
  addEventListener("pageshow", hello);
  document.addEventListener("loket:region", hello);
  document.addEventListener("loket:region", attend);
  const look = () => port.postMessage({ front: !document.hidden && document.hasFocus() });
  for (const turn of ["focus", "blur", "pageshow"]) addEventListener(turn, look);
  document.addEventListener("visibilitychange", look);
  port.onmessage = ({ data }) => on[data.type]?.(data);
  hello();
  look();
}

const on = {
  call,
  row({ task, html }) {
    const row = dress(parse(html).querySelector("li"));
    if (document.hidden) count(++unread);
    show(task, row);
    if (row.dataset.task === open()) document.dispatchEvent(new CustomEvent("loket:stale", { detail: "task" }));
  },
  here({ task, looks = [], writes = [], customer = false }) {
    const others = (names) => names.filter((name) => name !== banner.dataset.me);
    const say = (word) => (name) => word.replace("%s", name);
    present.set(task, [...(customer ? [banner.dataset.customer] : []), ...others(writes).map(say(banner.dataset.writes)), ...others(looks).map(say(banner.dataset.looks))].join(", "));
    attend();
  },
  gone({ task }) {
    show(task, null);
  },
  reload() {
    document.dispatchEvent(new CustomEvent("loket:stale", { detail: "page" }));
  },
  state({ since, out }) {
    clearTimeout(on.timer);
    if (!since) banner.hidden = true;
    else on.timer = setTimeout(() => {
      banner.hidden = false;
      const at = new Date(since).toLocaleTimeString("nl", { hour: "2-digit", minute: "2-digit", timeZone: banner.dataset.zone });
      banner.textContent = out ? banner.dataset.out : banner.dataset.off.replace("%s", at);
    }, out ? 0 : 3000);
  },
};

function count(n) {
  document.title = (n ? `(${n}) ` : "") + document.title.replace(/^\(\d+\) /, "");
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) count(unread = 0);
});

// dress adds to a row what depends on who looks: whose it is, and which one is open.
export function dress(row) {
  if (row.dataset.agent && row.dataset.agent === banner.dataset.me) row.querySelector(".holder").textContent = " · " + banner.dataset.you;
  const isOpen = row.dataset.task === open();
  row.classList.toggle("current", isOpen);
  if (!row.className) row.removeAttribute("class");
  const link = row.querySelector("a");
  if (isOpen) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  return row;
}

// attend says who else looks at each task, and who writes in it.
function attend() {
  for (const [task, text] of present) {
    const row = document.getElementById("t-" + task);
    const here = document.getElementById("here");
    if (row) write(row.querySelector(".here"), text && " · " + text);
    if (here?.dataset.id === task) write(here, text);
    if (!text) present.delete(task);
  }
}

function write(at, text) {
  if (at.textContent !== text) at.textContent = text;
}

// belongs tells whether a row stands in the list that is shown.
function belongs(row) {
  const { team, view } = list().dataset;
  const { state, agent } = row.dataset;
  if (view === "mentions") return document.getElementById(row.id) !== null;
  if (view === "mine") return state === "claimed" && agent === banner.dataset.me;
  return row.dataset.team === team && (view === "open" ? state !== "closed" : state === view);
}

// show changes the row of a task, and holds back what would move others under somebody's pointer.
function show(task, row) {
  if (!list()) return;
  const have = document.getElementById("t-" + task);
  const stays = row && belongs(row) ? row : null;
  if (!have && !stays) return;
  if (have && stays && have.dataset.order === stays.dataset.order) {
    held.delete(task);
    patch(have, stays);
  } else if (busy()) {
    if (have && stays) inPlace(have, stays.cloneNode(true));
    held.set(task, stays);
  } else {
    place(task, stays);
  }
  tidy();
}

// inPlace changes what a row says, and leaves it where it is.
function inPlace(have, row) {
  row.dataset.order = have.dataset.order;
  patch(have, row);
}

const busy = () => list().matches(":hover") || list().contains(document.activeElement);

// place puts a row where it belongs, or takes it away.
function place(task, row) {
  const have = document.getElementById("t-" + task);
  if (!row) return have?.remove();
  const rows = document.getElementById("rows");
  const order = Number(row.dataset.order);
  const before = [...rows.children].find((r) => r !== have && (Number(r.dataset.order) > order || Number(r.dataset.order) === order && r.id > row.id)) || null;
  if (!before && !have && "more" in list().dataset) return; // it stands on a later page
  if (have) move(rows, patch(have, row), before);
  else rows.insertBefore(row, before);
}

function apply() {
  for (const [task, row] of held) place(task, row);
  held.clear();
  tidy();
}

// tidy says how many changes are held back, how many are late, and that there is nothing.
function tidy() {
  const pill = document.getElementById("held");
  pill.hidden = held.size === 0;
  pill.textContent = held.size === 1 ? banner.dataset.single : banner.dataset.several.replace("%d", held.size);
  const late = document.querySelectorAll("#rows .due.late").length;
  const word = document.getElementById("late");
  word.hidden = late === 0;
  word.textContent = late + " " + banner.dataset.late;
  document.getElementById("empty").hidden = document.getElementById("rows").children.length > 0;
  attend();
  document.dispatchEvent(new CustomEvent("loket:rows"));
}

document.addEventListener("click", (e) => {
  if (e.target.id === "held") apply();
});
document.addEventListener("pointerout", () => setTimeout(leave));
document.addEventListener("focusout", () => setTimeout(leave));

function leave() {
  if (held.size && list() && !busy()) apply();
}
