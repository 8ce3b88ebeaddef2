// Live updates. One tab a browser holds the stream and tells the others: browsers open only six
// connections to a host. A hidden tab listens to nothing and catches up when it is seen again.
// The stream is only a doorbell; what is new is fetched as a page, so its filters apply, and the page
// says whose it is: after a restart or a reset nothing of before is left.
import { inPlace, morph } from "./morph.js";
import { fetchPage } from "./page.js";
import { takeRows } from "./rows.js";

const PAUSE_MS = 150;
const mine = document.body.dataset;
const sign = document.getElementById("live");
let busy = false;
let again = false;
let evicted = 0;

export function goLive() {
  if (!sign) return;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("hakuna-mock") : null;
  let release = null;
  let source = null;
  let server = mine.server;

  const ring = (message) => {
    if (message.kind === "state") {
      show(message.on);
    } else if (message.kind === "who is there") {
      if (source) tell({ kind: "bell", server: mine.server, seq: Number(mine.seen), world: "" });
    } else if (message.server !== mine.server || !message.seq) {
      catchUp();
    } else if (message.seq > Number(mine.seen)) {
      mine.seen = message.seq;
      if (!mine.world || !message.world || message.world === mine.world) catchUp();
    }
  };
  const tell = (message) => {
    channel?.postMessage(message);
    ring(message);
  };
  const open = () => {
    let greeted = false;
    source = new EventSource(`/_mock/v1/stream?after=${mine.seen}`);
    source.addEventListener("hello", (event) => {
      const before = server;
      ({ server } = JSON.parse(event.data));
      tell({ kind: "state", on: true });
      // Numbers of another server mean nothing to this one: its stream is opened anew.
      if (server !== before) {
        source.close();
        mine.seen = 0;
        tell({ kind: "bell", server });
        open();
      } else if (greeted) {
        tell({ kind: "bell", server });
      }
      greeted = true;
    });
    source.addEventListener("error", () => tell({ kind: "state", on: false }));
    source.addEventListener("request", (event) => {
      const { seq, world } = JSON.parse(event.data);
      tell({ kind: "bell", server, seq, world });
    });
    for (const name of ["reset", "change"]) {
      source.addEventListener(name, () => tell({ kind: "bell", server }));
    }
  };
  const close = () => {
    source?.close();
    source = null;
    release?.();
    release = null;
  };
  const start = () => {
    show(true);
    if (!navigator.locks) {
      open();
      return;
    }
    const stop = new AbortController();
    const held = new Promise((resolve) => {
      release = () => {
        stop.abort();
        resolve();
      };
    });
    navigator.locks
      .request("hakuna-mock-stream", { signal: stop.signal }, () => {
        open();
        return held;
      })
      .catch(() => {});
    // What came while this page was on its way: the tab with the stream says how far it is.
    channel?.postMessage({ kind: "who is there" });
  };

  if (channel) {
    channel.onmessage = (event) => {
      if (document.visibilityState === "visible") ring(event.data);
    };
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      close();
    } else {
      start();
      catchUp();
    }
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      start();
      catchUp();
    }
  });
  if (document.visibilityState === "visible") start();
}

function show(on) {
  sign.hidden = false;
  sign.textContent = on ? "live" : "reconnecting";
  sign.classList.toggle("on", on);
  sign.classList.toggle("off", !on);
}

// Fetch what is new; one fetch at a time, with a pause that grows with how long the server took.
async function catchUp() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  const began = performance.now();
  try {
    await take(await fetchPage(location.href));
  } catch {
    again = false;
  }
  setTimeout(
    () => {
      busy = false;
      if (again) {
        again = false;
        catchUp();
      }
    },
    Math.max(PAUSE_MS, 3 * (performance.now() - began)),
  );
}

async function take(fresh) {
  const theirs = fresh.body.dataset;
  const restarted = theirs.server && theirs.server !== mine.server;
  const cleared = !restarted && theirs.resets && theirs.resets !== mine.resets;
  if (theirs.server) {
    if (restarted) mine.seen = theirs.seen;
    mine.server = theirs.server;
    mine.resets = theirs.resets;
    mine.seen = Math.max(Number(mine.seen), Number(theirs.seen));
    takeFrame(fresh);
  }
  if (mine.frameOnly !== undefined) return;
  const main = document.getElementById("main");
  const now = fresh.getElementById("main");
  let gone = 0;
  if (document.querySelector("table#rows") && fresh.querySelector("table#rows")) {
    gone = await takeRows(fresh, restarted || cleared);
  } else {
    inPlace(main, () => morph(main, now));
  }
  document.dispatchEvent(new Event("updated"));
  const rows = gone === 1 ? "1 row is" : `${gone} rows are`;
  const vanished = gone ? `: ${rows} gone` : "";
  if (restarted) notice(`The server was restarted${vanished}. This is what it holds now.`);
  else if (cleared) notice(`A world was reset or deleted${vanished}.`);
  else if (!theirs.server) notice("This is gone: its world was reset or deleted, or it was evicted.");
  else if (gone) {
    evicted += gone;
    const all = evicted === 1 ? "1 row is" : `${evicted} rows are`;
    notice(`${all} gone: the oldest requests make room for new ones.`);
  }
}

// What is above every page: counts, what is not as usual, worlds, the icon's badge.
function takeFrame(fresh) {
  for (const id of ["counts", "conditions", "world"]) {
    const part = document.getElementById(id);
    const now = fresh.getElementById(id);
    if (part && now && document.activeElement !== part) {
      const chosen = part.value;
      morph(part, now);
      if (chosen !== undefined) part.value = chosen;
    }
  }
  const icon = fresh.querySelector("link[rel=icon]")?.getAttribute("href");
  const badge = document.querySelector("link[rel=icon]");
  if (icon && badge.getAttribute("href") !== icon) badge.setAttribute("href", icon);
}

export function notice(text) {
  const box = document.getElementById("notice");
  if (!box) return;
  box.firstElementChild.textContent = text;
  box.hidden = false;
}
