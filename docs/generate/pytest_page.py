"""The pytest plugin: fixtures, the world's members, flags, ini options, the marker."""

import ast
import inspect
import re
from typing import Any

from markdown import angle, code, page, paragraphs, table

import hakuna_mock
from hakuna_mock.pytest import plugin
from hakuna_mock.pytest.world import Hakuna

INSIDE = {"delete_failed"}
"""Members that the plugin itself uses."""


class Recorder:
    """Stands for pytest's parser and for one of its groups, and keeps what it is told."""

    def __init__(self) -> None:
        self.flags: list[tuple[str, dict[str, Any]]] = []
        self.ini: list[tuple[str, str, dict[str, Any]]] = []

    def getgroup(self, *_names: str) -> "Recorder":
        """The group of our flags."""
        return self

    def addoption(self, name: str, **how: Any) -> None:
        """One flag."""
        self.flags.append((name, how))

    def addini(self, name: str, text: str, **how: Any) -> None:
        """One ini option."""
        self.ini.append((name, text, how))


def text() -> str:
    """The page."""
    told = Recorder()
    plugin.pytest_addoption(told)  # type: ignore[arg-type]
    return page(
        "The pytest plugin",
        "[Testing a shop with pytest](../pytest.md) shows how it is used.",
        "## Fixtures",
        table(["fixture", "scope", "is"], _fixtures()),
        "## Members of `hakuna`",
        paragraphs(inspect.getdoc(Hakuna) or ""),
        *_members(),
        "## Flags",
        table(
            ["flag", "does"], ((code(_flag(*flag)), angle(flag[1]["help"])) for flag in told.flags)
        ),
        "## Ini options",
        table(
            ["option", "kind", "default", "does"],
            (
                (code(name), how.get("type", "string"), code(str(how["default"])), angle(message))
                for name, message, how in told.ini
            ),
        ),
        "## Marker",
        f"{code('@pytest.mark.' + plugin.MARKER.partition(':')[0])}:"
        f"{plugin.MARKER.partition(':')[2]}.",
        "## `hakuna_mock.running()`",
        angle(paragraphs(inspect.getdoc(hakuna_mock.running) or "")),
    )


def _fixtures() -> list[tuple[str, str, str]]:
    """Name, scope and docstring, read from the plugin's source."""
    found = []
    for item in ast.parse(inspect.getsource(plugin)).body:
        if not isinstance(item, ast.FunctionDef):
            continue
        for decorator in item.decorator_list:
            if not ast.unparse(decorator).startswith("pytest.fixture"):
                continue
            scopes = [
                ast.literal_eval(word.value)
                for word in getattr(decorator, "keywords", [])
                if word.arg == "scope"
            ]
            scope = scopes[0] if scopes else "test"
            found.append((code(item.name), scope, angle(paragraphs(ast.get_docstring(item) or ""))))
    return found


def _members() -> list[str]:
    """Properties in a table, methods with their signatures."""
    public = {
        name: member
        for name, member in vars(Hakuna).items()
        if not name.startswith("_") and name not in INSIDE
    }
    properties = [
        (code(name), angle(paragraphs(inspect.getdoc(member) or "")))
        for name, member in public.items()
        if isinstance(member, property)
    ]
    methods = [
        "\n\n".join(
            [
                f"### `{name}`",
                code(_signature(member)),
                angle(paragraphs(inspect.getdoc(member) or "")),
            ]
        )
        for name, member in public.items()
        if inspect.isfunction(member)
    ]
    return [table(["property", "is"], properties), *methods]


def _signature(method: Any) -> str:
    whole = inspect.signature(method)
    arguments = list(whole.parameters.values())[1:]
    written = f"{method.__name__}{whole.replace(parameters=arguments)}"
    return re.sub(
        r"\b(?:typing|collections\.abc|fuzz\.client\.http_client|contextlib)\.", "", written
    )


def _flag(name: str, how: dict[str, Any]) -> str:
    if "choices" in how:
        return f"{name} {'|'.join(how['choices'])}"
    if how.get("nargs") == "?":
        return f"{name}[={how['metavar']}]"
    return f"{name} {how['metavar']}" if "metavar" in how else name
