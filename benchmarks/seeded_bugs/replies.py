"""Bugs of the reply's body: ids, errors."""

import itertools
import uuid

from contracts.http.request import Request
from contracts.json_text import parser
from mock_server import app
from seeded_bugs import around, before_effects, bug, closing, judge


@bug("ids")
def uppercase_ids():
    """Event ids are uppercase UUIDs."""
    app.event_ids = lambda *_given: lambda: f"evt-{str(uuid.uuid4()).upper()}"


@bug("ids")
def ids_of_version_one():
    """Event ids are UUIDs of version 1."""
    app.event_ids = lambda *_given: lambda: f"evt-{uuid.uuid1()}"


@bug("ids")
def id_given_twice():
    """Every fiftieth event gets the id of the one before."""

    def ids(*_given):
        last, numbers = [""], itertools.count(1)

        def new():
            if next(numbers) % 50:
                last[0] = f"evt-{uuid.uuid4()}"
            return last[0]

        return new

    app.event_ids = ids


@bug("ids")
def id_from_the_body():
    """The event id is a hash of the body: the same event again gets the same id."""

    def numbered(old, self, seq, received_at, _event_id, request_id):
        digest = uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_OID, repr(self.body)).bytes, version=4)
        return old(self, seq, received_at, f"evt-{digest}", request_id)

    around(Request, "numbered", numbered)


@bug("ids")
def id_with_a_field_more():
    """A 200 says `status` beside the id."""
    closing.accepted_body = lambda event_id: {"event_id": event_id, "status": "accepted"}


@bug("ids")
def error_with_a_message():
    """An error says `message` beside code and texts."""
    around(
        closing,
        "error_body",
        lambda old, code, errors: {"error": {**old(code, errors)["error"], "message": "refused"}},
    )


@bug("ids")
def error_texts_missing():
    """`validation_errors` is empty where the body is no JSON."""

    def change(case, verdict):
        if isinstance(case.request.parsed, parser.JsonFault) and "error" in verdict.body:
            verdict.body["error"]["validation_errors"] = []
        return verdict

    before_effects(change)


@bug("ids")
def one_fault_at_a_time():
    """Of several faults only the first is told."""
    around(judge, "schema_errors", lambda old, document: old(document)[:1])
