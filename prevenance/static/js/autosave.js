// Minutes save themselves: one second after typing stops, each part is sent; what is not yet on the server is kept
// on this device, under the part and its edit number, and removed once saved or at sign-out (see app.js).
"use strict";

(() => {
  const form = document.getElementById("redaction");
  if (!form) return;
  const DELAY = 1000, AGAIN = 10000; // ms
  const PREFIX = "prevenance:texte:";
  const mine = `${PREFIX}${form.dataset.person}:`;
  const fields = [...document.querySelectorAll("textarea[data-autosave]")];
  const saved = new Map(fields.map((field) => [field, field.defaultValue]));
  const timers = new Map();
  let queue = Promise.resolve(); // one request at a time: opening and closing share an edit number
  let leaving = false;

  const key = (field, edit = field.dataset.edit) => `${mine}${form.dataset.minutes}:${field.dataset.autosave}:${edit}`;
  const place = (field) => document.getElementById(`etat-${field.dataset.autosave}`);

  function say(field, sentence, state) {
    for (const where of [place(field), document.getElementById("etat-general")]) {
      if (where.textContent !== sentence) where.textContent = sentence;
      where.dataset.state = state;
    }
  }
  function keep(field) {
    try {
      localStorage.setItem(key(field), field.value);
      return "Non enregistré : votre texte est gardé sur cet appareil.";
    } catch {
      return "Non enregistré : ne fermez pas cette page avant que le texte ne soit enregistré.";
    }
  }
  const forget = (field, edit) => localStorage.removeItem(key(field, edit));

  function number(field, edit) {
    for (const other of fields) {
      if (other.dataset.counter !== field.dataset.counter) continue;
      const unsent = other !== field && other.value !== saved.get(other);
      if (unsent) forget(other);
      other.dataset.edit = edit;
      document.querySelector(`input[name="edit-${other.dataset.autosave}"]`).value = edit;
      if (unsent) keep(other);
    }
  }

  async function send(field) {
    const text = field.value;
    if (text === saved.get(field) || field.dataset.conflict || leaving) return;
    const before = field.dataset.edit;
    let response, answer;
    try {
      response = await fetch(form.dataset.autosaveUrl, {
        method: "POST", credentials: "same-origin", keepalive: text.length < 15000,
        headers: { Accept: "application/json" },
        body: new URLSearchParams({
          csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, part: field.dataset.autosave, text, edit: before,
        }),
      });
      answer = (response.headers.get("Content-Type") || "").includes("json") ? await response.json() : {};
    } catch {
      response = null;
    }
    const same = response?.status === 409 && answer.text === text; // a tab that was closing had sent the same text
    if (response?.ok || same) {
      forget(field, before);
      saved.set(field, text);
      number(field, String(answer.edit));
      if (field.value === text) say(field, answer.saved || "Enregistré.", "saved");
      else later(field, DELAY);
    } else if (response?.status === 409) {
      conflict(field, answer.text, answer.edit);
    } else {
      const why = { 401: " Vous n’êtes plus connecté : ouvrez Prévenance dans un autre onglet, puis revenez ici.",
        403: " L’enregistrement a été refusé : rechargez la page.", 404: " L’enregistrement a été refusé : rechargez la page." };
      say(field, keep(field) + (answer?.reason ? ` ${answer.reason}` : why[response?.status] || ""), "unsaved");
      if (!response || response.status === 401 || response.status >= 500) later(field, AGAIN);
    }
  }
  function later(field, delay) {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => { queue = queue.then(() => send(field)); }, delay));
  }

  // Saved elsewhere meanwhile: both texts are shown, and the person chooses or merges.
  function conflict(field, other, edit) {
    field.dataset.conflict = "1";
    keep(field);
    say(field, "Modifié ailleurs : les deux textes sont affichés, rien n’est perdu.", "refused");
    document.getElementById(`autre-${field.dataset.autosave}`)?.remove();
    const box = document.createElement("div");
    box.className = "pv-other";
    box.id = `autre-${field.dataset.autosave}`;
    box.setAttribute("role", "alert");
    const title = document.createElement("p"), text = document.createElement("pre"), buttons = document.createElement("p");
    title.textContent = "Ce passage a été modifié ailleurs. Voici le texte enregistré ; le vôtre reste dans le champ.";
    text.textContent = other || "(vide)";
    const choose = (label, value) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fr-btn fr-btn--secondary fr-btn--sm";
      button.textContent = label;
      button.addEventListener("click", () => {
        forget(field);
        saved.set(field, other);
        number(field, String(edit));
        if (value !== undefined) field.value = value;
        delete field.dataset.conflict;
        box.remove();
        field.focus();
        if (field.value === other) say(field, "Texte enregistré repris.", "saved");
        else { say(field, keep(field), "unsaved"); later(field, 0); }
      });
      buttons.append(button, " ");
    };
    choose("Enregistrer mon texte à la place");
    choose("Reprendre le texte enregistré", other);
    box.append(title, text, buttons);
    field.after(box);
  }

  // Another person's copies do not stay on a shared device; mine come back, from whichever edit they were typed on.
  const stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  for (const name of stored) if (!name.startsWith(mine)) localStorage.removeItem(name);
  for (const field of fields) {
    const start = `${mine}${form.dataset.minutes}:${field.dataset.autosave}:`;
    for (const name of stored.filter((one) => one.startsWith(start))) {
      const text = localStorage.getItem(name);
      localStorage.removeItem(name);
      if (text === null || text === field.value) continue;
      const server = field.value;
      field.value = text;
      if (name === key(field)) { say(field, keep(field), "unsaved"); later(field, 0); }
      else conflict(field, server, field.dataset.edit);
    }
  }

  for (const field of fields) {
    field.addEventListener("input", () => {
      if (field.dataset.conflict) { keep(field); return; }
      say(field, keep(field), "unsaved");
      later(field, DELAY);
    });
  }
  const flush = () => { for (const field of fields) if (field.value !== saved.get(field)) later(field, 0); };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  addEventListener("online", flush);
  // The button sends the same texts: automatic saving steps aside; copies stay until this page is drawn again.
  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
})();
