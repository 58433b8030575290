// The bench, where scripts run: checks while one writes, and scores while one fills in.

// The editor: line numbers, what is wrong beside each line, and nothing unsaved is lost.
(() => {
  const form = document.getElementById("bench");
  if (!form) return;
  const { dataset } = form;
  const editor = document.getElementById("text");
  const numbers = document.getElementById("lines");
  const state = document.getElementById("state");
  const list = document.getElementById("found");
  const kept = editor.value;
  let leaving = false;
  let timer = 0;
  let asking = null;
  let restored = false; // until something is typed

  const count = () => {
    const lines = editor.value.split("\n").length;
    if (numbers.childElementCount === lines) return;
    numbers.replaceChildren(
      ...Array.from({ length: lines }, (_, place) => {
        const number = document.createElement("span");
        number.textContent = place + 1;
        return number;
      }),
    );
  };
  const mark = () => {
    for (const number of numbers.children) number.className = "";
    for (const link of list.querySelectorAll("a")) {
      const number = numbers.children[link.dataset.line - 1];
      const { className } = link.closest("li");
      if (number && number.className !== "problem") number.className = className;
    }
  };
  const follow = () => {
    numbers.scrollTop = editor.scrollTop;
  };

  const element = (name, text, more = {}) =>
    Object.assign(document.createElement(name), { textContent: text }, more);

  const line = (one) => {
    const item = element("li", "", { className: one.kind });
    const link = element("a", "", { href: "#text" });
    Object.assign(link.dataset, { line: one.line, column: one.column });
    link.append(element("span", dataset[one.kind], { className: "kind" }));
    link.append(` ${dataset.line} ${one.line}`);
    const words = element("span", "", { lang: "en" });
    words.append(element("code", one.path), ` ${one.message}`);
    if (one.source) words.append(" ", element("span", one.source, { className: "hint" }));
    item.append(link, " ", words);
    return item;
  };

  const show = ({ found, more, wrong }) => {
    list.replaceChildren(...found.map(line));
    const number = (kind) => found.filter((one) => one.kind === kind).length;
    const told = dataset.found.replace("%p", number("problem")).replace("%r", number("remark"));
    const summary = document.getElementById("summary");
    const words = found.length ? told : dataset.none;
    if (summary.textContent !== words) summary.textContent = words; // said aloud when it changes
    document.getElementById("more").hidden = !more;
    for (const one of document.querySelectorAll("[data-count]")) {
      one.hidden = !wrong[one.dataset.count];
      one.firstChild.textContent = ` ${wrong[one.dataset.count]}`;
    }
    mark();
  };

  const check = async () => {
    asking?.abort();
    asking = new AbortController();
    const { csrf, part } = form.elements;
    const body = new URLSearchParams({ csrf: csrf.value, part: part.value, text: editor.value });
    try {
      const answer = await fetch(dataset.check, { method: "POST", body, signal: asking.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.json());
      state.textContent = editor.value === kept ? "" : dataset[restored ? "restored" : "unsaved"];
    } catch (error) {
      if (error.name !== "AbortError") state.textContent = dataset.unchecked;
    }
  };

  const isUnsaved = () => editor.value !== kept || "unkept" in dataset;
  const remember = (sent) => {
    try {
      if (!isUnsaved()) return sessionStorage.removeItem(dataset.kept);
      const { value: revision } = form.elements.revision;
      sessionStorage.setItem(dataset.kept, JSON.stringify({ revision, text: editor.value, sent }));
    } catch {
      return; // no room: the warning before leaving still holds
    }
  };
  const recall = () => {
    const found = JSON.parse(sessionStorage.getItem(dataset.kept) ?? "null");
    if (!found || "unkept" in dataset || found.text === editor.value) return remember(false);
    if (found.sent && found.revision !== dataset.revision) return remember(false);
    editor.value = found.text;
    form.elements.revision.value = found.revision; // what it was written from
    restored = true;
    check();
  };

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    const lines = editor.value.split("\n");
    const before = lines.slice(0, link.dataset.line - 1).join("\n").length;
    const start = before + (link.dataset.line > 1 ? 1 : 0) + Number(link.dataset.column) - 1;
    editor.focus();
    editor.setSelectionRange(start, start);
    const height = parseFloat(getComputedStyle(editor).lineHeight);
    editor.scrollTop = Math.max(0, (link.dataset.line - 6) * height);
  });
  count();
  mark();
  editor.addEventListener("scroll", follow);
  if (editor.readOnly) return;
  recall();
  count();
  editor.addEventListener("input", () => {
    restored = false;
    count();
    follow();
    remember(false);
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  });
  form.addEventListener("submit", () => {
    leaving = true;
    remember(true);
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved() && !leaving) event.preventDefault();
  });
})();

// The frames: they keep to the same question, and the scores follow what is filled in.
(() => {
  const scores = document.getElementById("scores");
  if (!scores) return;
  const frames = [...document.querySelectorAll("iframe[data-root]")];
  document.getElementById("update").parentElement.hidden = true; // it is done by itself

  let asking = null; // the newest alone: an older answer may come later

  const update = async () => {
    asking?.abort();
    const { signal } = (asking = new AbortController());
    const asked = fetch(scores.dataset.from, { signal });
    const words = await asked.then((answer) => answer.ok && answer.text()).catch(() => null);
    if (!words) return;
    const open = [...scores.querySelectorAll("details[open]")].map((one) => one.dataset.score);
    const page = new DOMParser().parseFromString(words, "text/html");
    scores.replaceChildren(...page.body.childNodes);
    for (const one of scores.querySelectorAll("details")) {
      one.open = open.includes(one.dataset.score);
    }
  };

  const come = new Set();
  let leader = frames[0]; // the one that was last used; the other never leads it back
  const placeOf = (frame) => frame.contentWindow.location.pathname.split("/").at(-1);
  const others = (frame) => frames.filter((one) => one !== frame && come.has(one));

  const follow = () => {
    if (!come.has(leader)) return;
    for (const other of others(leader)) {
      if (placeOf(other) !== placeOf(leader)) {
        other.contentWindow.location.replace(other.dataset.root + placeOf(leader));
      }
    }
  };

  const arrived = (frame) => {
    come.add(frame);
    for (const act of ["click", "change", "submit"]) {
      frame.contentDocument.addEventListener(act, () => (leader = frame), true);
    }
    update();
    follow();
    const watch = new frame.contentWindow.PerformanceObserver((seen) => {
      if (!seen.getEntries().some((one) => one.initiatorType === "fetch")) return;
      update(); // an answer was saved while its page stays open
      for (const other of others(frame)) other.contentWindow.location.reload();
    });
    watch.observe({ type: "resource", buffered: true });
  };

  for (const frame of frames) {
    frame.addEventListener("load", () => arrived(frame));
    const { readyState, location } = frame.contentDocument;
    if (readyState === "complete" && location.href !== "about:blank") arrived(frame);
  }
})();
