// Counts down to when an answer goes out, and then says what became of it. Nothing else on the page changes.
const counting = new Set(); // ids of the answers

function begin() {
  for (const held of document.querySelectorAll("[data-held]")) {
    if (counting.has(held.id)) continue;
    counting.add(held.id);
    countDown(held);
  }
}

document.addEventListener("loket:region", begin);
begin();

function countDown({ id, dataset }) {
  const { held: address, left: wait, count } = dataset;
  const due = performance.now() + Number(wait);
  const ticking = setInterval(tick, 250);
  tick();

  function tick() {
    const left = Math.max(0, Math.ceil((due - performance.now()) / 1000));
    const held = document.getElementById(id);
    if (held) held.querySelector("[role=timer]").textContent = count.replace("{n}", String(left));
    if (held && left > 0) return;
    clearInterval(ticking);
    if (left === 0) ask(20);
    else counting.delete(id); // it was taken back, or sent at once
  }

  async function ask(times) {
    let became;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) became = await answer.json();
    } catch { /* it is asked again */ }
    if (became && became.state !== "held") return tell(became);
    if (times > 0) setTimeout(ask, 500, times - 1);
  }

  function tell({ state, said }) {
    counting.delete(id);
    document.getElementById(id)?.remove();
    const line = document.getElementById("became");
    if (!line || !address.startsWith(location.pathname + "/")) return; // another task is shown by now
    line.className = state === "sent" ? "done" : "problem";
    line.textContent = said;
    document.dispatchEvent(new CustomEvent("loket:stale", { detail: "task" }));
  }
}
