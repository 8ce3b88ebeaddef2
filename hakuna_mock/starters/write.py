"""Starter files for other people's projects; the files themselves lie in `starters`."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from contracts.values import dataclass


@dataclass(frozen=True)
class Starter:
    """One file to begin with: where it goes in a project, and what to do then."""

    path: str
    template: str
    next_steps: Sequence[str]

    @property
    def text(self) -> str:
        """What is written."""
        return files(__package__).joinpath(self.template).read_text("utf-8")


STARTERS = {
    "pytest": Starter(
        "tests/test_hakuna_events.py",
        "test_hakuna_events.py.txt",
        (
            "run it:       python -m pytest {path}",
            "then let its function publish() call your shop's own code",
        ),
    ),
    "compose": Starter(
        "compose.hakuna.yaml",
        "compose.hakuna.yaml",
        (
            "name the checkout of hakuna-mock that the image is built from:",
            "              export HAKUNA_MOCK_SOURCE=../hakuna-mock",
            "start it:     docker compose -f {path} up",
            "the verdict:  curl -f -H 'Hakuna-Mock-Admin: local' http://127.0.0.1:4258/_mock/v1/verdict",
            "then give your shop HAKUNA_URL and HAKUNA_API_KEY, as the file shows",
        ),
    ),
    "actions": Starter(
        ".github/workflows/hakuna-events.yml",
        "hakuna-events.yml",
        (
            "set the repository variable HAKUNA_MOCK_REPOSITORY to OWNER/NAME of hakuna-mock",
            "put the command of your tests where the file says make test",
        ),
    ),
    "gitlab": Starter(
        ".gitlab/hakuna.gitlab-ci.yml",
        "hakuna.gitlab-ci.yml",
        (
            "include it:   include: [{{local: {path}}}] in .gitlab-ci.yml",
            "set the CI/CD variable HAKUNA_MOCK_IMAGE to an image that your runners reach",
            "put the command of your tests where the file says make test",
        ),
    ),
    "jenkins": Starter(
        "Jenkinsfile.hakuna",
        "Jenkinsfile.hakuna",
        (
            "make a pipeline of it: Pipeline script from SCM, Script Path {path}",
            "set HAKUNA_MOCK_IMAGE to an image that the agent reaches",
            "put the command of your tests where the file says make test",
        ),
    ),
    "kubernetes": Starter(
        "hakuna-mock.k8s.yaml",
        "hakuna-mock.k8s.yaml",
        (
            "name the image and choose the token in the file",
            "start it:     kubectl apply -f {path}",
            "look:         kubectl port-forward service/hakuna-mock 4258",
        ),
    ),
}


_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
"""Files that Docker and Podman put into a container."""


class StarterError(Exception):
    """A starter cannot be written; the message says why and what to do."""


def write_starters(names: Sequence[str], folder: Path) -> None:
    """Write all of them into a project, or none: a file that is there is never touched."""
    chosen = [STARTERS[name] for name in dict.fromkeys(names)]
    for item in chosen:
        if (folder / item.path).exists() or (folder / item.path).is_symlink():
            raise StarterError(f"{_taken(item)}; nothing was written")
    written: list[str] = []
    for item in chosen:
        path = folder / item.path
        message = f"; written before it: {', '.join(written)}" if written else ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(item.text)
        except FileExistsError as error:
            # The folder's name may be that of a file, too.
            reason = _taken(item) if path.exists() else _unwritable(item, error)
            raise StarterError(reason + message) from None
        except OSError as error:
            raise StarterError(_unwritable(item, error) + message) from None
        written.append(item.path)


def _taken(starter: Starter) -> str:
    return f"{starter.path} is there already and was not touched (rename it to get a fresh one)"


def _unwritable(starter: Starter, error: OSError) -> str:
    more = ""
    if isinstance(error, PermissionError) and any(Path(mark).exists() for mark in _CONTAINER_MARKS):
        more = '; run the container as yourself: --user "$(id -u):$(id -g)"'
    return f"{starter.path} cannot be written: {error.strerror}: {error.filename}{more}"
