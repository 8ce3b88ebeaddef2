"""Near misses of a text: what a careless comparison takes for the text itself."""

from collections.abc import Iterator


def near_misses(text: str, kept: str = "") -> tuple[str, ...]:
    """Texts that differ in letter case, or by one character more or less at an end.

    `kept` stays as it is where the text holds it: names of a conversation carry its tag.
    """
    found = dict.fromkeys(form for form in _forms(text, kept) if form and kept in form)
    found.pop(text, None)
    return tuple(found) if kept in text else ()


def _forms(text: str, kept: str) -> Iterator[str]:
    yield text[:-1]
    yield text + text[-1:]
    yield _swapped(text, kept)
    yield text[:1].swapcase() + text[1:]
    yield text[:-1] + text[-1:].swapcase()
    yield text + "s"
    yield text + "0"
    yield text[1:]
    yield text[:1] + text
    for place, item in enumerate(text):
        if not item.isalnum():  # at the borders of words a prefix ends
            yield text[:place]
            yield text[: place + 1]
            yield text[:place] + text[place + 1 :]
            yield text[: place + 1].swapcase() + text[place + 1 :]
            yield text[: place + 1] + text[place + 1 :].swapcase()


def _swapped(text: str, kept: str) -> str:
    """All letters in the other case, but for what is kept."""
    return kept.join(map(str.swapcase, text.split(kept))) if kept else text.swapcase()
