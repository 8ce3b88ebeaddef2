"""A provider that does what we assume, for toys to deviate from."""

# ruff: noqa: ARG002 - each toy looks at what it needs

import json
import uuid
from dataclasses import replace
from typing import Any

from contracts import Policy, Request, Session, World
from contracts.drift.exchange import ProviderReply
from contracts.judging.verdict import Verdict
from contracts.worlds.policy import Decision

JSON = ("Content-Type", "application/json")


def reply_of(status: int, body: Any, *headers: tuple[str, str]) -> ProviderReply:
    return ProviderReply(status, (JSON, *headers), json.dumps(body).encode(), 5.0)


def error(status: int, code: str, *texts: str) -> ProviderReply:
    return reply_of(status, {"error": {"error_code": code, "validation_errors": [*texts]}})


class Provider:
    """A provider that does what we assume. A toy changes `sees`, `instead` or `says`."""

    def __init__(self, *refused: str) -> None:
        decisions = dict.fromkeys(refused, Decision.REFUSE)
        self.policy = Policy(decisions=decisions)
        self.sessions: dict[str | None, Session] = {}
        self.ids: dict[str, str] = {}
        self.seen = 0
        self.last: Verdict | None = None

    def reply(self, request: Request) -> ProviderReply:
        self.seen += 1
        instead = self.instead(request)
        return instead or self.judged(self.sees(request))

    def judged(self, request: Request) -> ProviderReply:
        key = request.header("Authorization") or request.header("Bearer")
        session = self.sessions.setdefault(key, Session(World(self.policy)))
        own = replace(request, seq=0, request_id=f"req-{self.seen}", event_id=self.new_id())
        verdict = session.judge(own)
        challenge = [("WWW-Authenticate", "Bearer")] if verdict.status == 401 else []
        return self.says(request, verdict, reply_of(verdict.status, verdict.body, *challenge))

    def new_id(self) -> str:
        return f"evt-{uuid.UUID(int=self.seen + 2**100, version=4)}"

    def sees(self, request: Request) -> Request:
        return request

    def instead(self, request: Request) -> ProviderReply | None:
        return None

    def says(self, request: Request, verdict: Verdict, reply: ProviderReply) -> ProviderReply:
        return reply


def document_of(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def without(request: Request, name: str) -> Request:
    headers = tuple(header for header in request.headers if header[0].lower() != name.lower())
    return replace(request, headers=headers)
