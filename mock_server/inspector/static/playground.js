// The playground: its dry run follows what is typed, mistakes are made in what was typed, and sending
// is always the button's. What was typed stays, whatever the server says or does not say.
import { morph } from "./morph.js";
import { fetchPage } from "./page.js";

const PAUSE_MS = 300;
const NO_ANSWER = "The server does not answer, so there is no verdict. What you typed is still here.";
const NOT_KNOWN =
  "The server does not answer. Whether the event was stored is not known: send it again under the same idempotency key, and it counts once.";

export function followTyping() {
  const form = document.getElementById("draft");
  if (!form) return;
  const text = (name) => form.elements[name];
  const undo = document.getElementById("undo");
  const before = [];
  let timer = 0;
  let number = 0;
  let sending = false;
  let clicks = 1;

  async function ask() {
    const mine = ++number;
    const asked = new URLSearchParams(new FormData(form));
    asked.set("do", "check");
    const fresh = await fetchPage(form.action, asked).catch(() => null);
    if (mine === number) show(fresh, NO_ANSWER);
  }
  function show(fresh, silence) {
    place(fresh ? (fresh.getElementById("verdict") ?? refusal(fresh)) : said(silence));
    const mistakes = fresh?.getElementById("mistakes");
    if (!mistakes) return;
    for (const button of mistakes.querySelectorAll("button[value]")) {
      const mine = form.querySelector(`#mistakes button[value="${button.value}"]`);
      mine.disabled = button.disabled;
      mine.replaceChildren(...document.importNode(button, true).childNodes);
    }
  }
  function remember() {
    before.push([text("headers").value, text("body").value]);
    undo.hidden = false;
  }
  function take(fresh) {
    const draft = fresh?.getElementById("draft");
    if (!draft) return;
    remember();
    for (const name of ["headers", "body", "type", "order_id"]) text(name).value = draft.elements[name].value;
  }
  async function send(asked) {
    if (sending || clicks > 1) {
      note("It was sent once: the second click of a double click sends nothing.");
      return;
    }
    sending = true;
    const mine = ++number;
    const fresh = await fetchPage(form.action, asked).catch(() => null);
    sending = false;
    if (fresh) placeFaults(fresh);
    if (mine === number) show(fresh, NOT_KNOWN);
    if (form.dataset.twice) note(form.dataset.twice);
    delete form.dataset.twice;
  }
  function note(words) {
    if (sending) {
      form.dataset.twice = words;
      return;
    }
    const line = document.createElement("p");
    line.className = "note once";
    line.textContent = words;
    document.querySelector("#verdict .once")?.remove();
    document.getElementById("verdict").append(line);
  }

  form.addEventListener("click", (event) => {
    clicks = event.detail; // 2 for the second one of a double click, 0 from the keyboard
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const asked = new URLSearchParams(new FormData(form, event.submitter));
    if (asked.get("do") === "send") {
      await send(asked);
      return;
    }
    const mine = ++number;
    const fresh = await fetchPage(form.action, asked).catch(() => null);
    const changes = asked.has("mistake") || asked.get("do") === "new-key";
    if (fresh) placeFaults(fresh);
    if (changes && mine === number) take(fresh);
    if (mine === number && (changes || asked.get("do") === "check" || !fresh?.getElementById("verdict"))) {
      show(fresh, NO_ANSWER);
    } else {
      ask(); // what is armed changes what would be said
    }
  });
  undo.addEventListener("click", () => {
    const [headers, body] = before.pop();
    text("headers").value = headers;
    text("body").value = body;
    undo.hidden = !before.length;
    ask();
  });
  const sample = document.querySelector("form.sample");
  sample.addEventListener("submit", async (event) => {
    event.preventDefault();
    const address = new URL(sample.action);
    address.search = new URLSearchParams(new FormData(sample)).toString();
    const fresh = await fetchPage(address.href).catch(() => null);
    take(fresh);
    if (fresh) history.replaceState(null, "", address.href);
    ask();
  });
  if (!document.querySelector("#verdict .facts")) ask();
}

function placeFaults(fresh) {
  const faults = fresh.getElementById("faults");
  if (!faults) return;
  const mine = document.getElementById("faults");
  faults.open = mine.open;
  mine.replaceWith(document.adoptNode(faults));
  for (const id of ["counts", "conditions"]) {
    morph(document.getElementById(id), fresh.getElementById(id));
  }
}

function place(verdict) {
  document.getElementById("verdict").replaceChildren(...document.adoptNode(verdict).childNodes);
}

function refusal(fresh) {
  return said(fresh.querySelector(".lead")?.textContent ?? "");
}

function said(words) {
  const section = document.createElement("section");
  const title = document.createElement("h2");
  title.id = "verdict-title";
  title.textContent = "That did not work";
  const why = document.createElement("p");
  why.textContent = words;
  section.append(title, why);
  return section;
}
