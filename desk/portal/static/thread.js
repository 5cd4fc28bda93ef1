// Shows what is new in the conversation without loading the page again. It touches nothing that is being written.
const shown = document.getElementById("conversation");
const news = document.getElementById("news");
const title = document.title;
const address = new URL(location.href);
address.hash = "";
address.searchParams.delete("sent");

let gone = false;

async function refresh() {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status === 410) gone = true;
  else if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (gone) { // it was erased; what is being written stays, and is answered so
    document.getElementById("matter").replaceChildren();
    shown.replaceChildren(...adopted(page.querySelectorAll("main > h1, main > p")));
    return;
  }
  const fresh = page.getElementById("conversation");
  if (!fresh) return;
  replace(document.getElementById("matter"), page.getElementById("matter"));
  const before = shown.querySelectorAll(".said > li").length;
  patch(fresh);
  shown.dataset.version = fresh.dataset.version;
  if (shown.querySelectorAll(".said > li").length > before) {
    news.textContent = news.dataset.text;
    if (document.hidden) document.title = "● " + title;
  }
}

// patch leaves the messages that stand there as they are, so that what is being read or selected stays.
function patch(fresh) {
  const list = shown.querySelector(".said");
  const next = fresh.querySelector(".said");
  if (!list || !next) {
    shown.replaceChildren(...adopted(fresh.childNodes));
    return;
  }
  const kept = new Set(Array.from(next.children, (li) => li.id));
  for (const li of Array.from(list.children)) if (!kept.has(li.id)) li.remove();
  const there = new Map(Array.from(list.children, (li) => [li.id, li]));
  for (const li of Array.from(next.children)) {
    const old = there.get(li.id);
    const read = li.querySelector(":scope > .read");
    if (old && read && !old.querySelector(":scope > .read")) old.append(document.adoptNode(read));
    if (old) list.append(old);
    else list.append(document.adoptNode(li));
  }
}

function replace(old, fresh) {
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...adopted(fresh.childNodes));
}

function adopted(nodes) {
  return Array.from(nodes, (node) => document.adoptNode(node));
}

let refreshing = Promise.resolve();
let source;

function follow() {
  source = new EventSource(shown.dataset.live);
  source.addEventListener("version", (event) => {
    if (event.data === shown.dataset.version) return;
    // One after the other; a failed one is made good by the next version, or by whoever looks for new messages.
    refreshing = refreshing.then(refresh).catch(() => {});
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    refreshing = refreshing.then(refresh).catch(() => {}).then(() => {
      if (!gone) setTimeout(follow, 30000 * (1 + Math.random()));
    });
  });
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = title;
});

if (shown.dataset.version) follow();
