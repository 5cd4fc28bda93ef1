// Links and forms of the desk change the page in place. What comes back is the whole page, as without scripts.
import { parse, patch } from "./html.js";

const main = () => document.querySelector("main.desk");
const posting = new WeakSet();

// ask gets a page, also when it says why something was not done. Whoever is signed out signs in beside it, and it is asked again.
async function ask(address, options = {}, region = "page") {
  const answer = await fetch(address, { ...options, headers: { "X-Loket-Region": region } });
  if (answer.status === 401 && await signIn()) return ask(address, options, region);
  const page = parse(await answer.text());
  return { answer, page };
}

// take shows a page that was got, where it is one of the desk. What is half-written stays, but in the form that was sent.
function take({ answer, page }, may) {
  const now = page.querySelector("main.desk");
  if (!now || !main() || page.querySelector("script")?.src !== document.querySelector("script")?.src) return false;
  if (now.className !== main().className) main().className = now.className;
  patch(main(), now, may);
  document.title = page.title;
  if (answer.url !== location.href) history.pushState(null, "", answer.url);
  document.dispatchEvent(new CustomEvent("loket:region"));
  return true;
}

// dirty tells whether something is half-written that the server may not have.
const dirty = () => [...document.querySelectorAll("[data-keep] textarea")].some((t) => t.value !== t.defaultValue);

// focus goes where what is new begins. Whoever uses a pointer goes on reading where they are.
function focus(where, scrolls = true) {
  const at = document.querySelector(where);
  if (!at) return;
  at.tabIndex = -1;
  at.focus({ preventScroll: !scrolls });
}

async function go(address) {
  try {
    const got = await ask(address);
    if (!got.answer.ok || !take(got, () => true)) return location.assign(address);
    document.querySelector(".task")?.scrollTo(0, 0);
    if (innerWidth < 768) scrollTo(0, 0);
    focus("h1", false);
  } catch {
    location.assign(address);
  }
}

document.addEventListener("click", (e) => {
  const link = e.target.closest?.("main.desk a[data-region]");
  if (!link || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || dirty()) return;
  e.preventDefault();
  go(link.href);
});

addEventListener("popstate", () => {
  if (main() && !dirty()) go(location.href);
  else location.reload();
});

document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.closest("main.desk") || form.method !== "post" || "whole" in form.dataset || e.defaultPrevented) return;
  e.preventDefault();
  if (posting.has(form)) return;
  posting.add(form);
  form.setAttribute("aria-busy", "true");
  const byKeys = document.activeElement.matches("button:focus-visible");
  const fields = new FormData(form, e.submitter);
  const body = form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields);
  try {
    const got = await ask(form.action, { method: "POST", body });
    if (got.answer.ok) { // what was sent goes; an empty form comes
      form.removeAttribute("id");
      form.closest("details")?.removeAttribute("open");
    }
    if (got.answer.status === 429 || got.answer.status >= 500 || !take(got, (node) => node === form || form.contains(node))) tell(got.page.querySelector("main p")?.textContent);
    else if (got.answer.ok) focus("h1", byKeys);
    else focus("#problem");
  } catch {
    tell();
  } finally {
    posting.delete(form);
    form.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("loket:region"));
  }

  // tell says beside the form why nothing came of it; all that was written is there.
  function tell(why = document.getElementById("live").dataset.away) {
    const line = form.querySelector(".unsent") || form.appendChild(document.createElement("p"));
    line.className = "problem unsent";
    line.setAttribute("role", "alert");
    line.textContent = why;
  }
});

// signIn lets somebody sign in over the page, and tells whether they did.
async function signIn() {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.setAttribute("aria-labelledby", "again");
  const fill = (page) => {
    dialog.replaceChildren(...page.querySelector("main").childNodes);
    dialog.querySelector("h1").id = "again";
  };
  fill(parse(await (await fetch("/sign-in")).text()));
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "in");
    });
    dialog.addEventListener("submit", async (e) => {
      e.preventDefault();
      const answer = await fetch(e.target.action, { method: "POST", body: new URLSearchParams(new FormData(e.target)) });
      if (answer.ok) dialog.close("in");
      else fill(parse(await answer.text()));
    });
  });
}

// What is shown of a task is read anew when something happened to it: at once when somebody looks, else when they do.
let stale = "";
let reading = false;

async function refresh() {
  if (!stale || reading || document.hidden) return;
  const what = stale;
  stale = "";
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Loket-Region": what, "X-Loket-Itself": "1" } });
    const page = answer.ok && parse(await answer.text());
    for (const now of page ? page.querySelectorAll("[data-live]") : []) {
      const old = document.getElementById(now.id);
      if (old) patch(old, now);
    }
    document.dispatchEvent(new CustomEvent("loket:region"));
  } catch {
    // the banner says that there is no connection; what comes then brings this again
  }
  reading = false;
  refresh();
}

document.addEventListener("loket:stale", (e) => {
  stale = stale === "page" ? stale : e.detail;
  refresh();
});
document.addEventListener("visibilitychange", refresh);
