"""`python -m mock_server`: the server alone, told by environment variables. Made for the image."""

import sys

from mock_server.scenario_files import ScenarioFileError
from mock_server.serving import ListenError, run, with_admin_token
from mock_server.settings import SettingsError, read_settings
from mock_server.startup_output import announce, announce_token


def main() -> int:
    """Serve until told to stop; 2 where a setting or the address is unusable."""
    if len(sys.argv) > 1:
        sys.stderr.write(
            "python -m mock_server takes no arguments: set HAKUNA_MOCK_… variables, "
            "or use `hakuna-mock serve`\n"
        )
        return 2
    try:
        told = read_settings()
        settings = with_admin_token(told)
        if settings.admin_token and not told.admin_token:
            announce_token(settings.admin_token)
        run(settings, announce)
    except (SettingsError, ListenError, ScenarioFileError) as error:
        sys.stderr.write(f"hakuna-mock: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
