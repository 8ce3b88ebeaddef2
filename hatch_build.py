"""Build hook: in a wheel the rooms are packages of `hakuna_mock`, and nobody's names are taken.

In the repository `contracts`, `mock_server` and `fuzz` are folders at the top. As top-level
packages of a distribution they would collide with a shop's own folders of those names, so the wheel
holds them as `hakuna_mock.contracts`, `hakuna_mock.mock_server` and `hakuna_mock.fuzz`: the hook
copies the sources and rewrites their import statements, which are the only places that name another
room. An editable install is left as it is. docs/explanation/packaging.md says why.

The metadata hook writes the project's addresses, and the README with links that work elsewhere,
where the repository is known: `GITHUB_REPOSITORY`, which a release workflow has, is OWNER/NAME.
"""

import ast
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

HOME = "hakuna_mock"
ROOMS = ("contracts", "mock_server", "fuzz")
COMMIT_FILE = "commit.txt"
_DOTTED = re.compile(rf"({'|'.join(ROOMS)})(\.[a-z_0-9]+)+")


class RewriteError(Exception):
    """A source file names another room in a way that cannot be rewritten."""


def rewritten(source: str, name: str) -> str:
    """The source of a module with its imports of rooms pointing below `hakuna_mock`."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_room(node.module):
            _qualify(lines, node.lineno, node.col_offset, str(node.module))
        elif isinstance(node, ast.Import):
            for each in node.names:
                if _is_room(each.name):
                    if each.asname is None:
                        raise RewriteError(
                            f"{name}:{node.lineno}: `import {each.name}` cannot be rewritten; "
                            f"write `import {each.name} as …` or `from {each.name} import …`"
                        )
                    _qualify(lines, each.lineno, each.col_offset, each.name)
        elif isinstance(node, ast.Constant) and _names_module(node.value):
            # A module that is named by a string is not rewritten: `__name__` is right everywhere.
            raise RewriteError(
                f"{name}:{node.lineno}: {node.value!r} names a module in a string; "
                "make it from __name__ or __package__"
            )
    return "".join(lines)


def _is_room(module: str | None) -> bool:
    return module is not None and module.split(".")[0] in ROOMS


def _names_module(value: object) -> bool:
    if not isinstance(value, str) or not _DOTTED.fullmatch(value):
        return False
    path = Path(__file__).parent.joinpath(*value.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _qualify(lines: list[str], number: int, column: int, module: str) -> None:
    """Put `hakuna_mock.` before the module's name, which follows the column (counted in bytes)."""
    line = lines[number - 1].encode()
    place = line.index(module.encode(), column)
    lines[number - 1] = (line[:place] + f"{HOME}.".encode() + line[place:]).decode()


def write_rooms(root: Path, to: Path) -> None:
    """The folder `hakuna_mock` as a wheel holds it, the rooms below it."""
    for room in (HOME, *ROOMS):
        source = root / room
        target = to if room == HOME else to / room
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    for path in to.rglob("*.py"):
        text = path.read_text("utf-8")
        path.write_text(rewritten(text, str(path.relative_to(to))), "utf-8", newline="\n")


def commit(root: Path) -> str:
    """The commit that is built: `HAKUNA_MOCK_COMMIT`, else what git says, else nothing."""
    given = os.environ.get("HAKUNA_MOCK_COMMIT", "")
    if given or not (root / ".git").exists():
        return given
    try:
        return subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - git of the path
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def addresses(repository: str) -> dict[str, str]:
    """The project's addresses by their labels on PyPI; none where the repository is not known."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", repository):
        return {}
    owner, _, name = repository.partition("/")
    source = f"https://github.com/{repository}"
    return {
        "Documentation": f"https://{owner.lower()}.github.io/{name}/",
        "Source": source,
        "Changelog": f"{source}/blob/main/CHANGELOG.md",
        "Issues": f"{source}/issues",
    }


def with_full_links(readme: str, source: str | None) -> str:
    """The README with its links to files as addresses; without a source the files' names stay."""
    if source is None:
        return readme

    def full(link: re.Match[str]) -> str:
        kind = "raw" if link[1] else "blob"
        return f"{link[1]}[{link[2]}]({source}/{kind}/main/{link[3]})"

    return re.sub(r"(!?)\[([^\]]+)\]\((?![a-z]+:|#)([^)\s]+)\)", full, readme)


class CustomMetadataHook(MetadataHookInterface):
    """Fills in what depends on where the repository is."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add `urls` and `readme`."""
        urls = addresses(os.environ.get("GITHUB_REPOSITORY", ""))
        readme = (Path(self.root) / "README.md").read_text("utf-8")
        metadata["urls"] = urls
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": with_full_links(readme, urls.get("Source")),
        }


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hands the rewritten tree to hatchling in place of the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before a wheel is built; an editable install keeps the sources where they are."""
        if version == "editable":
            return
        root = Path(self.root)
        self._folder = tempfile.TemporaryDirectory()
        tree = Path(self._folder.name) / HOME
        write_rooms(root, tree)
        (tree / COMMIT_FILE).write_text(commit(root), "utf-8")
        build_data["force_include"][str(tree)] = HOME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copy."""
        del build_data, artifact_path
        if version != "editable":
            self._folder.cleanup()
