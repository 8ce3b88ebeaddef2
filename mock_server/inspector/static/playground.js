// The playground's dry run follows what is typed; sending is always the button's.
import { fetchPage } from "./page.js";

const PAUSE_MS = 300;

export function followTyping() {
  const form = document.getElementById("draft");
  if (!form) return;
  let timer = 0;
  let number = 0;

  async function ask() {
    const mine = ++number;
    const asked = new URLSearchParams(new FormData(form));
    asked.set("do", "check");
    try {
      const fresh = await fetchPage(form.action, asked);
      const verdict = fresh.getElementById("verdict");
      if (mine === number) place(verdict ?? refusal(fresh));
    } catch {
      // the server went away; the last verdict stays
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const mine = ++number;
    const asked = new URLSearchParams(new FormData(form, event.submitter));
    const judges = ["check", "send"].includes(asked.get("do"));
    const fresh = await fetchPage(form.action, asked);
    const verdict = fresh.getElementById("verdict");
    placeFaults(fresh);
    if (mine === number && (judges || !verdict)) place(verdict ?? refusal(fresh));
    else ask(); // what is armed changes what would be said
  });
  for (const box of document.querySelectorAll(".sample input[type=checkbox]")) {
    box.addEventListener("change", () => box.form.requestSubmit());
  }
  if (!document.querySelector("#verdict .facts")) ask();
}

function placeFaults(fresh) {
  const faults = fresh.getElementById("faults");
  if (!faults) return;
  const mine = document.getElementById("faults");
  faults.open = mine.open;
  mine.replaceWith(document.adoptNode(faults));
  const counts = fresh.getElementById("counts");
  if (counts) document.getElementById("counts").replaceWith(document.adoptNode(counts));
}

function place(verdict) {
  document.getElementById("verdict").replaceChildren(...document.adoptNode(verdict).childNodes);
}

function refusal(fresh) {
  const section = document.createElement("section");
  const title = document.createElement("h2");
  title.id = "verdict-title";
  title.textContent = "That did not work";
  const why = document.createElement("p");
  why.textContent = fresh.querySelector(".lead")?.textContent ?? "";
  section.append(title, why);
  return section;
}
