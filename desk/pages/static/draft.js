// Keeps what is being written: on the server within a second of the last key, and in this browser while the server does not take it. It
// never changes what stands in a box: what was kept elsewhere is put there by a button only.
const SOON = 800; // ms after the last key
const AGAIN = 2000; // ms until what failed is tried again, longer each time
const FAREWELL = 60000; // bytes that a browser still sends when its page goes
const PARTING = 5000; // ms that signing out waits for the server to have what is written

const GONE = 410; // the status for what is written to somebody who was erased
const COPIES = "loket-draft:"; // how the names of copies in this browser begin

let keeping; // what the boxes of this page are kept by

// begin takes care of the boxes that the page has now: it may have others than when it was loaded.
function begin() {
  const forms = [...document.querySelectorAll("form[data-draft]")];
  if (keeping?.same(forms)) return;
  keeping?.end();
  keeping = forms.length ? keep(forms) : undefined;
}

document.addEventListener("loket:region", begin);
begin();

// Whoever signs out leaves nothing in this browser: what the server does not have yet is sent once more, and they are signed out when it
// has it, or does not answer.
document.addEventListener("submit", async (event) => {
  const { target } = event;
  if (event.defaultPrevented || !target.matches("form[action='/sign-out']")) return;
  event.preventDefault();
  await Promise.race([keeping?.leave(), new Promise((late) => setTimeout(late, PARTING))]);
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(COPIES)) localStorage.removeItem(name);
  } catch { /* there is none */ }
  target.submit();
});

