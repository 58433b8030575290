// Gives each command a button that copies it. The page works without.
for (const command of document.querySelectorAll("pre")) {
  const frame = document.createElement("div");
  frame.className = "copyable";
  command.tabIndex = 0;
  command.replaceWith(frame);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  frame.append(command, button);
}
