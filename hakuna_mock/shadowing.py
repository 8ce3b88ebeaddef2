"""Whether another package takes the place of one of ours, where hakuna-mock runs from a checkout.

There `contracts`, `mock_server` and `fuzz` are packages at the top, and a project may have a folder
of that name first on its `sys.path`. A wheel holds them below `hakuna_mock`, where nobody does.

Nothing of ours is imported here, for it might be somebody else's.
"""

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("contracts", "mock_server", "fuzz")
ROOMS_OF_A_CLIENT = ("contracts", "fuzz")
"""What is needed to use a server that runs elsewhere."""

_HOME = Path(__file__).resolve().parents[1]
_FROM_WHEEL = Path(__file__).with_name(ROOMS[0]).is_dir()


def shadowed(names: Iterable[str]) -> dict[str, str]:
    """The names that belong to somebody else here, each with the place of that package."""
    found = {}
    for name in names:
        place = _place(name)
        if place is None or _HOME not in (place.parent, place.parent.parent):
            found[name] = str(place or "nowhere")
    return found


def _place(name: str) -> Path | None:
    """Where a package is imported from, or would be; its `__init__.py`, its file, or its folder."""
    try:
        module = sys.modules.get(name)
        spec = module.__spec__ if module is not None else find_spec(name)
    except (ImportError, AttributeError, ValueError):
        spec = None
    if spec is None:
        return None
    places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
    return Path(places[0]).resolve() if places and places[0] else None


def explanation(target: str | None) -> str | None:
    """Why hakuna-mock cannot work here and what to do, None where it can.

    `target` is the server of `--hakuna-target`: with it `mock_server` is not needed.
    """
    taken = {} if _FROM_WHEEL else shadowed(ROOMS_OF_A_CLIENT if target else ROOMS)
    if not taken:
        return None
    lines = ["hakuna-mock runs from a checkout here, and names of its packages are taken:"]
    lines += [f"  {name} is imported from {place}" for name, place in taken.items()]
    lines.append("Ways out:")
    lines.append(
        "  - install the wheel instead of the checkout: it needs none of these names\n"
        f"    (python -m pip install {_HOME})"
    )
    if set(taken) == {"mock_server"}:
        lines.append(
            "  - run the server elsewhere (hakuna-mock serve, or the container) and add\n"
            "    --hakuna-target http://127.0.0.1:4258: then mock_server is not needed here"
        )
    lines.append(
        "  - a folder of tests: delete its __init__.py, or give the folder above it one, too;\n"
        "    a package or module of your project: move it into another package"
    )
    lines.append(
        "  - keep hakuna-mock in an environment of its own, or in its container, point the shop at "
        "it,\n    and read the verdict over HTTP: "
        "curl -f http://127.0.0.1:4258/_mock/v1/verdict"
    )
    if set(taken) != {"mock_server"}:
        lines.append(
            "  (--hakuna-target alone does not help: a client needs contracts and fuzz as well)"
        )
    return "\n".join(lines)
