"""What `--state` may name: a file, or a PostgreSQL database by its URL."""

import re
from urllib.parse import SplitResult, urlsplit

from contracts.suggestions import hint

SCHEMES = ("postgresql", "postgres")
_ESCAPES = "signs such as @ / # : in a password are written %40 %2F %23 %3A"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def is_postgres(state: str) -> bool:
    """Whether it names a PostgreSQL database."""
    found = _SCHEME.match(state)
    return found is not None and found[1].lower() in SCHEMES


def check_state(state: str) -> str:
    """The text of `--state` if it can be one; ValueError says what is wrong, without a password."""
    found = _SCHEME.match(state)
    if not state.strip() or "\0" in state:
        raise ValueError("must name a file, or be a URL such as postgresql://user@host/database")
    if found is None:
        return state
    scheme = found[1].lower()
    if scheme not in SCHEMES:
        more = hint(scheme, SCHEMES, "for SQLite give the path of the file alone")
        raise ValueError(f"cannot be {scheme}://…: only postgresql:// is known{more}")
    try:
        parts = urlsplit(state)
        _ = parts.port
    except ValueError as error:
        why = "its port is not a number" if "port" in str(error).lower() else "it cannot be read"
        raise ValueError(f"is not a usable URL: {why}; {_ESCAPES}") from None
    if parts.netloc.count("@") > 1:
        raise ValueError(f"is not a usable URL: it has more than one @; {_ESCAPES}")
    if not parts.path.strip("/"):
        raise ValueError(f"names no database: write {masked(parts)}/DATABASE")
    return state


def masked(parts: SplitResult) -> str:
    """Scheme, user and host of a URL, its password as ***."""
    where = parts.netloc.rpartition("@")
    user = where[0].partition(":")
    shown = f"{user[0]}{':***' if user[1] else ''}@" if where[1] else ""
    return f"postgresql://{shown}{where[2]}"


def shown(state: str) -> str:
    """What people may see of it: a path as it is, a URL without its password."""
    if not is_postgres(state):
        return state
    parts = urlsplit(state)
    return f"{masked(parts)}{parts.path}"
