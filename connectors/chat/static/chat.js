// Shows a button that opens the chat, on any page: <script src="https://…/in/chat/chat.js" async></script>. It runs under a strict policy of
// the page, which must name this address in script-src and frame-src. It keeps to a shadow root and touches nothing else of the page.
(() => {
  const me = document.currentScript;
  const base = new URL(".", me.src);
  const lang = (me.dataset.lang || document.documentElement.lang || navigator.language || "").slice(0, 2);
  const words = { nl: ["Chat met ons", "Sluit de chat", "Chat", "nieuw"], en: ["Chat with us", "Close the chat", "Chat", "new"] };
  const [open, close, title, fresh] = words[lang] || words.en;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host{all:initial;position:fixed;right:1rem;bottom:1rem;z-index:2147483000;color-scheme:light dark}
button{font:600 1rem/1.2 system-ui,sans-serif;color:var(--loket-chat-text,#fff);background:var(--loket-chat-colour,#0b57a4);border:0;border-radius:2rem;padding:.9rem 1.4rem;min-height:3rem;cursor:pointer;box-shadow:0 2px 8px rgba(0,0,0,.3)}
button:focus-visible,iframe:focus-visible{outline:3px solid var(--loket-chat-colour,#0b57a4);outline-offset:2px}
iframe{display:none;position:fixed;right:1rem;bottom:5rem;width:24rem;height:min(40rem,calc(100vh - 6rem));border:0;border-radius:.75rem;box-shadow:0 4px 24px rgba(0,0,0,.35);background:Canvas}
.open iframe{display:block}
@media (max-width:30rem){.open iframe{inset:0;width:100vw;height:100vh;height:100dvh;border-radius:0}.open button{display:none}}`);
  const place = document.createElement("div");
  const root = place.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const box = root.appendChild(document.createElement("div"));
  const button = box.appendChild(document.createElement("button"));
  button.type = "button";
  button.textContent = open;
  button.setAttribute("aria-expanded", "false");
  let frame;
  let ready = false;
  let news = 0;
  let who = me.dataset.visitor ? { token: me.dataset.visitor } : me.dataset.user ? { user: me.dataset.user, hash: me.dataset.userHash } : null;

  function tell(message) {
    if (ready) frame.contentWindow.postMessage(message, base.origin);
  }

  function load() {
    frame = document.createElement("iframe");
    frame.title = title;
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads");
    frame.referrerPolicy = "origin";
    frame.addEventListener("load", () => frame.contentWindow.postMessage({ loket: "hello", who }, base.origin));
    frame.src = new URL(lang in words ? "./?lang=" + lang : "./", base);
    box.append(frame);
  }

  function show(shown) {
    if (shown && !frame) load();
    box.className = shown ? "open" : "";
    button.setAttribute("aria-expanded", String(shown));
    news = 0;
    button.textContent = shown ? close : open;
    if (!shown) {
      tell({ loket: "hidden" });
      return button.focus();
    }
    frame.focus();
    tell({ loket: "shown" });
  }

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
    switch (event.data && event.data.loket) {
      case "ready":
        ready = true;
        if (box.className) tell({ loket: "shown" });
        break;
      case "close":
        show(false);
        break;
      case "expired":
        document.dispatchEvent(new CustomEvent("loket-chat:expired"));
        break;
      case "news":
        if (box.className) break;
        news += event.data.count;
        button.textContent = `${open} (${news} ${fresh})`;
    }
  });
  // For scripts of the page: who signed in, as a token or as {user, hash}; null for nobody any more.
  window.loketChat = {
    open: () => show(true),
    close: () => show(false),
    signIn: (given) => {
      who = typeof given === "string" ? { token: given } : given;
      tell({ loket: "visitor", who });
    },
  };
  button.addEventListener("click", () => show(!box.className));
  if (document.body) document.body.append(place);
  else addEventListener("DOMContentLoaded", () => document.body.append(place));
})();
