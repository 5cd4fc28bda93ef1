// Counts down to when an answer goes out, and then says what became of it. Nothing else on the page changes.
for (const held of document.querySelectorAll("[data-held]")) countDown(held);

function countDown(held) {
  const count = held.querySelector("[data-count]");
  const due = performance.now() + Number(held.dataset.left);
  const ticking = setInterval(tick, 250);
  tick();

  function tick() {
    const left = Math.ceil((due - performance.now()) / 1000);
    count.textContent = held.dataset.in.replace("{n}", String(Math.max(0, left)));
    if (left > 0) return;
    clearInterval(ticking);
    ask(20);
  }

  async function ask(times) {
    let became;
    try {
      const answer = await fetch(held.dataset.held, { headers: { Accept: "application/json" } });
      if (answer.ok) became = await answer.json();
    } catch { /* it is asked again */ }
    if (became && became.state !== "held") {
      const said = document.createElement("p");
      said.setAttribute("role", "status");
      said.className = became.state === "sent" ? "done" : "problem";
      held.querySelector("[data-regret]")?.remove();
      held.querySelector(".who").remove();
      held.prepend(said);
      said.textContent = became.said;
      return;
    }
    if (times > 0) setTimeout(ask, 500, times - 1);
  }
}
