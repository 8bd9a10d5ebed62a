// Small help for pages that work without it. Everything here may fail: the form still sends itself.
(() => {
  "use strict";
  const root = document.documentElement;
  const framed = window.parent !== window;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Tell platforms that listen how tall the page is (Canvas, Sakai). Moodle does not listen, so
  // nothing depends on it. No origin is named: a height is no secret.
  if (framed && "ResizeObserver" in window) {
    new ResizeObserver(() => parent.postMessage(
      {subject: "lti.frameResize", height: Math.ceil(root.offsetHeight)}, "*")).observe(root);
  }

  // Outside a frame there is no fuller window to open.
  if (!framed) for (const link of all("[data-window]")) link.hidden = true;

  // The end of a registration asks the platform to close its window: on tap, or by itself after
  // as many seconds as the button says.
  for (const button of all("[data-lti-close]")) {
    const close = () => (window.opener || parent).postMessage(
      {subject: "org.imsglobal.lti.close"}, "*");
    button.hidden = false;
    button.addEventListener("click", close);
    if (button.dataset.ltiClose) setTimeout(close, button.dataset.ltiClose * 1000);
  }

  // A form that only carries something onward sends itself; its button stays for everybody else.
  document.querySelector("form[data-send]")?.submit();

  // A page that comes back from the browser's memory may show an older answer: fetch it anew.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Keep what was typed or tapped until the server has it: through a lost line, a reload, the back
  // button, an expired session. data-keep names room and person, so that two people on one phone
  // never meet; the rest of the address names the form, without the launch, which may be a new one.
  const DAY = 864e5;
  const store = { // throws in browsers that refuse storage to frames
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* refused */ } },
  };
  const unsent = document.getElementById("unsent");
  const say = (text) => {
    if (unsent && unsent.textContent !== text) {
      unsent.textContent = text; // the region is there from the start, so that it is read out
      if (text) unsent.scrollIntoView({block: "nearest"});
    }
  };
  const pause = (ms) => new Promise((done) => {
    setTimeout(done, ms);
    addEventListener("online", done, {once: true});
  });

  for (const form of all("form[data-keep]")) {
    const key = `${form.dataset.keep} ${new URL(form.action).pathname.replace(/^\/l\/[^/]+/, "")}`;
    const typed = [...form.elements].filter(
      (field) => field.matches("textarea, select, input:not([type=hidden])") && field.name);
    const ticked = (field) => /^(checkbox|radio)$/.test(field.type);
    const state = () => typed.map((field) => [field.name, field.value, field.checked]);
    const restore = (field, texts) => {
      const [, value, checked] = texts.find(
        ([name, value]) => name === field.name && (!ticked(field) || value === field.value)) || [];
      if (value === undefined) return;
      if (ticked(field)) { field.checked = checked; return; }
      const was = field.value;
      field.value = value;
      if (field.value !== value) field.value = was; // this choice is no longer offered
    };
    let busy = false;

    const send = async (name, value) => {
      if (busy) return;
      busy = true;
      const fields = new FormData(form);
      if (name) fields.set(name, value);
      const texts = state();
      store.set(key, {at: Date.now(), sent: true, name, value, texts});
      for (const button of form.querySelectorAll(`button[name="${name}"]`)) {
        button.setAttribute("aria-pressed", button.value === value);
      }
      for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
        try {
          const answer = await fetch(form.action, {
            method: "POST",
            body: new URLSearchParams(fields),
            headers: {Accept: "application/json"}, // asks for the next address, not for its page
            signal: AbortSignal.timeout?.(20000),
          });
          if (answer.status === 429 || answer.status > 500) throw new Error("busy");
          if (answer.ok) {
            const {next} = await answer.json(); // not JSON: a hotel's or train's own login page
            store.drop(key);
            const there = new URL(next, location.href);
            const same = there.pathname === location.pathname;
            location.assign(there);
            if (same) location.reload(); // to another place of this page the browser only scrolls
            return;
          }
          // Refused: let the browser show the page that says why. What waits for a new sign-in is
          // sent then; anything else would be refused again, so only what was typed stays.
          if (answer.status !== 401) {
            if (typed.length) store.set(key, {at: Date.now(), texts});
            else store.drop(key);
          }
          if (name) {
            const field = document.createElement("input");
            form.append(Object.assign(field, {type: "hidden", name, value}));
          }
          form.submit();
          return;
        } catch {
          say(unsent?.dataset.text);
          await pause(wait);
        }
      }
    };

    form.addEventListener("submit", (event) => {
      if (!("submitter" in event)) return; // an old browser cannot say which button: it sends itself
      event.preventDefault();
      send(event.submitter?.name, event.submitter?.value);
    });
    for (const field of typed) {
      field.addEventListener("input", () => store.set(key, {at: Date.now(), texts: state()}));
    }

    const kept = store.get(key);
    if (kept && Date.now() - kept.at < DAY) {
      for (const field of typed) restore(field, kept.texts || []);
      if (kept.sent) send(kept.name, kept.value);
    } else {
      store.drop(key);
    }
  }

  // Read the page aloud with the browser's own voice, on tap only; a second tap stops it. A page
  // that names no parts to read has the button of the footer, which reads all that is shown.
  const [speak] = "speechSynthesis" in window ? all("button[data-speak]") : [];
  if (speak) {
    const parts = speak.closest("footer") ? [] : all("[data-read]");
    const lines = () => parts.length
      ? [parts.map((part) => part.textContent.trim()).join(". ")]
      : document.querySelector("main").innerText.split(/\n+/).filter((line) => line.trim());
    speak.hidden = false;
    speak.addEventListener("click", () => {
      const speaking = speechSynthesis.speaking;
      speechSynthesis.cancel();
      if (speaking) return;
      for (const line of lines()) {
        const words = new SpeechSynthesisUtterance(line);
        words.lang = (parts[0] || root).closest("[lang]").lang;
        speechSynthesis.speak(words);
      }
    });
  }

  for (const button of all("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
