"""A PostgreSQL of our own: a private cluster in a temporary folder, on a free port, without root.

It is made from the programs of Debian's package `postgresql`. Databases in it are made for one test
each. `fsync` is as it is by default: what is tested is what would be lost.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

USER, PASSWORD = "shop", "s3cret-w0rd"


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _version(path: Path) -> int:
    name = path.parent.parent.name
    return int(name) if name.isdigit() else 0


class Cluster:
    """A running PostgreSQL, which only the password opens."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="hakuna-mock-pg-"))
        self._owner = _unprivileged()
        if self._owner is not None:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
        self._count = 0
        self.port = 0
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        self._own(secret)
        self._run(
            "initdb", "-D", self._data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}",
            "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip
        self.port = free_port()
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def pid(self) -> int:
        """The process of the server itself."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c max_connections=60"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is like pulling the plug."""
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-m", mode, "stop")

    def freeze(self) -> None:
        """Let it hang, with all its processes."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def database(self, encoding: str = "UTF8") -> str:
        """The URL of a new database."""
        self._count += 1
        name = f"mock_{os.getpid()}_{self._count}"
        self.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' "
            "TEMPLATE template0"
        )
        return self.url(name)

    def url(self, name: str, password: str | None = PASSWORD) -> str:
        """The URL of a database, whether it exists or not."""
        secret = f":{password}" if password else ""
        return f"postgresql://{USER}{secret}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str, name: str = "postgres") -> list:
        """Run a statement, and what it answered."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def end(self) -> None:
        """Stop it and remove everything."""
        with suppress(subprocess.CalledProcessError, OSError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        owner = self._owner
        ids = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **ids,
        )


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run it as; None for ourselves. PostgreSQL does not start as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as item:
        item.bind(("127.0.0.1", 0))
        return item.getsockname()[1]
