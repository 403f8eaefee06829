// What pages do better with JavaScript. All of them work without it.
"use strict";

// Buttons that copy commands and secrets.
function addCopyButton(box, text) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  box.append(button);
}
for (const box of document.querySelectorAll(".code, .secret")) {
  addCopyButton(box, box.querySelector("code").textContent);
}

// Passwords can be looked at while they are typed.
for (const input of document.querySelectorAll("input[type=password]")) {
  const wrap = document.createElement("div");
  wrap.className = "reveal";
  input.replaceWith(wrap);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.textContent = "Show";
  button.setAttribute("aria-label", "Show the password");
  button.addEventListener("click", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.textContent = hidden ? "Hide" : "Show";
    button.setAttribute("aria-label", hidden ? "Hide the password" : "Show the password");
  });
  wrap.append(input, button);
  if (input.autofocus) input.focus();
  if (input.form) input.form.addEventListener("submit", () => { input.type = "password"; });
}

// Where the navigation is wider than the window, the page that is open is in sight.
for (const tab of document.querySelectorAll(".tabs a[aria-current]")) {
  tab.parentElement.scrollLeft = tab.offsetLeft + tab.offsetWidth - tab.parentElement.offsetLeft - tab.parentElement.clientWidth + 40;
}

// Menus close on Escape and on a click elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// Parts of a form that count only with a certain choice: data-with="name=value".
// Otherwise they are neither seen nor sent.
for (const part of document.querySelectorAll("[data-with]")) {
  const [name, value] = part.dataset.with.split("=");
  const choices = part.closest("form").elements[name];
  const update = () => {
    part.hidden = choices.value !== value;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  };
  for (const choice of choices instanceof RadioNodeList ? choices : [choices]) choice.addEventListener("change", update);
  window.addEventListener("pageshow", update); // by then a browser has filled in what was chosen before
  update();
}

// The time zone of the browser is a good guess.
for (const input of document.querySelectorAll("input[data-guess-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!input.value && zone) input.value = zone;
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[method=post]")) delete form.dataset.sent;
});
