// A conversation that was erased: another one is begun.
import { chat, lang, load, change, unguessable } from "./kept.js";
import { uploads } from "./write.js";
import { restart } from "./read.js";

// ended leaves a conversation that is not there any more. What was written and does not stand in it is sent in the next one. It tells whether
// that could be done.
export async function ended(token) {
  const fresh = await freshKey();
  if (!fresh) return false;
  if (load().token !== token) return true; // another tab did
  Object.assign(chat.dataset, fresh);
  change((kept) => {
    delete kept.token;
    delete kept.read;
    kept.over = true;
    for (const q of kept.queue) renew(q);
    const first = kept.queue.find((q) => !q.refused);
    if (first) rekey(first, fresh.key, fresh.proof);
  });
  restart();
  return true;
}

// freshKey is one to begin a conversation with: that of this page may have begun the one that is over.
async function freshKey() {
  try {
    const answer = await fetch("./?lang=" + lang, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(60000) });
    const { key, proof } = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("chat").dataset;
    return { key, proof };
  } catch { // it is tried again
    return undefined;
  }
}

function renew(said) {
  delete said.id;
  rekey(said, unguessable());
}

function rekey(said, key, proof) {
  const files = uploads.get(said.key);
  if (files) uploads.set(key, files);
  said.key = key;
  said.proof = proof;
}
