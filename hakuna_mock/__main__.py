"""`python -m hakuna_mock` is the command line, too."""

from hakuna_mock.cli.main import main

if __name__ == "__main__":
    main()
