"""The aiohttp shell around `contracts`: this room answers.

`create_app` is the mock as an application, `Settings` what it is told. Both are imported when they
are first asked for: settings and scenario files are read by commands that need no web framework.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import create_app
    from mock_server.settings import Settings

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from mock_server.app import create_app  # noqa: PLC0415

        return create_app
    if name == "Settings":
        from mock_server.settings import Settings  # noqa: PLC0415

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
