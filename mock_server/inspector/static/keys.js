// The keyboard: j and k walk through rows, Enter is the link's own, Back returns to the row.
const OFF = "hakuna-mock-keys-off";

function remember(where, name, value) {
  try {
    if (value === null) where.removeItem(name);
    else where.setItem(name, value);
  } catch {
    // storage may be forbidden; then nothing is remembered
  }
}

function recall(where, name) {
  try {
    return where.getItem(name);
  } catch {
    return null;
  }
}

export function listenToKeys() {
  const help = document.getElementById("help");
  const button = document.getElementById("help-button");
  const on = document.getElementById("keys-on");
  if (!help) return;
  button.hidden = false;
  button.addEventListener("click", () => help.showModal());
  on.checked = recall(localStorage, OFF) === null;
  on.addEventListener("change", () => remember(localStorage, OFF, on.checked ? null : "1"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!on.checked || document.querySelector("dialog[open]") || isTyping(event.target)) return;
    const act = { j: () => step(1), k: () => step(-1), "/": filter, "?": ask, n: news }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("a.open");
    if (row) remember(sessionStorage, place(), row.getAttribute("href"));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) return; // the browser kept the page and its focus
    const kind = performance.getEntriesByType("navigation")[0]?.type;
    const wanted = kind === "back_forward" ? recall(sessionStorage, place()) : null;
    if (wanted) links().find((one) => one.getAttribute("href") === wanted)?.focus();
  });

  function ask() {
    help.showModal();
  }
}

function place() {
  return `hakuna-mock-row ${location.pathname}${location.search}`;
}

function links() {
  return [...document.querySelectorAll("main a.open")].filter((one) => one.offsetParent);
}

function step(by) {
  const all = links();
  if (!all.length) return;
  const row = document.activeElement?.closest?.("tr, li, section");
  let at = all.indexOf(document.activeElement);
  if (at < 0 && row) at = all.findIndex((one) => row.contains(one)) - (by > 0 ? 1 : 0);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function filter() {
  const field = document.getElementById("search");
  field?.focus();
  field?.select?.();
}

function news() {
  document.getElementById("news")?.click();
}

function isTyping(element) {
  return Boolean(element.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}
