// The conversation in the frame: write.js sends what is written, read.js shows the customer's page of the thread, kept.js has what the browser
// keeps of both.
import { onChange, load, forget, name } from "./kept.js";
import { tell, onSaid } from "./host.js";
import { push } from "./write.js";
import { show, follow, followed, restart, seen } from "./read.js";
import { identify } from "./who.js";

onSaid((said) => {
  switch (said.loket) {
    case "visitor":
      identify(said.who);
      break;
    case "hello":
      identify(said.who);
      document.getElementById("close").hidden = false;
      tell({ loket: "ready" });
      break;
    case "shown":
      document.getElementById("text").focus();
      seen(true);
      break;
    case "hidden":
      seen(false);
  }
});

document.getElementById("forget").addEventListener("click", forget);

addEventListener("storage", (event) => {
  if (event.key !== name && event.key !== null) return;
  if (event.newValue === null) return location.reload();
  show(load());
  if (followed && load().token !== followed) restart(); // another tab found that it was erased
  else follow();
});

onChange(show);
push();
follow();
