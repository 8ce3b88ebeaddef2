"""Values inside a document, as sources of their own: nothing around them is ever shown."""

from contracts.json_text.positions import excerpt, locate
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Source


def part_of(source: Source, pointer: str) -> Source:
    """The value at a pointer, with its place in the file; indented as it is there."""
    text = excerpt(source.text, pointer)
    line, column = place_of(source, pointer.removeprefix(source.pointer))
    if "\n" in text and not source.embedded:
        text, column = " " * (locate(source.text, pointer).column - 1) + text, 1
    return Source(
        source.name,
        text,
        first_line=line,
        first_column=column,
        embedded=source.embedded,
        is_file=source.is_file,
    )
