"""The front door of hakuna-mock: command line and reports."""
