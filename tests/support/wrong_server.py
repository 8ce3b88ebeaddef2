"""A toy server of the events API that can be told to make one mistake, written apart from ours."""

import json
import threading
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from quiet_server import QuietServer

from contracts.schemas import validator  # the toy trusts our schemas, and nothing else of ours

MISTAKES = {
    "accepts any body": {"reply-status"},
    "asks for no key": {"reply-status"},
    "answers 201": {"reply-status"},
    "gives one id to all": {"reply-event-id"},
    "gives a retry a new id": {"reply-event-id"},
    "writes ids in capitals": {"reply-body"},
    "adds a field to the reply": {"reply-body"},
    "answers errors as text": {"reply-body"},
    "does not say what is wrong": {"reply-body"},
    "names errors by another's name": {"reply-error-code"},
    "ignores a reused key": {"reply-status"},
    "hangs up after ten requests": set(),
}
"""Each mistake, and the expectations that name it."""


@contextmanager
def wrong_server(mistake: str | None):
    """The URL of a server that is right but for one mistake."""
    state = {"replies": {}, "asked": 0}
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536

        def log_message(self, *_args):
            """Stay silent."""

        def do_GET(self):
            self.answer(404, {"error": {"error_code": "nope", "validation_errors": []}})

        def do_POST(self):
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state["asked"] += 1
            if mistake == "hangs up after ten requests" and state["asked"] > 10:
                self.connection.close()
                self.close_connection = True
                return
            with one_at_a_time:  # twins under one key are one event
                judged = self.judged(raw)
            self.answer(*judged)

        def judged(self, raw):
            auth = self.headers.get("Authorization")
            key = (
                (auth or "").removeprefix("Bearer ")
                if auth is not None
                else self.headers.get("Bearer")
            )
            known = bool(key) and key.startswith("sk_test_") and (auth is None or auth != key)
            if not known and mistake != "asks for no key":
                return self.error(401, "who_are_you")
            try:
                document = json.loads(raw)
            except ValueError:
                document = None
            name = self.headers.get("Hakuna-Idempotency-Key")
            named = (key, name)
            if name and named in state["replies"] and document is not None:
                earlier, event_id = state["replies"][named]
                if earlier == document and mistake != "gives a retry a new id":
                    return 200, self.reply(event_id)
                if earlier != document and mistake != "ignores a reused key":
                    return self.error(400, "invalid_request_parameters")
            bad = name and (" " in name or len(name) > 255)
            if (bad or not validator.accepts(document)) and mistake != "accepts any body":
                return self.error(400, "invalid_request_parameters")
            event_id = "evt-" + str(
                uuid.UUID(int=7, version=4) if "one id" in str(mistake) else uuid.uuid4()
            )
            if name:
                state["replies"][named] = (document, event_id)
            return (201 if mistake == "answers 201" else 200), self.reply(event_id)

        def reply(self, event_id):
            if mistake == "writes ids in capitals":
                event_id = event_id.upper()
            extra = {"ok": True} if mistake == "adds a field to the reply" else {}
            return {"event_id": event_id, **extra}

        def error(self, status, code):
            if mistake == "names errors by another's name" and status == 400:
                code = "cancel_decline"
            message = (
                [] if status != 400 or mistake == "does not say what is wrong" else ["it is wrong"]
            )
            return status, {"error": {"error_code": code, "validation_errors": message}}

        def answer(self, status, body):
            plain = mistake == "answers errors as text" and status >= 400
            data = b"Bad Request" if plain else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
