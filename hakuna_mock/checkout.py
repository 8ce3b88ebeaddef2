"""One set of names: `hakuna_mock.contracts`, as a wheel has it, is importable in a checkout, too.

There the rooms are the packages `contracts`, `mock_server` and `fuzz` at the top. A finder answers
for `hakuna_mock.fuzz.strategies` with the module `fuzz.strategies`, so there is never a second copy
of a class. It is the first on `sys.meta_path`: the usual one would look into the folder of `fuzz`
and make that copy.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from importlib.abc import Loader

_PREFIX = f"{__name__.partition('.')[0]}."
_ROOMS = ("contracts", "mock_server", "fuzz")


class _Rooms:
    """A finder and a loader; no `importlib.abc.Loader`, for the import of that is slow."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        name = fullname.removeprefix(_PREFIX)
        if name == fullname or name.partition(".")[0] not in _ROOMS or find_spec(name) is None:
            return None
        return ModuleSpec(fullname, cast("Loader", self), is_package=True)

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual one."""

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes from sys.modules what an import has put there.
        sys.modules[module.__name__] = import_module(module.__name__.removeprefix(_PREFIX))


def alias_rooms() -> None:
    """Make `hakuna_mock.contracts` and the others importable; nothing to do in a wheel."""
    if not Path(__file__).with_name(_ROOMS[0]).is_dir():
        sys.meta_path.insert(0, _Rooms())
