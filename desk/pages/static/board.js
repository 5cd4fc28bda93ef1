// A board is told how it stands, when something happens and four times a minute, and says so when what it shows is old. Without scripts the
// browser loads the page anew.
import { follow, pause } from "./events.js";
import { parse, patch } from "./html.js";

const oldAfter = 40000;
let toldAt = performance.now();
let tries = 0;

function take({ event, data }) {
  if (event !== "board") return;
  patch(document.getElementById("board"), parse(JSON.parse(data).html).getElementById("board"));
  toldAt = performance.now();
  tries = 0;
  judge();
}

function judge() {
  const isOld = performance.now() - toldAt > oldAfter;
  document.documentElement.classList.toggle("old", isOld);
  document.querySelector(".stale").hidden = !isOld;
}

async function run() {
  const status = await follow("/board/live", { headers: { "X-Loket-Region": "board" }, take });
  if (status === 401) location.reload(); // signed in no more
  else setTimeout(run, pause(tries++));
}

setInterval(judge, 1000);
run();
