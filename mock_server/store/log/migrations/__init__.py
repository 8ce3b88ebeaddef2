"""What Alembic carries out to bring the tables of a log up to date; `versions/` has the steps."""
