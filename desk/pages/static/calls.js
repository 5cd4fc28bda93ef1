// Calls whoever looks at something else, for what they chose and as they chose. Whether somebody looks, and which tab calls, the stream knows.
const { dataset: chosen = {} } = document.getElementById("live") ?? {};

export function call({ task, team, why }) {
  const said = chosen[why];
  if (!said) return;
  if ("sound" in chosen) chime();
  if ("notify" in chosen && may() === "granted") notify(said, task, team);
}

// chime sounds two short notes. A browser is silent that was not clicked in since the page came.
function chime() {
  const audio = new AudioContext();
  [659, 880].forEach((hertz, i) => {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    const begin = audio.currentTime + i * 0.15;
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.15, begin);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.3);
    tone.connect(loud).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.3);
    if (i) tone.onended = () => audio.close();
  });
}

function notify(said, task, team) {
  try {
    const note = new Notification(said, { body: `${task} · ${team}`, tag: task, lang: document.documentElement.lang });
    note.addEventListener("click", () => {
      note.close();
      focus();
      location.assign("/tasks/" + task);
    });
  } catch {
    // where only service workers may
  }
}

const may = () => self.Notification?.permission ?? "denied";

// The page on which it is chosen says whether this browser shows notifications, and asks for it when that is clicked.
const box = document.getElementById("notify");
const allow = document.getElementById("allow");

function tell() {
  document.getElementById("may-notify").textContent = box.checked ? document.getElementById("may-notify").dataset[may()] : "";
  allow.hidden = !box.checked || may() !== "default";
}

async function ask() {
  if (box.checked && may() === "default") await Notification.requestPermission();
  tell();
}

if (box) {
  tell();
  box.addEventListener("change", ask);
  allow.addEventListener("click", ask);
}
