"""`dataclass`, `replace` and `cached_property` as all rooms use them.

A frozen `dataclass` is one for the type checker, and at run time a `msgspec.Struct` with the same
fields and methods: really frozen, and made in C. A request makes dozens of them, and the standard
library compiles the methods of each class at every start. Measured: a tenth to a sixth of judging a
request, and 25 ms of a start. tests/contracts/test_values.py holds both kinds to each other. One
that is not frozen is the standard one.

`cached_property` is the standard one without its lock, which Python 3.12 dropped, too. It needs a
`dataclass` without `slots`.
"""

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
    from functools import cached_property
else:
    import msgspec
    from msgspec.structs import replace

    _LEFT = {
        *("__dict__", "__weakref__", "__slots__"),
        *("__annotate_func__", "__annotations_cache__"),  # from Python 3.14 on
    }
    """What belongs to a class itself, and not to what is made of it."""

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

    def dataclass(
        cls: Any = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> Any:
        """As `dataclasses.dataclass`."""

        def made(cls: Any) -> Any:
            if frozen:
                return _struct(cls, slots=slots, eq=eq)
            return dataclasses.dataclass(cls, slots=slots, eq=eq)

        return made if cls is None else made(cls)

    def _struct(cls: type, *, slots: bool, eq: bool) -> type:
        """The struct with what the class holds; one that derives from a struct is one already."""
        if issubclass(cls, msgspec.Struct):
            if any(isinstance(item, dataclasses.Field) for item in cls.__struct_defaults__):
                raise TypeError(f"{cls.__name__} derives from a value, so it takes no field()")
            cls.__dataclass_fields__ = _Fields()
            return cls
        held = {name: item for name, item in vars(cls).items() if name not in _LEFT}
        held["__annotations__"] = dict(cls.__annotations__)
        fields = {n: item for n, item in held.items() if isinstance(item, dataclasses.Field)}
        for name, item in fields.items():
            default, factory = (
                msgspec.NODEFAULT if given is dataclasses.MISSING else given
                for given in (item.default, item.default_factory)
            )
            held[name] = msgspec.field(default=default, default_factory=factory)
        if not all(item.compare for item in fields.values()):
            compared = [
                name for name in cls.__annotations__ if name not in fields or fields[name].compare
            ]
            held |= _compared_by(attrgetter(*compared))
        held["__dataclass_fields__"] = _Fields()
        bases = (msgspec.Struct, *(base for base in cls.__bases__ if base is not object))
        # Values are made of values that were there before: they are in no cycle, so nobody looks.
        return type(msgspec.Struct)(
            cls.__name__, bases, held, frozen=True, eq=eq, dict=not slots, gc=not slots
        )

    def _compared_by(key: Any) -> dict[str, Any]:
        def equals(self: Any, other: Any) -> bool:
            return key(self) == key(other) if type(self) is type(other) else NotImplemented

        return {"__eq__": equals, "__hash__": lambda self: hash(key(self))}

    class _Fields:
        """The fields as `dataclasses` describes them, made when somebody asks first."""

        def __get__(self, _instance: Any, owner: Any) -> dict[str, dataclasses.Field[Any]]:
            described = dataclasses.make_dataclass(
                owner.__name__,
                [
                    (item.name, item.type, _described(item))
                    for item in msgspec.structs.fields(owner)
                ],
            )
            owner.__dataclass_fields__ = described.__dataclass_fields__
            return owner.__dataclass_fields__

    def _described(item: Any) -> Any:
        if item.default is not msgspec.NODEFAULT:
            return dataclasses.field(default_factory=lambda: item.default)
        if item.default_factory is not msgspec.NODEFAULT:
            return dataclasses.field(default_factory=item.default_factory)
        return dataclasses.field()


__all__ = ["cached_property", "dataclass", "replace"]
