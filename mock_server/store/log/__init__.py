"""The durable store: a log of effects in a database, and the worlds that it made, in memory."""
