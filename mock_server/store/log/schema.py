"""The tables of the log, the same in SQLite and PostgreSQL.

`head` has one row: what the log is and how far it goes. `log` has one row for all that a
transaction did to one world: the effects as a JSON array, and the position of the last of them.
`snapshot` holds the compacted log: everything up to `head.snapshot_position`, under the generation
that `head.generation` names; rows of another one are of a compaction under way, or that broke off.

Names begin with `hakuna_mock_`, so that the tables can share a database with others.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

PREFIX = "hakuna_mock_"
VERSION_TABLE = PREFIX + "version"
"""Where Alembic keeps which migrations were carried out."""

POSITION = BigInteger().with_variant(Integer(), "sqlite")
"""In SQLite only an INTEGER key is the row's own number."""

metadata = MetaData()

head = Table(
    PREFIX + "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("store_id", Text, nullable=False),
    Column("effects_version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("snapshot_position", BigInteger, nullable=False),
    Column("generation", BigInteger, nullable=False),
)

log = Table(
    PREFIX + "log",
    metadata,
    Column("position", POSITION, primary_key=True, autoincrement=False),
    Column("world_id", Text),
    Column("effects", Text, nullable=False),
)

snapshot = Table(
    PREFIX + "snapshot",
    metadata,
    Column("generation", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("part", Text, nullable=False),
    Column("world_id", Text),
    Column("content", Text, nullable=False),
)