function keep(forms) {
  const ended = new AbortController();
  const { signal } = ended;
  const { draft: address, notKept, elsewhere, here, put, forget } = forms[0].dataset;
  const copy = COPIES + forms[0].dataset.agent + ":" + address;
  const others = new BroadcastChannel("loket-draft");
  const leaving = new Set(); // forms that are being sent: what they hold is no draft any more
  let rev = forms[0].elements.rev.value;
  let kept = content(forms);
  let timer, busy, saving, failures = 0, since;
  let over = false; // nothing is kept any more

  // content is all that is written, as it is sent.
  function content(of = forms) {
    const all = new URLSearchParams();
    for (const form of of) {
      if (leaving.has(form)) continue;
      for (const field of form.querySelectorAll("[data-part]")) if (field.type !== "radio" || field.checked) all.set(field.name, field.value);
    }
    return all.toString();
  }

  function body(written) {
    const all = new URLSearchParams(written);
    for (const form of forms) {
      if (leaving.has(form)) continue;
      for (const name of ["key", "draft"]) if (form.elements[name]) all.set(name, form.elements[name].value);
    }
    all.set("rev", rev);
    return all;
  }

  function post(written, keepalive) {
    return fetch(address, { method: "POST", headers: { Accept: "application/json" }, body: body(written), keepalive });
  }

  function tell(text, bad) {
    for (const form of forms) {
      const status = form.querySelector("[data-kept]");
      if (status.textContent !== text) status.textContent = text;
      status.classList.toggle("late", Boolean(bad));
    }
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!busy) saving = save(); }, ms);
  }

  async function save() {
    clearTimeout(timer);
    const written = content();
    if (busy || over || !written || written === kept) return;
    busy = true;
    try {
      const answer = await post(written);
      if (answer.status === GONE) over = true;
      if (!answer.ok) throw new Error(String(answer.status));
      const { rev: now, said } = await answer.json();
      rev = String(now);
      for (const form of forms) form.elements.rev.value = rev;
      kept = written;
      failures = 0;
      since = undefined;
      remove();
      tell(said);
      if (!signal.aborted) others.postMessage({ address, rev }); // else the channel is closed
    } catch {
      failures++;
      since ??= new Date().toTimeString().slice(0, 5);
      if (over || !content()) remove();
      else store(written);
      if (over || failures > 1) tell(notKept.replace("{time}", since), true);
    } finally {
      busy = false;
    }
    if (!over && content() !== kept) later(failures ? Math.min(30000, AGAIN * failures) : SOON);
  }

  // What the server does not take stays in this browser; one that may keep nothing has it in the box only.
  function store(written) {
    try {
      localStorage.setItem(copy, written);
    } catch { /* the box has it */ }
  }

  function remove() {
    try {
      localStorage.removeItem(copy);
    } catch { /* there is none */ }
  }

  function stored() {
    try {
      return localStorage.getItem(copy);
    } catch {
      return null;
    }
  }

  // offer shows what this browser kept and the server has not.
  function offer(written) {
    const parts = new URLSearchParams(written);
    for (const form of forms) {
      for (const field of form.querySelectorAll("textarea[data-part]")) {
        const text = parts.get(field.name);
        if (text && text.trim() && text !== field.value) form.insertBefore(notice(field, text), field.parentElement);
      }
    }
  }

  function notice(field, text) {
    const box = document.createElement("div");
    box.className = "offer";
    const hint = box.appendChild(document.createElement("p"));
    hint.textContent = here;
    const shown = box.appendChild(document.createElement("p"));
    shown.className = "text";
    shown.dir = "auto";
    shown.textContent = text;
    const row = box.appendChild(document.createElement("p"));
    for (const [label, act] of [[put, () => { field.value = text; later(0); field.focus(); }], [forget, () => {}]]) {
      const button = row.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        act();
        box.remove();
        remove();
      });
    }
    return box;
  }

  for (const form of forms) {
    form.querySelector("[data-keep-now]").hidden = true;
    form.addEventListener("input", () => later(failures ? AGAIN : SOON), { signal });
    form.addEventListener("focusout", () => later(0), { signal });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) leaving.add(form);
      clearTimeout(timer);
    }, { signal });
  }
  // What is taken back goes before what the box has by now: that is sent along, and no longer saved by itself.
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-takes-back]")) return;
    for (const form of forms) {
      if (!form.elements.text) continue;
      for (const name of ["text", "key"]) {
        const field = target.appendChild(document.createElement("input"));
        field.type = "hidden";
        field.name = name;
        field.value = form.elements[name].value;
      }
      leaving.add(form);
    }
  }, { signal, capture: true });
  // farewell sends what was not saved, in a way that outlives the page.
  function farewell(written) {
    if (body(written).toString().length < FAREWELL) post(written, true).catch(() => {});
  }

  addEventListener("pagehide", () => {
    const written = content();
    if (over || !written || written === kept) return;
    store(written);
    farewell(written);
  }, { signal });
  addEventListener("pageshow", (event) => {
    if (event.persisted) leaving.clear();
  }, { signal });
  addEventListener("online", () => later(0), { signal });
  document.addEventListener("visibilitychange", () => later(0), { signal });
  others.addEventListener("message", ({ data }) => {
    if (data.address === address && data.rev !== rev) tell(elsewhere, true);
  }, { signal });

  const left = stored();
  if (left === kept) remove();
  else if (left) offer(left);
  // A browser may have put back what was typed before the page was loaded again.
  if (forms.some((form) => [...form.querySelectorAll("textarea[data-part]")].some((field) => field.value !== field.defaultValue))) {
    kept = "";
    later(SOON);
  }

  return {
    // same tells whether forms are those that are kept here; what was sent of them came back, with what the server says of it.
    same(now) {
      if (now.length !== forms.length || now.some((form, i) => form !== forms[i])) return false;
      leaving.clear();
      rev = forms[0].elements.rev.value;
      for (const form of forms) form.querySelector("[data-keep-now]").hidden = true;
      return true;
    },
    async leave() {
      clearTimeout(timer);
      await saving;
      clearTimeout(timer);
      const written = content();
      const last = !over && written && written !== kept ? post(written) : undefined;
      over = true;
      await last?.catch(() => {});
    },
    end() {
      clearTimeout(timer);
      ended.abort();
      others.close();
    },
  };
}
