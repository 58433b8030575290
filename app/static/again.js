// Scoring again goes on by itself once somebody has begun it. Without scripts there is a button.
(() => {
  const form = document.getElementById("again");
  if (!form) return;
  const part = (id, page = document) => page.getElementById(id);
  let going = false;

  // Takes over what the next page says, without moving whoever reads it.
  const show = (page) => {
    part("numbers").replaceChildren(...part("numbers", page).childNodes);
    const { textContent: words } = part("told", page);
    if (part("told").textContent !== words) part("told").textContent = words; // said aloud once
    const next = part("again", page);
    if (!next) {
      form.remove();
      part("content").focus();
      return false;
    }
    for (const name of ["of", "before"]) form.elements[name].value = next.elements[name].value;
    form.querySelector("button").textContent = next.querySelector("button").textContent;
    return "goesOn" in next.dataset;
  };

  // Returns whether there is more to do; a page that says something else is shown as it is.
  const step = async () => {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) {
      location.reload();
      return false;
    }
    history.replaceState(null, "", answer.url);
    return show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (going) return;
    going = true;
    part("trouble").hidden = true;
    form.setAttribute("aria-busy", "true");
    try {
      while (await step());
    } catch {
      part("trouble").hidden = false; // no network: the button is still there
    }
    form.removeAttribute("aria-busy");
    going = false;
  });
})();
