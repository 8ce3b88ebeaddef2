// What pages do beyond HTML. Everything here is extra: without it all pages can be read and used.
import { offerCopying } from "./copy.js";
import { openBeside } from "./detail.js";
import { listenToKeys } from "./keys.js";
import { goLive } from "./live.js";
import { followTyping } from "./playground.js";

document.documentElement.classList.add("js");
document.querySelector("#notice button")?.addEventListener("click", (event) => {
  event.target.parentElement.hidden = true;
});
const picker = document.querySelector(".picker");
if (picker) {
  picker.querySelector("button").hidden = true;
  picker.querySelector("select").addEventListener("change", () => picker.requestSubmit());
}
for (const form of document.querySelectorAll(".filters")) {
  for (const select of form.querySelectorAll("select")) {
    select.addEventListener("change", () => form.requestSubmit());
  }
}
// Where the navigation is wider than the window, the current page's name is in sight.
const here = document.querySelector(".bar nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 40;
offerCopying();
listenToKeys();
openBeside();
followTyping();
goLive();
