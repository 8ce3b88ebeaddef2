// Making one part of a page like another, in place: what did not change is not touched, so that
// focus, selection and open details stay. Forms are the reader's own and stay as they are.
const OWN = "form:not([data-live]), [data-keep]";

export function morph(mine, theirs) {
  if (mine.nodeType !== Node.ELEMENT_NODE) {
    if (mine.nodeValue !== theirs.nodeValue) mine.nodeValue = theirs.nodeValue;
    return;
  }
  if (mine.matches(OWN) || mine.isEqualNode(theirs)) return;
  attributes(mine, theirs);
  const named = new Map();
  for (const child of mine.children) if (child.id) named.set(child.id, child);
  let at = mine.firstChild;
  for (const child of [...theirs.childNodes]) {
    const match = child.id ? named.get(child.id) : alike(at, child) ? at : null;
    if (!match) {
      mine.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else mine.insertBefore(match, at);
    if (match.nodeName === child.nodeName) morph(match, child);
    else match.replaceWith(document.importNode(child, true));
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function alike(mine, theirs) {
  return mine && mine.nodeType === theirs.nodeType && mine.nodeName === theirs.nodeName && !mine.id;
}

function attributes(mine, theirs) {
  for (const { name } of [...mine.attributes]) {
    if (!theirs.hasAttribute(name) && !kept(mine, name)) mine.removeAttribute(name);
  }
  for (const { name, value } of theirs.attributes) {
    if (!kept(mine, name) && mine.getAttribute(name) !== value) mine.setAttribute(name, value);
  }
}

// What the reader opened stays open.
function kept(element, name) {
  return name === "open" && element.nodeName === "DETAILS";
}

// Change a part of the page while what is being read stays where it is on the screen.
export function inPlace(part, change) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const read = focused ?? (window.scrollY > 80 ? beingRead(part) : null);
  const before = read?.getBoundingClientRect().top;
  change();
  if (read?.isConnected) {
    const moved = read.getBoundingClientRect().top - before;
    if (moved) window.scrollBy({ top: moved, behavior: "instant" });
  }
}

function beingRead(part) {
  for (const y of [120, 200, 300, 400]) {
    const found = document.elementFromPoint(window.innerWidth / 2, y);
    if (found && found !== part && part.contains(found)) return found.closest("[id], tr, li, p") ?? found;
  }
  return null;
}
