// The page around the frame: what is said to it, and what it says.
import { chat } from "./kept.js";

let origin = ""; // once it has said something and is one of those that may

// tell says something to the page around the frame.
export function tell(words) {
  if (origin) parent.postMessage(words, origin);
}

// onSaid has f called with what the page around the frame says.
export function onSaid(f) {
  addEventListener("message", (event) => {
    if (parent === window || event.source !== parent || !chat.dataset.origins.split(" ").concat(location.origin).includes(event.origin)) return;
    origin = event.origin;
    f(event.data ?? {});
  });
}

document.getElementById("close").addEventListener("click", () => tell({ loket: "close" }));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell({ loket: "close" });
});
