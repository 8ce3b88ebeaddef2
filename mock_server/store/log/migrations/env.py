"""What Alembic runs: the migrations that are missing, on the connection that it is given."""

from alembic import context

from mock_server.store.log.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
