// Who the visitor is: what they type, and who is signed in to the page around the frame.
import { chat, load, change, anybody, name, become } from "./kept.js";
import { tell } from "./host.js";
import { enqueue } from "./write.js";
import { restart } from "./read.js";

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

export let visitor = {}; // what proves who signed in to the page around the frame

// expired says that it proves that no more: the page may say it anew, else they are anybody.
export function expired() {
  visitor = {};
  tell({ loket: "expired" });
}

// identify takes who signed in there. What somebody else said in this browser stays theirs.
export function identify(who) {
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
  become(theirs);
  restart();
}
