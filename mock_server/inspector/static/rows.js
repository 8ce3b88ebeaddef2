// The list of events: new rows come in at the top, rows of before change or go where they stand.
import { inPlace, morph } from "./morph.js";
import { fetchPage } from "./page.js";

const MOST_ROWS = 1000;
const NEAR_TOP = 80;
let waiting = [];

const number = (row) => Number(row.dataset.seq);
const rowsOf = (page) => [...(page.querySelector("table#rows")?.tBodies[0]?.rows ?? [])];

// Take the rows of a fresh page; `anew` says that what it does not show is no longer there. The
// number of rows that are gone.
export async function takeRows(fresh, anew) {
  const table = document.getElementById("rows");
  const body = table.tBodies[0];
  let found = rowsOf(fresh);
  const newest = Math.max(0, ...[...body.rows, ...waiting].map(number));
  const oldest = Math.min(...found.map(number), Infinity);
  if (!anew && newest && oldest > newest && found.length && table.dataset.still === undefined) {
    // More came than a page holds: those in between are asked for.
    const address = new URL(location.href);
    address.searchParams.set("after", String(newest));
    found = rowsOf(await fetchPage(address.href));
  }
  const theirs = new Map(found.map((row) => [row.id, row]));
  const kept = Number(fresh.getElementById("rows").dataset.first);
  const isGone = (row) =>
    !theirs.has(row.id) && (anew || number(row) >= oldest || number(row) < kept);
  let gone = 0;
  inPlace(document.getElementById("main"), () => {
    for (const row of [...body.rows]) {
      if (isGone(row)) {
        row.remove();
        gone += 1;
      } else if (theirs.has(row.id)) {
        morph(row, theirs.get(row.id));
      }
    }
    for (const id of ["lane", "tally", "sum"]) {
      const part = document.getElementById(id);
      const now = fresh.getElementById(id);
      if (part && now) morph(part, now);
    }
  });
  const shown = new Set([...body.rows].map((row) => row.id));
  const still = waiting.filter((row) => !isGone(row) && !theirs.has(row.id));
  waiting = [...found.filter((row) => !shown.has(row.id)), ...still].sort((a, b) => number(b) - number(a));
  if (!waiting.length) withdraw();
  else if (anew || readingTop(table)) insert();
  else offer(`${waiting.length} new`);
  count();
  return gone;
}

// At the top and with nothing focused in the list, new rows may come in by themselves.
function readingTop(table) {
  const focused = document.activeElement;
  return window.scrollY < NEAR_TOP && !(focused && table.contains(focused));
}

export function insert() {
  const body = document.getElementById("rows").tBodies[0];
  for (const row of waiting) {
    const mine = document.importNode(row, true);
    mine.classList.add("fresh");
    body.insertBefore(mine, [...body.rows].find((one) => number(one) < number(mine)) ?? null);
  }
  waiting = [];
  while (body.rows.length > MOST_ROWS) body.lastElementChild.remove();
  if (body.rows.length) document.getElementById("nothing")?.remove();
  count();
  withdraw();
  document.dispatchEvent(new Event("updated"));
}

function count() {
  const tally = document.querySelector("#tally span");
  if (tally) tally.textContent = document.getElementById("rows").tBodies[0].rows.length;
}

function offer(text) {
  let news = document.querySelector(".news");
  if (!news) {
    news = document.createElement("div");
    news.className = "news";
    const button = document.createElement("button");
    button.type = "button";
    button.id = "news";
    news.append(button);
    document.getElementById("main").prepend(news);
    button.onclick = () => {
      insert();
      window.scrollTo({ top: 0 });
    };
  }
  news.firstElementChild.textContent = text;
}

function withdraw() {
  document.querySelector(".news")?.remove();
}
