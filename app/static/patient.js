// What makes the pages kinder where scripts run. Without them every page works as it is.

// Saves each answer as it is given, again and again until it has arrived; nothing is kept here.
(() => {
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  const note = document.getElementById("net");
  const given = new Map(); // what has not arrived: each question, and when it was answered
  let afterwards = null; // what waits until all has arrived
  let through = false;
  let sending = false;
  let wait = 1000;
  let timer = 0;

  const say = (words) => {
    note.textContent = words ? note.dataset[words] : "";
    note.hidden = !words;
  };
  const trouble = () => say(navigator.onLine ? "waiting" : "offline");
  const isDone = () => given.size === 0 && afterwards === null;
  const isCut = () => !navigator.onLine || wait > 1000;

  const body = () => {
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, at] of given) fields.set(`age.${name}`, String(Math.max(0, Date.now() - at)));
    return fields;
  };

  // What has arrived is what the page now began with.
  const arrived = ({ saved, older, elsewhere }, fields, sent) => {
    for (const [name, at] of sent) if (given.get(name) === at) given.delete(name);
    for (const name of saved) {
      const parts = [...fields].filter(([key]) => key === name || key.startsWith(`${name}.`));
      form.elements[`was.${name}`].value = parts.map(([, value]) => value).join(" ").trim();
    }
    if (older.length || elsewhere) say(older.length ? "older" : "elsewhere");
  };

  const send = async () => {
    if (sending || isDone()) return;
    clearTimeout(timer);
    sending = true;
    const sent = [...given];
    const fields = body();
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: fields, keepalive: true });
      if (answer.status >= 500) throw new Error("not now");
      if (!answer.ok || answer.redirected) return location.reload(); // that page says what to do
      if (!note.hidden) say(wait > 1000 ? "back" : "");
      wait = 1000;
      arrived(await answer.json(), fields, sent);
    } catch {
      wait = Math.min(wait * 2, 30000);
      trouble();
    } finally {
      sending = false;
    }
    if (given.size || wait > 1000) {
      timer = setTimeout(send, wait);
    } else if (afterwards) {
      through = true;
      afterwards();
    }
  };

  const answered = ({ target }) => {
    if (!target.name) return;
    given.set(target.name.split(".")[0], Date.now());
    send();
  };

  const until = (then) => {
    afterwards = then;
    if (isCut()) trouble();
    send();
  };

  let typing = 0;
  form.addEventListener("change", answered);
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea, input[type=text], input[type=number]")) return;
    clearTimeout(typing);
    typing = setTimeout(answered, 1500, event);
  });
  window.addEventListener("online", () => {
    wait = Math.min(wait, 2000); // it has waited long enough
    send();
  });
  document.addEventListener("visibilitychange", send);

  // In a group on a phone the other questions are here already: one may go on without a network.
  const rows = location.search ? [] : [...form.querySelectorAll(".asked")];
  const current = () => rows.findIndex((row) => row.matches(".current"));

  const show = (place) => {
    const row = rows[place];
    for (const old of document.querySelectorAll(".summary, .wrong")) old.remove();
    rows[current()].classList.remove("current");
    row.classList.add("current");
    form.setAttribute("action", row.dataset.action);
    form.dataset.save = row.dataset.save;
    document.getElementById("where").textContent = row.dataset.where;
    document.title = `${row.dataset.where} – ${document.title.split(" – ").at(-1)}`;
    document.querySelector("progress.one").value = row.dataset.place;
    const before = rows[place - 1]?.dataset.action ?? document.querySelector("nav.many a").href;
    document.querySelector("nav.one a").href = before;
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  const goes = (place) => {
    if (!rows[place]) return false;
    show(place);
    history.pushState(null, "", rows[place].dataset.action);
    return true;
  };

  window.addEventListener("popstate", () => {
    const place = rows.findIndex((row) => row.dataset.action === location.pathname);
    if (place >= 0 && place !== current()) show(place);
  });

  form.addEventListener("submit", (event) => {
    if (through || (navigator.onLine && isDone())) return;
    event.preventDefault();
    const button = event.submitter;
    const here = current();
    const goesOn = isCut() && button.value === "one" && rows[here]?.querySelector(":checked");
    if (goesOn && goes(here + 1)) return;
    until(() => form.requestSubmit(button));
  });

  for (const link of document.querySelectorAll(".back a")) {
    link.addEventListener("click", (event) => {
      if (through || (navigator.onLine && isDone())) return;
      event.preventDefault();
      if (isCut() && link.closest(".one") && goes(current() - 1)) return;
      until(() => location.assign(link.href));
    });
  }
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
      timer = setTimeout(() => location.replace("/form/"), warning + 5000); // it has ended by then
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
