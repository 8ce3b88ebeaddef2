"""Drift as a JSON document: what the proxy writes, `GET /drift` answers and files merge.

The raw counts are in it, so that a document can be read and merged again; `assumptions` says for
people and programs what follows from them.
"""

from collections.abc import Mapping
from typing import Any

from contracts.drift.assumption import ASSUMPTIONS
from contracts.drift.attribution import Standing, Standings, State, standings
from contracts.drift.comparison import Refusal
from contracts.drift.drift import Counted, Drift, Tested
from contracts.drift.exchange import Evidence
from contracts.timing.rfc3339 import parse_instant
from contracts.version import __version__

FORMAT = "hakuna-mock drift"
VERSION = 1


class DriftError(ValueError):
    """The document is not one of drift; the message says why."""


def to_json(drift: Drift) -> dict[str, Any]:
    """The document."""
    exchanges: dict[str, Any] = {}

    def name(evidence: Evidence | None) -> str | None:
        if evidence is None:
            return None
        shown = evidence.to_json()
        key = f"{shown['at']} {evidence.request_id}"
        exchanges[key] = shown
        return key

    def counted(item: Counted) -> dict[str, Any]:
        row = {"count": item.count, "first": name(item.first), "last": name(item.last)}
        return row | ({"saw": item.saw} if item.saw else {})

    found = standings(drift)
    return {
        "format": FORMAT,
        "version": VERSION,
        "hakuna_mock": __version__,
        "upstreams": list(drift.upstreams),
        "exchanges": drift.exchanges,
        "summary": summary(found),
        "assumptions": [_standing(assumption, counted) for assumption in found.assumptions],
        "unclear": [_refusal(item, counted) for item in found.unclear],
        "unexplained": [_refusal(item, counted) for item in found.unexplained],
        "failures": [
            {"failure": name, **counted(failure)} for name, failure in drift.failures.items()
        ],
        "tested": {
            name: {"confirmed": counted(item.confirmed), "refuted": counted(item.refuted)}
            for name, item in drift.tested.items()
        },
        "refusals": [_refusal(refusal, counted) for refusal in drift.refusals.items()],
        "more_refusals": drift.more,
        "evidence": exchanges,
    }


def summary(found: Standings) -> dict[str, int]:
    """How many assumptions are in each state."""
    counts = {str(state): len(found.of(state)) for state in State}
    return counts | {"unclear": len(found.unclear), "unexplained": len(found.unexplained)}


def _standing(standing: Standing, counted: Any) -> dict[str, Any]:
    return {
        **standing.assumption.to_json(),
        "state": str(standing.state),
        "mixed": standing.mixed,
        "confirmed": counted(standing.confirmed),
        "refuted": counted(standing.refuted),
        "presumed_beside": list(standing.presumed),
    }


def _refusal(pair: tuple[Refusal, Counted], counted: Any) -> dict[str, Any]:
    refusal, seen = pair
    return {
        "suspects": list(refusal.suspects),
        "status": refusal.status,
        "error_code": refusal.error_code,
        "validation_errors": list(refusal.texts),
        "needs_key": refusal.needs_key,
        "settled": refusal.settled,
        **counted(seen),
    }


def from_json(document: Any) -> Drift:
    """The counts of a document; DriftError where it is none."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DriftError(
            "this is not a drift file; hakuna-mock proxy --drift, verify --drift or "
            "GET /_mock/v1/drift writes one"
        )
    if document.get("version") != VERSION:
        raise DriftError(
            f"this is version {str(document.get('version'))[:20]} of the format, and this release "
            f"reads version {VERSION}"
        )
    try:
        return _read(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DriftError(f"this drift file is damaged: {str(error)[:80] or 'no text'}") from None


def _read(document: Mapping[str, Any]) -> Drift:
    evidence = {name: _evidence(item) for name, item in document["evidence"].items()}

    def counted(row: Mapping[str, Any]) -> Counted:
        first, last = row["first"], row["last"]
        return Counted(
            int(row["count"]),
            evidence[first] if first else None,
            evidence[last] if last else None,
            str(row.get("saw", "")),
        )

    return Drift(
        upstreams=tuple(map(str, document["upstreams"])),
        exchanges=int(document["exchanges"]),
        # An assumption of another release has no name here, and nobody can say what it meant.
        tested={
            name: Tested(counted(item["confirmed"]), counted(item["refuted"]))
            for name, item in document["tested"].items()
            if name in ASSUMPTIONS
        },
        refusals={
            Refusal(
                tuple(item for item in row["suspects"] if item in ASSUMPTIONS),
                int(row["status"]),
                row["error_code"],
                tuple(map(str, row["validation_errors"])),
                bool(row["needs_key"]),
                bool(row["settled"]),
            ): counted(row)
            for row in document["refusals"]
        },
        failures={str(row["failure"]): counted(row) for row in document["failures"]},
        more=int(document["more_refusals"]),
    )


def _evidence(row: Mapping[str, Any]) -> Evidence:
    at = parse_instant(row["at"])
    if at is None:
        raise ValueError(f"{row['at']!r} is not a time")
    return Evidence(
        request_id=str(row["request_id"]),
        at=at,
        event_type=row["type"],
        order_id=row["order_id"],
        headers=tuple((str(name), str(value)) for name, value in row["sent"]["headers"]),
        body=str(row["sent"]["body"]),
        our_status=int(row["we"]["status"]),
        rules=tuple(map(str, row["we"]["rules"])),
        status=row["provider"]["status"],
        reply=str(row["provider"]["body"]),
        duration_ms=float(row["provider"]["duration_ms"]),
        event_id=row["event_id"],
    )
