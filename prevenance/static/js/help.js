// Public help pages: leaving at once, and the nearest commune found here, in the browser. Both work without: a plain
// link, and a commune that one types.
"use strict";

(() => {
  const TWICE = 1000; // ms between two presses of Escape
  const FAR = 40; // km from the nearest town hall beyond which one is not in France

  // The page is emptied before the other one comes: on a slow network it would stay in sight.
  const link = document.querySelector("[data-leave]");
  function leave() {
    for (const form of document.forms) form.reset();
    document.title = new URL(link.href).hostname;
    document.body.replaceChildren();
    location.replace(link.href);
  }
  if (link) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
    let before = -Infinity;
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      if (event.timeStamp - before < TWICE) leave();
      before = event.timeStamp;
    });
    for (const keys of document.querySelectorAll(".pv-exit__keys")) keys.hidden = false;
  }

  // The position is read, compared with every town hall of France, and forgotten.
  const button = document.querySelector("[data-near]");
  if (!button || !navigator.geolocation) return;
  const box = button.closest(".pv-near");
  const said = box.querySelector("[data-near-said]");
  box.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = button.dataset.searching;
    navigator.geolocation.getCurrentPosition(
      (position) => nearest(position.coords.longitude, position.coords.latitude),
      () => { said.textContent = button.dataset.refused; },
      { maximumAge: 0, timeout: 15000 },
    );
  });

  async function nearest(x, y) {
    let communes;
    try {
      const answer = await fetch(button.dataset.near, { credentials: "omit" });
      if (!answer.ok) throw new Error(answer.status);
      communes = await answer.json();
    } catch {
      said.textContent = button.dataset.refused;
      return;
    }
    const { codes, names, points } = communes;
    const narrow = Math.cos((y * Math.PI) / 180);
    let best = -1, least = Infinity;
    for (let rank = 0; rank < codes.length; rank++) {
      const east = (points[2 * rank] / 1000 - x) * narrow, north = points[2 * rank + 1] / 1000 - y;
      const square = east * east + north * north;
      if (square < least) { least = square; best = rank; }
    }
    if (Math.sqrt(least) * 111.2 > FAR) {
      said.textContent = button.dataset.far;
      return;
    }
    const field = document.getElementById(button.dataset.field);
    field.value = `${names[best]} (commune ${codes[best]})`;
    said.textContent = button.dataset.found.replace("NOM", names[best]);
    field.focus();
  }
})();
