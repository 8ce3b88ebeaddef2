// Copying as text for other tools. Where a page has no clipboard (plain http off localhost) the text
// is shown selected instead. One listener serves all links, also those that come later.
export function offerCopying() {
  document.addEventListener("click", async (event) => {
    const asked = event.target.closest?.("a.copy-as, button[data-copy-text]");
    if (!asked || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (asked.matches("button")) {
      const place = asked.dataset.copyText ? document.getElementById(asked.dataset.copyText) : null;
      const text = place ?? asked.parentElement.querySelector("pre");
      await copy(text.value ?? text.textContent, asked);
      return;
    }
    try {
      const reply = await fetch(asked.href);
      await copy(await reply.text(), asked);
    } catch {
      location.assign(asked.href);
    }
  });
}

async function copy(text, asked) {
  try {
    await navigator.clipboard.writeText(text);
    say(asked, "Copied");
  } catch {
    showSelected(text);
  }
}

function say(asked, text) {
  const before = asked.dataset.form ?? asked.textContent;
  asked.dataset.form = before;
  asked.textContent = text;
  asked.setAttribute("aria-live", "polite");
  setTimeout(() => {
    asked.textContent = before;
  }, 1500);
}

function showSelected(text) {
  const box = document.getElementById("copy-box");
  const field = document.getElementById("copy-text");
  field.value = text;
  box.showModal();
  field.focus();
  field.select();
  const done = document.execCommand("copy");
  document.getElementById("copy-said").textContent = done
    ? "Copied. The text is selected as well."
    : "This browser gives pages no clipboard here; the text is selected, press Ctrl+C.";
}
