// Live updates. One tab a browser holds the stream and tells the others: browsers open only six
// connections to a host. A hidden tab listens to nothing and catches up when it is seen again.
// The stream is only a doorbell; what is new is fetched as a page, so its filters apply.
import { offerCopying } from "./copy.js";
import { fetchPage } from "./page.js";

const MOST_ROWS = 1000;
const PAUSE_MS = 150;
const NEAR_TOP = 80;

const sign = document.getElementById("live");
const rows = document.querySelector("#rows[data-last]");
const still = rows?.dataset.still !== undefined;
let last = Number(rows?.dataset.last ?? 0);
let seen = last;
let waiting = [];
let more = 0;
let changed = null;
let busy = false;
let again = false;

export function goLive() {
  const page = document.body.dataset.page;
  if (!sign || still || !["events", "orders", "findings", "rules", "coverage"].includes(page)) return;
  if (page === "events" && !rows && !document.querySelector("#L1, .facts")) return;
  listen();
}

function listen() {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("hakuna-mock") : null;
  let release = null;
  let source = null;

  const ring = (message) => {
    if (message.kind === "request") {
      const world = document.body.dataset.world;
      if (message.seq <= seen) return;
      seen = message.seq;
      if (world && message.world && message.world !== world) return;
      catchUp();
    } else if (message.kind === "hello") {
      if (source) tell({ kind: "request", seq: seen, world: "" });
    } else if (message.kind === "restart") {
      if (rows && readingTop()) location.reload();
      else offer("The server was restarted", () => location.reload());
    } else if (message.kind === "reset") {
      offer("Something was reset", () => location.reload());
    } else if (message.kind === "state") {
      show(message.on);
    }
  };
  const tell = (message) => {
    channel?.postMessage(message);
    ring(message);
  };
  const open = () => {
    source = new EventSource(`/_mock/v1/stream?after=${seen || ""}`.replace(/\?after=$/, ""));
    source.addEventListener("hello", (event) => {
      tell({ kind: "state", on: true });
      const { server } = JSON.parse(event.data);
      if (server !== document.body.dataset.server) tell({ kind: "restart" });
      else if (!rows) catchUp();
    });
    source.addEventListener("error", () => tell({ kind: "state", on: false }));
    source.addEventListener("request", (event) => {
      const { seq, world } = JSON.parse(event.data);
      tell({ kind: "request", seq, world });
    });
    source.addEventListener("reset", () => tell({ kind: "reset" }));
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
    if (rows) channel?.postMessage({ kind: "hello" });
    else catchUp();
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
    if (rows) await fetchRows();
    else await fetchWhole();
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

async function fetchRows() {
  if (rows.dataset.empty !== undefined) {
    const fresh = await fetchPage(location.href);
    if (fresh.querySelector("table#rows")) location.reload();
    else takeFrame(fresh);
    return;
  }
  const address = new URL(location.href);
  address.searchParams.set("after", String(last));
  const fresh = await fetchPage(address.href);
  takeFrame(fresh);
  const newest = Number(fresh.querySelector("#rows")?.dataset.last ?? last);
  last = Math.max(last, newest);
  seen = Math.max(seen, last);
  const lane = fresh.getElementById("lane");
  if (lane && !lane.classList.contains("none")) await refreshLane();
  const found = [...fresh.querySelectorAll("#rows tbody tr")].map((row) =>
    document.adoptNode(row),
  );
  if (!found.length) return;
  await refreshOrdersOf(found);
  more += Number(fresh.querySelector("#tally span:last-child")?.textContent ?? 0);
  waiting = [...found, ...waiting];
  if (readingTop()) insert();
  else offer(`${waiting.length} new`, insert);
}

async function refreshLane() {
  const whole = await fetchPage(location.href);
  const lane = whole.getElementById("lane");
  if (lane) document.getElementById("lane").replaceWith(document.adoptNode(lane));
}

// What arrives may settle what an earlier event of its order, or an earlier attempt, left open.
async function refreshOrdersOf(found) {
  const named = (row) => row.cells[2].textContent.trim();
  const orders = new Set(found.map(named));
  if (![...rows.tBodies[0].rows, ...waiting].some((row) => orders.has(named(row)))) return;
  const whole = await fetchPage(location.href);
  for (const now of whole.querySelectorAll("#rows tbody tr")) {
    const mine = document.getElementById(now.id) ?? waiting.find((row) => row.id === now.id);
    if (!mine || mine.querySelector(".rules").textContent === now.querySelector(".rules").textContent) continue;
    mine.className = now.className;
    mine.querySelector(".rules").replaceWith(document.adoptNode(now.querySelector(".rules")));
  }
}

// At the top and with nothing focused in the list, new rows may come in by themselves.
function readingTop() {
  const focused = document.activeElement;
  return window.scrollY < NEAR_TOP && !(focused && rows?.contains(focused));
}

function insert() {
  const body = rows.tBodies[0];
  for (const row of waiting) row.classList.add("fresh");
  body.prepend(...waiting);
  waiting = [];
  while (body.rows.length > MOST_ROWS) body.lastElementChild.remove();
  document.getElementById("nothing")?.remove();
  const tally = document.getElementById("tally");
  if (tally) {
    tally.children[0].textContent = body.rows.length;
    tally.children[1].textContent = Number(tally.children[1].textContent) + more;
    more = 0;
  }
  withdraw();
}

async function fetchWhole() {
  const fresh = await fetchPage(location.href);
  takeFrame(fresh);
  const main = fresh.getElementById("main");
  const mine = document.getElementById("main");
  if (!main || main.innerText === undefined || said(main) === said(mine)) return;
  changed = main;
  offer("Updated", () => {
    const open = [...document.querySelectorAll("details")].map((one) => one.open);
    const now = document.adoptNode(changed);
    document.getElementById("main").replaceChildren(...now.childNodes);
    [...document.querySelectorAll("main details")].forEach((one, place) => {
      if (open[place]) one.open = true;
    });
    offerCopying(document.getElementById("main"));
    withdraw();
  });
}

function said(main) {
  const copy = main.cloneNode(true);
  copy.querySelector(".news")?.remove();
  return copy.textContent.replace(/\s+/g, " ");
}

// The counts above and the icon's badge.
function takeFrame(fresh) {
  const counts = fresh.getElementById("counts");
  if (counts) document.getElementById("counts").replaceWith(document.adoptNode(counts));
  const icon = fresh.querySelector("link[rel=icon]")?.getAttribute("href");
  const mine = document.querySelector("link[rel=icon]");
  if (icon && mine.getAttribute("href") !== icon) mine.setAttribute("href", icon);
}

function offer(text, act) {
  let news = document.querySelector(".news");
  if (!news) {
    news = document.createElement("div");
    news.className = "news";
    const button = document.createElement("button");
    button.type = "button";
    button.id = "news";
    news.append(button);
    document.getElementById("main").prepend(news);
  }
  const button = news.firstElementChild;
  button.textContent = text;
  button.onclick = () => {
    act();
    window.scrollTo({ top: 0 });
  };
}

function withdraw() {
  document.querySelector(".news")?.remove();
}
