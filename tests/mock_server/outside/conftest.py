"""These tests ask a listening server over real sockets, as a shop would."""

from asked_mock import mock, other_shop, shop, target

__all__ = ["mock", "other_shop", "shop", "target"]
