"""`python -m mock_server`: the server alone, set by environment variables. Made for the image."""

import sys

from mock_server.serving import run
from mock_server.settings import SettingsError, read_settings
from mock_server.start_error import StartError
from mock_server.startup_output import announce


def main() -> int:
    """Serve until a signal; 2 where a setting or the address is unusable."""
    if len(sys.argv) > 1:
        sys.stderr.write(
            "python -m mock_server takes no arguments: set HAKUNA_MOCK_… variables, "
            "or use `hakuna-mock serve`\n"
        )
        return 2
    try:
        run(read_settings(), announce)
    except (SettingsError, StartError) as error:
        sys.stderr.write(f"hakuna-mock: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
