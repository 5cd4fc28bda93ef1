// A board reads itself again, and says so when what it shows is old. Without scripts the browser loads the page anew.
const every = Number(document.body.dataset.refresh) * 1000;
const oldAfter = 4 * every;
let readAt = performance.now();

// The browser parses the page as a document of its own, in which nothing runs.
function read() {
  const request = new XMLHttpRequest();
  request.open("GET", location.pathname);
  request.responseType = "document";
  request.timeout = every;
  request.onload = () => {
    const fresh = request.responseXML?.getElementById("board");
    if (request.status === 200 && fresh) {
      document.getElementById("board").replaceWith(document.adoptNode(fresh));
      readAt = performance.now();
    } else if (request.status === 200) {
      location.reload(); // signed in no more
    }
  };
  request.send();
}

function judge() {
  const isOld = performance.now() - readAt > oldAfter;
  document.documentElement.classList.toggle("old", isOld);
  document.querySelector(".stale").hidden = !isOld;
}

setInterval(read, every);
setInterval(judge, 1000);
