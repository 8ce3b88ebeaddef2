from browser import browser, visit
from cli_runs import run

__all__ = ["browser", "run", "visit"]
