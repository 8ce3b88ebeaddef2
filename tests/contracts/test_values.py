"""A frozen value of ours behaves like one of `dataclasses`, however it is made."""

import ast
import copy
import dataclasses
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import values

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def classes(dataclass: Any) -> SimpleNamespace:
    """The same classes by each kind of decorator."""

    @dataclass(frozen=True, slots=True)
    class Place:
        """Where it is."""

        x: int
        y: int = 7

        @property
        def sum(self) -> int:
            return self.x + self.y

    @dataclass(frozen=True, slots=True)
    class Named(Place):
        name: str = ""

    class Shop(Named):
        pass

    @dataclass(frozen=True)
    class Holder(Generic[T]):
        item: T
        found: Mapping[str, int] = field(default_factory=dict)
        hint: Any = field(default=None, compare=False)

        @values.cached_property
        def looked_up(self) -> list[T]:
            return [self.item]

    @dataclass(frozen=True, eq=False)
    class Own:
        item: int = 0

    return SimpleNamespace(**{item.__name__: item for item in (Place, Named, Shop, Holder, Own)})


OURS, STANDARD = classes(values.dataclass), classes(dataclasses.dataclass)
KINDS = pytest.mark.parametrize("kind", [OURS, STANDARD], ids=["ours", "standard"])

ARGUMENTS = {
    "Place": st.fixed_dictionaries({"x": st.integers(0, 2)}, optional={"y": st.integers(6, 8)}),
    "Named": st.fixed_dictionaries({"x": st.integers(0, 2)}, optional={"name": st.just("a")}),
    "Shop": st.fixed_dictionaries({"x": st.integers(0, 2)}, optional={"name": st.just("a")}),
    "Holder": st.fixed_dictionaries(
        {"item": st.integers(0, 1) | st.just(())}, optional={"hint": st.integers(0, 1)}
    ),
    "Own": st.fixed_dictionaries({}, optional={"item": st.integers(0, 1)}),
}
MADE = st.sampled_from(sorted(ARGUMENTS)).flatmap(
    lambda name: st.tuples(st.just(name), ARGUMENTS[name])
)


@given(MADE, MADE)
def test_values_are_equal_where_those_of_dataclasses_are(first, second):
    ours, standard = (
        [getattr(kind, name)(**arguments) for name, arguments in (first, second)]
        for kind in (OURS, STANDARD)
    )
    assert (ours[0] == ours[1]) is (standard[0] == standard[1])
    if ours[0] == ours[1] and first[0] != "Holder":
        assert hash(ours[0]) == hash(ours[1])


@given(MADE)
def test_fields_copies_and_texts_are_those_of_dataclasses(made):
    name, arguments = made
    ours, standard = getattr(OURS, name)(**arguments), getattr(STANDARD, name)(**arguments)
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert [item.name for item in dataclasses.fields(ours)] == [
        item.name for item in dataclasses.fields(standard)
    ]
    if name != "Own":
        assert values.replace(ours) == dataclasses.replace(ours) == copy.deepcopy(ours) == ours
    assert repr(ours) == repr(standard).rpartition(">.")[2]


@KINDS
def test_a_value_cannot_be_changed(kind):
    place = kind.Place(1)
    with pytest.raises(AttributeError):
        place.x = 2
    with pytest.raises(AttributeError):
        kind.Shop(1).name = "b"
    with pytest.raises((AttributeError, TypeError)):
        place.z = 2
    assert values.replace(OURS.Place(1), x=2).sum == 9


@KINDS
@pytest.mark.parametrize("arguments", [{}, {"x": 1, "z": 2}], ids=["one too few", "one too many"])
def test_a_value_takes_its_fields_and_no_others(kind, arguments):
    with pytest.raises(TypeError):
        kind.Place(**arguments)


@KINDS
def test_defaults_are_made_anew_and_computed_values_are_kept(kind):
    first, second = kind.Holder(1), kind.Holder(1)
    assert first.found is not second.found
    assert first.looked_up is first.looked_up
    assert first == second
    assert kind.Place.__doc__ == "Where it is."


def test_one_that_is_not_frozen_is_the_standard_one():
    @values.dataclass(slots=True)
    class Counted:
        count: int = 0

    counted = Counted()
    counted.count += 1
    assert counted == Counted(1)


def test_a_default_is_read_from_a_value_and_not_from_its_class():
    """The type checker would let it pass; a class of ours holds no defaults."""
    trees = {
        path: ast.parse(path.read_text("utf-8"))
        for room in ("contracts", "mock_server", "fuzz", "hakuna_mock")
        for path in (ROOT / room).rglob("*.py")
    }
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    fields = {
        (node.name, item.target.id)
        for _, node in nodes
        if isinstance(node, ast.ClassDef)
        and any("frozen=True" in ast.unparse(mark) for mark in node.decorator_list)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    assert len(fields) > 500
    read = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in fields
    ]
    assert read == []
