// Who the visitor is: what they type, and who is signed in to the page around the frame.
import { chat, lang, load, change, anybody, name, become } from "./kept.js";
import { tell } from "./host.js";
import { enqueue, hold } from "./write.js";
import { restart } from "./read.js";

const fields = ["name", "email", "phone"].map((id) => document.getElementById(id));

for (const f of fields) f.value = load().address?.[f.id] ?? "";
document.getElementById("keep").hidden = false;
document.getElementById("keep").addEventListener("click", () => {
  for (const f of fields) if (!f.reportValidity()) return;
  const address = Object.fromEntries(fields.map((f) => [f.id, f.value.trim()]));
  const where = [address.email, address.phone].filter(Boolean).join(", ");
  const known = load().address ?? {};
  address.at = Date.now(); // it counts on every device until another is typed
  const fresh = where && where !== [known.email, known.phone].filter(Boolean).join(", ");
  change((kept) => (kept.address = address));
  if (fresh && (load().token || load().queue.length)) enqueue(chat.dataset.reach.replace("%s", where)); // colleagues read it, too
  document.getElementById("kept").textContent = chat.dataset.kept;
  document.getElementById("leave").open = false;
});

export let visitor = {}; // what proves who signed in to the page around the frame

// expired says that it proves that no more: the page may say it anew, else they are anybody.
export function expired() {
  visitor = {};
  greet({});
  tell({ loket: "expired" });
}

const signed = document.getElementById("signed");
const mail = document.getElementById("mail");
let mailed = ""; // where a transcript may be sent

// greet tells who is signed in.
function greet({ name = "", mail: to = "" }) {
  signed.textContent = name && signed.dataset.text.replace("%s", name);
  mailed = to;
  mail.hidden = to === "";
  mail.textContent = mail.dataset.text.replace("%s", to);
}

async function call(path, fields, within = 60000) {
  const answer = await fetch(path + "?lang=" + lang, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...visitor, ...fields }),
    signal: AbortSignal.timeout(within),
  });
  if (answer.status === 401) expired();
  return answer;
}

// known asks who is signed in, and goes on with the conversation that they began elsewhere. What was written meanwhile goes there, too.
async function known() {
  const at = name;
  const answer = await call("./mine", {}, 10000); // what is written waits for it
  if (!answer.ok || at !== name) return;
  const mine = await answer.json();
  greet(mine);
  if (!mine.thread || load().token) return;
  change((kept) => {
    kept.token = mine.thread.split("/").pop();
    for (const q of kept.queue) delete q.proof;
  });
}

mail.addEventListener("click", async () => {
  const to = mailed;
  let sent = false;
  try {
    sent = (await call("./transcript", { thread: load().token })).ok;
  } catch { /* it can be asked for again */ }
  mail.textContent = sent ? mail.dataset.sent.replace("%s", to) : mail.dataset.later;
});

// identify takes who signed in there. What somebody else said in this browser stays theirs.
export async function identify(who) {
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
  if (theirs !== name) {
    become(theirs);
    greet({});
    restart();
  }
  if (!user) return;
  hold(known().catch(() => {})); // without an answer they begin another
}
