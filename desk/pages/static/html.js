// Text becomes HTML here and nowhere else: only what the desk itself made, for a page or a stream of its own.
const rules = {
  createHTML: (text) => text,
  createScriptURL(address) {
    if (new URL(address).origin !== location.origin) throw new TypeError("a script from elsewhere");
    return address;
  },
};
const policy = self.trustedTypes ? trustedTypes.createPolicy("loket", rules) : rules;

// The address of a script, for what starts one.
export const script = (address) => policy.createScriptURL(String(address));

// A document of text.
export const parse = (text) => new DOMParser().parseFromString(policy.createHTML(text), "text/html");

// What is somebody's own: half-written text, and what they unfolded.
const own = "[data-keep], details[open]";
const holdsOwn = (node) => node.nodeType === 1 && (node.matches(own) || node.querySelector(own) !== null);

// patch makes old like now, changing as little as it can: what has an id stays the same node, also when it moves. What is somebody's own is
// left alone, whatever came of it, unless it may change.
export function patch(old, now, may = () => false) {
  if (old.isEqualNode(now)) return old;
  if (old.nodeType === 1 && old.matches(own) && !may(old)) return old;
  if (old.nodeName !== now.nodeName || old.nodeType === 1 && old.id !== now.id) {
    if (holdsOwn(old) && !may(old)) return old;
    old.replaceWith(now);
    return now;
  }
  if (old.nodeType !== 1) {
    old.nodeValue = now.nodeValue;
    return old;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && name !== "data-in" && name !== "open") old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  children(old, now, may);
  return old;
}

function children(old, now, may) {
  const known = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
  let at = old.firstChild;
  for (const want of [...now.childNodes]) {
    let have = want.id ? known.get(want.id) : at && !at.id && at.nodeName === want.nodeName ? at : null;
    if (!have) {
      old.insertBefore(want, at);
      continue;
    }
    if (have !== at) move(old, have, at);
    have = patch(have, want, may);
    at = have.nextSibling;
  }
  while (at) {
    const next = at.nextSibling;
    if (!holdsOwn(at) || may(at)) at.remove();
    at = next;
  }
}

// move puts a node before another, where it can be without taking the focus from it.
export function move(parent, node, before) {
  if (parent.moveBefore && node.parentNode === parent) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}
