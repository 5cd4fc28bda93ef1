// Keys that do what a link or a button of the page does. They count outside of fields only, never while an input method composes, and not at
// all for whoever switched them off. None closes, passes on or erases: those open a form.
const banner = document.getElementById("live");
const list = () => [...document.querySelectorAll("#rows a")];
let before = ""; // the key g, when it was the last one

const acts = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  o: () => list().includes(document.activeElement) && document.activeElement.click(),
  n: () => press(".list form button"),
  r: () => field("#text"), m: () => field("#note"), x: () => unfold("transfer"), w: () => unfold("wait"),
  ".": () => press("#held"), "/": () => field("#q"), z: () => press("[data-undo]"),
  "?": () => help(),
};
const places = { d: "/desk", f: "/figures", o: "/operations", m: "/myself" };

document.addEventListener("keydown", (e) => {
  if (!banner || e.isComposing || e.defaultPrevented) return;
  const inField = e.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if ((e.ctrlKey || e.metaKey) && e.key === "Enter" && e.target.form?.matches(".reply")) {
    e.preventDefault();
    return e.target.form.requestSubmit(e.target.form.querySelector(e.shiftKey ? ".send .close button" : ".send > button.main"));
  }
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
    e.preventDefault();
    return palette();
  }
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "Escape" && inField) return e.target.blur();
  if (inField || "noKeys" in banner.dataset || document.querySelector("dialog[open]")) return;
  if (e.key.startsWith("Arrow") && !document.activeElement.closest("#rows")) return;
  const to = before === "g" && places[e.key];
  before = e.key;
  if (to) return location.assign(to);
  if (!Object.hasOwn(acts, e.key)) return;
  e.preventDefault();
  acts[e.key]();
});

function step(by) {
  const rows = list();
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

function press(css) {
  const button = document.querySelector(css);
  if (button && !button.hidden) button.click();
}

function field(css) {
  document.querySelector(css)?.focus();
}

// unfold opens the form of an act, and puts the cursor in it.
function unfold(act) {
  const form = document.querySelector(`#acts form[action$="/${act}"]`);
  if (!form) return;
  const fold = form.closest("details");
  if (fold) fold.open = true;
  form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function dialog(name) {
  const box = document.body.appendChild(document.createElement("dialog"));
  box.setAttribute("aria-label", name);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (e) => e.target === box && box.close());
  return box;
}

// help shows all keys, as the page itself tells them.
function help() {
  const box = dialog(banner.dataset.keys);
  const table = box.appendChild(document.createElement("dl"));
  for (const line of banner.dataset.list.trim().split("\n")) {
    const [key, what] = line.split("  ");
    table.appendChild(document.createElement("dt")).textContent = key;
    table.appendChild(document.createElement("dd")).textContent = what;
  }
  const close = box.appendChild(document.createElement("button"));
  close.textContent = "OK";
  close.addEventListener("click", () => box.close());
  box.showModal();
}

// palette finds what can be done here by its words; what is no such word is searched for.
function palette() {
  const box = dialog(banner.dataset.palette);
  const input = box.appendChild(document.createElement("input"));
  input.setAttribute("aria-label", banner.dataset.palette);
  input.maxLength = 300;
  const found = box.appendChild(document.createElement("ul"));
  found.className = "palette";
  const all = [...document.querySelectorAll("header nav a, .tabs a, #rows a, #acts button, #acts summary, .list form button")];
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    const fits = all.filter((node) => node.isConnected && words.every((word) => node.textContent.toLowerCase().includes(word))).slice(0, 8);
    found.replaceChildren(...fits.map((node) => {
      const item = document.createElement("li");
      const button = item.appendChild(document.createElement("button"));
      button.textContent = node.textContent.trim().replace(/\s+/g, " ");
      button.addEventListener("click", () => {
        box.close();
        node.click();
        if (node.nodeName === "SUMMARY") node.parentElement.querySelector("input:not([type=hidden]), select, textarea")?.focus();
      });
      return item;
    }));
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing || !input.value.trim()) return;
    location.assign("/search?" + new URLSearchParams({ q: input.value }));
  });
  box.addEventListener("keydown", (e) => {
    const items = [input, ...found.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement) + { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!items[at]) return;
    e.preventDefault();
    items[at].focus();
  });
  show();
  box.showModal();
  input.focus();
}
