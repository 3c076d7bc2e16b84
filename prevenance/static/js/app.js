// Small comforts; every page works without them (ADR 0005).
"use strict";

const SERVER_SILENT = "Le serveur n’a pas répondu. Votre texte est toujours là : réessayez.";
const SENDING_LIMIT = 30000; // ms after which a form that led nowhere (a download, a stopped page) may be sent again

function say(sentence) {
  const place = document.getElementById("alertes");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "fr-alert fr-alert--error";
  const text = document.createElement("p");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "fr-btn fr-btn--tertiary fr-btn--sm";
  close.textContent = "Fermer ce message";
  close.addEventListener("click", () => place.replaceChildren());
  box.append(text, close);
  place.replaceChildren(box);
}

// What went wrong with a partial request: the sentence of the error page when there is one.
document.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText || "", "text/html");
  const reason = answer.querySelector("[data-reason]");
  say(reason ? reason.textContent.trim() : SERVER_SILENT);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => say(SERVER_SILENT));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form");
  if (!form) return;
  delete form.dataset.sending;
  if (event.detail.successful) {
    delete form.dataset.changed;
    document.getElementById("alertes")?.replaceChildren();
  }
});

// A second click on « Envoyer » does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const method = event.submitter?.getAttribute("formmethod") || form.getAttribute("method") || "get";
  if (method.toLowerCase() !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "1";
  setTimeout(() => delete form.dataset.sending, SENDING_LIMIT);
}, true);
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// Nothing written by the person who signs out stays on the device (js/autosave.js keeps unsent minutes there).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-sign-out]")) return;
  for (const name of Object.keys(localStorage)) if (name.startsWith("prevenance:texte:")) localStorage.removeItem(name);
});

// Leaving a form with unsent typing asks first.
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) form.dataset.changed = "1";
});
addEventListener("beforeunload", (event) => {
  const unsent = document.querySelector("form[data-guard][data-changed]:not([data-sending])");
  if (unsent) event.preventDefault();
});

// A file too large is said before it is sent.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("input[type=file][data-max-bytes]")) return;
  const megabytes = (bytes) => (bytes / 1048576).toLocaleString("fr-FR", { maximumFractionDigits: 1 });
  const limit = Number(input.dataset.maxBytes);
  const heavy = [...input.files].find((file) => file.size > limit);
  const sentence = heavy
    ? `Le fichier « ${heavy.name} » pèse ${megabytes(heavy.size)} Mo ; la limite est de ${megabytes(limit)} Mo. Choisissez un fichier plus léger.`
    : "";
  input.setCustomValidity(sentence);
  const place = document.getElementById(`${input.id}_error`);
  if (!place) return;
  const text = document.createElement("p");
  text.className = "fr-error-text";
  text.setAttribute("role", "alert");
  text.textContent = sentence;
  place.replaceChildren(...(sentence ? [text] : []));
});

// Dialogs open in the page; closing is native (Esc, « Annuler »). Menus close on Esc and on a click elsewhere.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  for (const menu of document.querySelectorAll("details[data-close][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-close][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// « Copier »: the text of the element named by data-copy, or its value.
async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  button.dataset.label ??= button.textContent;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    button.textContent = "Copié";
  } catch {
    getSelection().selectAllChildren(source); // no clipboard without HTTPS: the text is selected, ready for Ctrl+C
    button.textContent = "Sélectionné : Ctrl+C";
  }
  setTimeout(() => { button.textContent = button.dataset.label; }, 3000);
}

// After a refused form, reading starts at what is to be corrected.
document.querySelector("[data-focus]")?.focus();
