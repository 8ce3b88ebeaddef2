"""The aiohttp shell around `contracts`: this room answers.

`create_app` is the mock as an application, `Settings` what it is told.
"""

from mock_server.app import create_app
from mock_server.settings import Settings

__all__ = ["Settings", "create_app"]
