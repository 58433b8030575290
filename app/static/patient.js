// What makes the pages kinder where scripts run. Without them every page works as it is.

// Saves each answer as it is given, again and again until it has arrived; nothing is kept here.
(() => {
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  const note = document.getElementById("net");
  const unsaved = new Map(); // by question, when the answer was given that has not arrived
  let sending = false;
  let wait = 1000;
  let pressed = null; // the button that waits for the network
  let through = false;
  let timer = 0;

  const say = (words) => {
    note.textContent = words ? note.dataset[words] : "";
    note.hidden = !words;
  };

  const body = () => {
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, at] of unsaved) fields.set(`age.${name}`, String(Math.max(0, Date.now() - at)));
    return fields;
  };

  // What has arrived is what the page now began with.
  const arrived = ({ saved, older, elsewhere }, fields) => {
    for (const name of saved) {
      const parts = [...fields].filter(([key]) => key === name || key.startsWith(`${name}.`));
      form.elements[`was.${name}`].value = parts.map(([, value]) => value).join(" ").trim();
    }
    if (older.length || elsewhere) say(older.length ? "older" : "elsewhere");
  };

  const send = async () => {
    if (sending || !(unsaved.size || pressed)) return;
    clearTimeout(timer);
    sending = true;
    const sent = new Map(unsaved);
    const fields = body();
    let gone = false;
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: fields, keepalive: true });
      if (answer.status >= 500) throw new Error("not now");
      if (!answer.ok || answer.redirected) return location.reload(); // that page says what to do
      gone = true;
      for (const [name, at] of sent) if (unsaved.get(name) === at) unsaved.delete(name);
      if (!note.hidden) say(wait > 1000 ? "back" : "");
      wait = 1000;
      arrived(await answer.json(), fields);
    } catch {
      wait = Math.min(wait * 2, 30000);
      say(navigator.onLine ? "waiting" : "offline");
    } finally {
      sending = false;
    }
    if (gone && pressed && !unsaved.size) {
      through = true;
      form.requestSubmit(pressed);
    } else if (unsaved.size || pressed) {
      timer = setTimeout(send, wait);
    }
  };

  const given = (field) => {
    unsaved.set(field.name.split(".")[0], Date.now());
    send();
  };

  let typing = 0;
  form.addEventListener("change", ({ target }) => given(target));
  form.addEventListener("input", ({ target }) => {
    if (!target.matches("textarea, input[type=text], input[type=number]")) return;
    clearTimeout(typing);
    typing = setTimeout(() => given(target), 1500);
  });
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", send);

  // In a group on a phone the next question is here already: one may go on without a network.
  const next = (button) => {
    const here = form.querySelector(".asked.current");
    const there = here && button.value === "one" && here.nextElementSibling;
    if (!there || !here.querySelector(":checked")) return false;
    here.classList.remove("current");
    there.classList.add("current");
    form.setAttribute("action", there.dataset.action);
    form.dataset.save = there.dataset.save;
    document.querySelector("nav.one a").href = here.dataset.action;
    document.getElementById("where").textContent = there.dataset.where;
    document.querySelector("progress.one").value = there.dataset.place;
    there.querySelector("input").focus();
    return true;
  };

  form.addEventListener("submit", (event) => {
    if (through || (navigator.onLine && !unsaved.size)) return;
    event.preventDefault();
    const cut = !navigator.onLine || wait > 1000;
    if (cut && next(event.submitter)) return;
    pressed = event.submitter;
    if (cut) say(navigator.onLine ? "waiting" : "offline");
    send();
  });
})();

// "None of these" goes with no other answer.
for (const group of document.querySelectorAll("[data-alone]")) {
  const alone = group.dataset.alone.split(" ");
  group.addEventListener("change", ({ target }) => {
    if (!target.checked) return;
    for (const box of group.querySelectorAll("input[type=checkbox]")) {
      if (box !== target && (alone.includes(target.value) || alone.includes(box.value))) {
        box.checked = false;
      }
    }
  });
}

// Warns before the visit ends because nothing is done, and lets it go on.
(() => {
  const dialog = document.getElementById("idle");
  if (!dialog) return;
  const whole = Number(dialog.dataset.minutes) * 60000;
  const warning = Math.min(whole / 3, 300000);
  let timer = 0;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      dialog.showModal();
      timer = setTimeout(() => location.replace("/form/"), warning);
    }, whole - warning);
  };
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", async () => {
    clearTimeout(timer);
    const answer = await fetch("/form/stay").catch(() => null);
    if (answer && !answer.ok) location.reload();
    begin();
  });
  document.addEventListener("change", begin);
  begin();
})();

// The scale from 0 to 100: keeps a slider equal to the number box, which alone is sent.
(() => {
  const scale = document.getElementById("scale");
  if (!scale) return;
  const slider = document.getElementById("slider");
  const box = document.querySelector("input[type=number]");
  if (!scale) return;

  const show = () => {
    const touched = box.value !== "" && box.validity.valid;
    scale.classList.toggle("touched", touched);
    if (touched) {
      slider.value = box.value;
      slider.removeAttribute("aria-valuetext");
    } else {
      slider.value = 50;
      slider.setAttribute("aria-valuetext", slider.dataset.untouched);
    }
    scale.style.setProperty("--value", slider.value);
  };
  const choose = (value) => {
    box.value = value;
    show();
  };
  const told = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

  box.addEventListener("input", show);
  slider.addEventListener("input", () => choose(slider.value));
  slider.addEventListener("change", () => told(box));
  // A tap, not a touch: a finger that only scrolls past must never leave an answer behind.
  scale.addEventListener("click", (event) => {
    if (event.target === slider) return;
    const { top, height } = scale.querySelector(".tube").getBoundingClientRect();
    const part = 1 - (event.clientY - top) / height;
    choose(Math.round(100 * Math.min(1, Math.max(0, part))));
    told(box);
  });

  slider.hidden = false;
  scale.classList.add("live");
  document.getElementById("hint-scale").hidden = false;
  window.addEventListener("pageshow", show);
  show();
})();

// The copy and the result: a button that prints, where there is a script to press it.
(() => {
  const button = document.getElementById("print");
  if (!button) return;
  button.addEventListener("click", () => window.print());
  button.hidden = false;
})();
