// The list with a detail beside it, where the window is wide enough. A row opens there, Back and
// Escape close it; "follow the latest" shows each new event as it comes.
import { morph } from "./morph.js";
import { fetchPage } from "./page.js";

const WIDE = window.matchMedia("(min-width: 1100px)");
let shown = "";
let pane = null;

export function openBeside() {
  const table = document.querySelector("table#rows");
  if (document.body.dataset.page !== "events") return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#rows a.open");
    if (!link || !WIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.getAttribute("href"), true);
  });
  window.addEventListener("popstate", (event) => {
    if (event.state?.beside) open(event.state.beside, false);
    else close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown && !document.querySelector("dialog[open]")) history.back();
  });
  document.addEventListener("updated", () => {
    if (pane && !pane.isConnected) forget(); // the whole list is gone
    if (!shown) return;
    const latest = document.querySelector("#rows a.open")?.getAttribute("href");
    if (follows() && latest && latest !== shown) open(latest, false);
    else show(shown);
  });
  if (table && WIDE.matches && history.state?.beside) open(history.state.beside, false);
}

function follows() {
  return document.getElementById("follow")?.checked;
}

async function open(href, isNew) {
  const before = shown;
  shown = href;
  if (!pane) {
    pane = document.createElement("aside");
    pane.id = "detail";
    pane.tabIndex = -1;
    pane.setAttribute("aria-label", "The chosen event");
    const bar = document.createElement("p");
    bar.className = "pane-bar";
    const follow = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = "follow";
    follow.className = "check";
    follow.append(box, " Follow the latest");
    const whole = document.createElement("a");
    whole.textContent = "Open as a page";
    const shut = document.createElement("button");
    shut.type = "button";
    shut.textContent = "Close";
    shut.addEventListener("click", () => history.back());
    box.addEventListener("change", () => {
      const latest = document.querySelector("#rows a.open")?.getAttribute("href");
      if (box.checked && latest) open(latest, false);
    });
    bar.append(follow, whole, shut);
    const content = document.createElement("div");
    pane.append(bar, content);
    document.getElementById("main").append(pane);
    document.body.classList.add("split");
  }
  if (isNew) history[before ? "replaceState" : "pushState"]({ beside: href }, "");
  pane.querySelector("a").href = href;
  for (const row of document.querySelectorAll("#rows tr[aria-selected]")) row.removeAttribute("aria-selected");
  find(href)?.closest("tr").setAttribute("aria-selected", "true");
  await show(href);
}

async function show(href) {
  const fresh = await fetchPage(href).catch(() => null);
  const main = fresh?.getElementById("main");
  if (!main || href !== shown) return;
  const content = document.createElement("div");
  content.append(...document.importNode(main, true).childNodes);
  if (pane.dataset.href === href) morph(pane.lastElementChild, content);
  else pane.lastElementChild.replaceWith(content);
  pane.dataset.href = href;
}

function forget() {
  pane = null;
  shown = "";
  document.body.classList.remove("split");
}

function close() {
  const link = find(shown);
  pane?.remove();
  forget();
  link?.closest("tr").removeAttribute("aria-selected");
  link?.focus();
}

function find(href) {
  return [...document.querySelectorAll("#rows a.open")].find((one) => one.getAttribute("href") === href);
}
