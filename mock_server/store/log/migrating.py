"""Bringing the tables of a log up to date, and refusing those of a later release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select

from contracts.version import __version__
from contracts.worlds.effect_codec import VERSION
from mock_server.start_error import StartError
from mock_server.store.log.schema import VERSION_TABLE, head


def check_age(connection: Connection, where: str) -> bool:
    """Whether the tables are there at all; StartError where a later release made them."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    found = context.get_current_heads()
    if not found:
        return False
    known = {
        revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()
    }
    newer = [item for item in found if item not in known]
    version = connection.scalar(select(head.c.effects_version)) if not newer else None
    if newer or (version is not None and version > VERSION):
        raise StartError(
            f"--state: {where} was written by a later release than hakuna-mock {__version__}, "
            "which cannot read it; nothing was changed. Install that release, or use another "
            "--state"
        )
    return True


def upgrade(connection: Connection) -> None:
    """Carry out the migrations that are missing, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
