// What the browser keeps: the token of the conversation, what was written and does not stand in it yet, the address that was left. Other tabs
// keep the same.
export const chat = document.getElementById("chat");
export const lang = document.documentElement.lang;
export const anybody = "loket-chat:" + location.pathname;
export let name = anybody; // under which it is kept; whoever signed in to the page around it has their own

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

export function load(at = name) {
  try {
    return { queue: [], ...JSON.parse(storage.getItem(at) ?? "{}") };
  } catch {
    return { queue: [] };
  }
}

let show = () => {};

// onChange has f called with what is kept, now and whenever that changes.
export function onChange(f) {
  show = f;
  show(load());
}

export function change(edit, at = name) {
  const kept = load(at);
  edit(kept);
  storage.setItem(at, JSON.stringify(kept));
  if (at === name) show(kept);
}

// become keeps what somebody else has from now on.
export function become(theirs) {
  name = theirs;
  show(load());
}

// forget forgets the conversation in this browser.
export function forget() {
  storage.removeItem(name);
  location.reload();
}

// page is the address of the customer's page of a conversation, or of something on it.
export const page = (token, path = "") => new URL("../../t/" + token + path, location.href);

export function unguessable() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
