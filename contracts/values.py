"""`dataclass` and `cached_property` as this room uses them.

`dataclass` is frozen for the type checker and plain at run time.

A frozen dataclass sets each field through `object.__setattr__`, which costs more than the rest of
its construction, and a request makes dozens of them. The type checker sees the real `dataclass` and
refuses to change a frozen one; at run time the same class is an ordinary one that can be hashed.
Measured: 25 to 30 us of a request.

`cached_property` is the standard one without its lock, which Python 3.12 dropped, too.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - the standard name
        """As `functools.cached_property`: computed once, then an ordinary attribute."""

        def __init__(self, compute: Any) -> None:
            self._compute = compute
            self.__doc__ = compute.__doc__

        def __set_name__(self, _owner: Any, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, _owner: Any = None) -> Any:
            if instance is None:
                return self
            value = self._compute(instance)
            instance.__dict__[self._name] = value
            return value

    def dataclass(cls: Any = None, /, *, frozen: bool = False, **options: Any) -> Any:
        """As `dataclasses.dataclass`, but what is frozen is only hashable."""
        if frozen:
            options["unsafe_hash"] = options.get("eq", True)
        made = dataclasses.dataclass(**options)
        return made if cls is None else made(cls)


__all__ = ["cached_property", "dataclass"]
