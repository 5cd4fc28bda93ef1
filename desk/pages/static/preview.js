// Says beside the box what the answer would do, while it is written: how the channel cuts it, and why it would not be taken.
const SOON = 500; // ms after the last key
let timer, asked = 0;

async function look(form, line) {
  const now = ++asked;
  const fields = new FormData(form);
  const body = new URLSearchParams();
  for (const name of ["text", "via", "all"]) if (fields.has(name)) body.set(name, fields.get(name));
  try {
    const answer = await fetch(line.dataset.preview, { method: "POST", headers: { Accept: "application/json" }, body });
    if (!answer.ok) return;
    const { length = "", refusal = "", lang } = await answer.json();
    if (now !== asked || !line.isConnected) return;
    line.querySelector("span").textContent = length;
    const strong = line.querySelector("strong");
    strong.textContent = refusal;
    strong.lang = lang || document.documentElement.lang;
  } catch { /* what was said last stands */ }
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  const line = form?.querySelector("[data-preview]");
  if (!line) return;
  clearTimeout(timer);
  timer = setTimeout(look, SOON, form, line);
});
