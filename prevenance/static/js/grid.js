// A grid typed with the keyboard: Enter and the arrows move from row to row. Without this file Tab does, and Enter sends.
"use strict";

for (const form of document.querySelectorAll("form[data-grid]")) {
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !field.matches("input[data-column]") || event.ctrlKey || event.altKey || event.metaKey) return;
    if (field.type === "checkbox" && event.key !== "Enter") return;
    const column = [...form.querySelectorAll(`input[data-column="${field.dataset.column}"]`)];
    const next = column[column.indexOf(field) + step];
    if (next) {
      event.preventDefault();
      next.focus();
      if (next.type !== "checkbox") next.select();
    } else if (event.key === "Enter") {
      // Past the last row, the button that saves: Enter again sends.
      event.preventDefault();
      form.querySelector("button[type=submit]").focus();
    }
  });
}
