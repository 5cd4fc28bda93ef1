// How far off an instant is, beside the time that stands there.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" });

function tick() {
  for (const time of document.querySelectorAll(".due time")) {
    const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
    const [n, unit] = Math.abs(minutes) < 60 ? [minutes, "minute"] : Math.abs(minutes) < 2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
    const text = words.format(n, unit);
    if (time.dataset.in !== text) time.dataset.in = text;
  }
}

tick();
setInterval(tick, 20000);
document.addEventListener("loket:rows", tick);
document.addEventListener("loket:region", tick);
