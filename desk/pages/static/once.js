// A form is posted once, however often its button is pressed while the answer is on its way.
const posting = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (posting.has(form)) {
    event.preventDefault();
    return;
  }
  posting.add(form);
  // An answer that is a file, or a listener that sends the form in another way, leaves the page as it is: then it may be posted again.
  setTimeout(() => posting.delete(form), event.defaultPrevented ? 0 : 10000);
});

// Whoever comes back to a page that the browser kept may post again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) posting.delete(form);
});
