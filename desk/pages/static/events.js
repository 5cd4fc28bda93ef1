// Follows a stream of events until it ends, or is dead: for 35 seconds nothing came, not even that it is there. It gives the status with which
// the stream was answered, 0 for none.
export async function follow(address, { headers, stop = new AbortController(), take }) {
  let dead;
  const alive = () => {
    clearTimeout(dead);
    dead = setTimeout(() => stop.abort(), 35000);
  };
  let status = 0;
  try {
    alive();
    const answer = await fetch(address, { headers, signal: stop.signal });
    status = answer.status;
    if (!answer.ok) return status;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ;) {
      const { value, done } = await reader.read();
      if (done) break;
      alive();
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) take(fields(event));
    }
  } catch {
    // it is begun again, whatever it was
  } finally {
    clearTimeout(dead);
  }
  return status;
}

const fields = (text) => Object.fromEntries(text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));

// pause is how long to wait before it is begun again, after so many tries that failed: those of all browsers at once are spread.
export const pause = (tries) => Math.min(30000, 1000 * 2 ** tries) * (0.5 + Math.random());
