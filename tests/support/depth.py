"""How much a test that takes long asks: little in `make test`, all of it in `make test-deep`."""

import os

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
