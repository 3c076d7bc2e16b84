// Suggestions of territories as one types: the keyboard, and what choosing does (pattern « combobox », WAI-ARIA).
// htmx fetches the list; without script the form leads to a page of results, and a field takes plain text.
"use strict";

(() => {
  const inputOf = (element) => element.closest?.(".pv-suggest")?.querySelector("[role=combobox]");
  const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
  const optionsOf = (input) => [...listOf(input).querySelectorAll("[role=option]:not([aria-disabled])")];
  const isOpen = (input) => input.getAttribute("aria-expanded") === "true";

  function show(input, open) {
    input.setAttribute("aria-expanded", String(open));
    listOf(input).hidden = !open;
    if (!open) activate(input, null);
  }

  function activate(input, option) {
    for (const other of optionsOf(input)) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function choose(input, option) {
    if (input.closest("[data-suggest]").dataset.suggest === "go") {
      location.assign(option.dataset.url);
      return;
    }
    input.value = option.dataset.choice;
    show(input, false);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function move(input, step) {
    const options = optionsOf(input);
    if (!options.length) return;
    const place = options.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
    const first = step > 0 ? 0 : options.length - 1;
    activate(input, options[place < 0 ? first : (place + step + options.length) % options.length]);
  }

  // The parameter is always `q`, whatever the field is called; an empty field asks nothing.
  document.addEventListener("htmx:configRequest", (event) => {
    const input = event.detail.elt;
    if (!input.matches(".pv-suggest [role=combobox]")) return;
    const typed = input.value.trim();
    for (const name of Object.keys(event.detail.parameters)) delete event.detail.parameters[name];
    event.detail.parameters.q = typed;
    if (!typed) {
      show(input, false);
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const input = event.detail.requestConfig?.elt;
    if (!input?.matches?.(".pv-suggest [role=combobox]")) return;
    // An answer that comes after the person has left, or emptied the field, stays hidden.
    show(input, document.activeElement === input && input.value.trim() !== "");
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches?.(".pv-suggest [role=combobox]") || !listOf(input)) return;
    const active = isOpen(input) && document.getElementById(input.getAttribute("aria-activedescendant"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen(input) && optionsOf(input).length) show(input, true);
      if (isOpen(input)) move(input, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      choose(input, active);
    } else if (event.key === "Escape" && isOpen(input)) {
      event.preventDefault();
      event.stopPropagation();
      show(input, false);
    }
  }, true);

  // On press and not on click: the field must not lose its focus first.
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".pv-suggest [role=option]");
    if (!option) return;
    event.preventDefault();
    if (option.getAttribute("aria-disabled") !== "true" && event.button === 0) choose(inputOf(option), option);
  });

  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (input.matches?.(".pv-suggest [role=combobox]") && listOf(input)) show(input, false);
  });
})();
