// Copying as text for other tools. Where a page has no clipboard (plain http off localhost) the text
// is shown selected instead.
export function offerCopying(root) {
  for (const link of root.querySelectorAll("a.copy-as")) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        const reply = await fetch(link.href);
        await copy(await reply.text(), link);
      } catch {
        location.assign(link.href);
      }
    });
  }
  for (const button of root.querySelectorAll("button[data-copy-text]")) {
    button.hidden = false;
    button.addEventListener("click", () =>
      copy(button.parentElement.querySelector("pre").textContent, button),
    );
  }
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
