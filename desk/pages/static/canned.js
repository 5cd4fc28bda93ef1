// Puts a canned answer where the caret is; undo takes it out again.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-canned]");
  const box = link?.closest("form")?.elements.text;
  if (!box || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.dataset.canned);
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    box.focus();
    if (!document.execCommand("insertText", false, text)) {
      box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    link.closest("details").open = false;
  } catch {
    location.assign(link.href);
  }
});
