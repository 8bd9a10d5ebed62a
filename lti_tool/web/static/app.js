// Small help for pages that work without it: frame height, unsent answers, read-aloud.
(() => {
  "use strict";
  const framed = window.parent !== window;

  // Tell platforms that listen how tall the page is; Moodle does not, so nothing depends on it.
  if (framed) {
    const tell = () => parent.postMessage(
      {subject: "lti.frameResize", height: document.documentElement.scrollHeight}, "*");
    addEventListener("load", tell);
    addEventListener("resize", tell);
  }

  // The end of a registration asks the platform to close its window: on tap, or by itself after
  // as many seconds as the button says.
  const closing = document.querySelector("[data-lti-close]");
  if (closing) {
    const close = () => (window.opener || window.parent).postMessage(
      {subject: "org.imsglobal.lti.close"}, "*");
    closing.hidden = false;
    closing.addEventListener("click", close);
    if (closing.dataset.ltiClose) setTimeout(close, closing.dataset.ltiClose * 1000);
  }

  // A form that only carries something onward sends itself.
  const onward = document.querySelector("form[data-send]");
  if (onward) onward.submit();

  // Keep a typed text through a reload, and a sent answer through a lost line.
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* full or refused */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* refused */ } },
  };
  const status = document.getElementById("unsent");
  const pause = (ms) => new Promise((done) => {
    setTimeout(done, ms);
    addEventListener("online", done, {once: true});
  });
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const key = form.dataset.keep; // names room and person, so a shared phone mixes nobody up
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.busy) return;
      form.dataset.busy = "1";
      const data = new URLSearchParams(new FormData(form, event.submitter));
      store.set(key, JSON.stringify([data.get("item"), data.get("value")]));
      for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
        try {
          const answer = await fetch(form.action, {method: "POST", body: data, headers: {Accept: "application/json"}});
          if (answer.status >= 502) throw new Error("gateway");
          if (answer.ok) {
            store.drop(key);
            location.assign((await answer.json()).next);
          } else if (answer.status === 503) {
            throw new Error("busy");
          } else {
            if (answer.status !== 401) store.drop(key);
            document.documentElement.innerHTML = await answer.text();
          }
          return;
        } catch {
          status?.classList.add("show");
          await pause(wait);
        }
      }
    });
    const [item, value] = JSON.parse(store.get(key) || "[]");
    if (item && item === form.elements.item?.value) {
      form.querySelector(`button[value="${CSS.escape(value ?? "")}"]`)?.click();
    }
  }

  // Read the page aloud with the browser's own voice, on tap only.
  const voice = document.querySelector("button[data-speak]");
  if (voice && "speechSynthesis" in window) {
    voice.hidden = false;
    voice.addEventListener("click", () => {
      speechSynthesis.cancel();
      const text = [...document.querySelectorAll("[data-read]")].map((n) => n.textContent.trim()).join(". ");
      const words = new SpeechSynthesisUtterance(text);
      words.lang = document.documentElement.lang;
      speechSynthesis.speak(words);
    });
  }
})();
