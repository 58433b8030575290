// The scale from 0 to 100: keeps a slider equal to the number box, which alone is sent.
// Without this the page works too: the scale is drawn, and the number is written.
(() => {
  const scale = document.getElementById("scale");
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

  box.addEventListener("input", show);
  slider.addEventListener("input", () => choose(slider.value));
  // A tap, not a touch: a finger that only scrolls past must never leave an answer behind.
  scale.addEventListener("click", (event) => {
    if (event.target === slider) return;
    const { top, height } = scale.querySelector(".tube").getBoundingClientRect();
    const part = 1 - (event.clientY - top) / height;
    choose(Math.round(100 * Math.min(1, Math.max(0, part))));
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
