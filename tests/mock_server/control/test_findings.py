import pytest
from other_validator import jsonschema_validator
from server_mock import KEY, OTHER_KEY, event

from contracts import schemas

MENDED = "P{d:1, p:1>d} F{d:1} R{d:1}@5 R{p:1}@6"


def rules(rows):
    return [row["rule"] for row in rows]


async def test_a_finding_says_what_where_why_and_what_to_do(mock):
    reply = (await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}"))[-1]
    (finding,) = await mock.get("/findings")
    assert set(finding) == {*schemas.schema("finding")["required"], "seq", "at_stake"}
    assert finding["at_stake"] == {"amount": 8499, "currency": "eur"}
    assert not list(jsonschema_validator("finding").iter_errors(finding))
    assert finding["rule"] == "refund-missing-protection"
    assert (finding["severity"], finding["basis"]) == ("violation", "documented")
    assert (finding["state"], finding["related"]) == ("open", [])
    assert finding["order_id"] == "ord-1"
    assert finding["event_id"] == reply.event_id
    assert finding["request_id"] == reply.headers["Hakuna-Mock-Request"]
    assert "line-p" in finding["fix"]
    assert finding["source"]


async def test_a_resolved_finding_names_the_event_that_settled_it(mock):
    replies = await mock.play(MENDED)
    (finding,) = await mock.get("/findings?state=resolved")
    assert finding["rule"] == "refund-missing-protection"
    assert [item["event_id"] for item in finding["related"]] == [replies[-1].event_id]
    assert await mock.open_rules() == ["pairing-split-across-events"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity=violation", ["refund-missing-protection", "unknown-order"]),
        ("severity=advice", ["pairing-split-across-events"]),
        ("severity=warning", []),
        ("rule=unknown-order", ["unknown-order"]),
        ("rule=zip-format", []),
        ("state=open", ["pairing-split-across-events", "unknown-order"]),
        ("state=resolved", ["refund-missing-protection"]),
        ("order_id=ord-9", ["unknown-order"]),
        ("order_id=nothing", []),
        ("severity=violation&state=open", ["unknown-order"]),
        ("severity=violation&state=open&order_id=ord-1", []),
    ],
)
async def test_filters_choose_among_them(mock, query, expected):
    await mock.play(f"{MENDED} F#9{{d:1}}")
    assert rules(await mock.get(f"/findings?{query}")) == expected
    assert (await mock.control(f"/findings?{query}")).counts == (len(expected), 0)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("severity=violaton", "did you mean violation?"),
        ("severity=Violation", "did you mean violation?"),
        ("rule=zip-formatt", "did you mean zip-format?"),
        ("rule=", ""),
        ("state=closed", ""),
        ("state=", ""),
        ("severty=advice", "did you mean severity?"),
        ("limit=0", ""),
        ("after=x", ""),
    ],
)
async def test_a_bad_filter_is_refused_with_a_hint(mock, query, hint):
    reply = await mock.control(f"/findings?{query}")
    assert reply.status == 400
    assert query.split("=")[0] in reply.said
    assert hint in reply.said


async def test_refused_requests_have_findings_in_their_world(mock):
    reply = await mock.send({**event("P{d:1}"), "type": "paid"})
    (finding,) = await mock.get("/findings", key=KEY)
    assert (finding["event_id"], finding["state"]) == (None, "open")
    assert finding["order_id"] == "ord-1"
    assert finding["request_id"] == reply.headers["Hakuna-Mock-Request"]
    assert await mock.get("/findings", key=OTHER_KEY) == []


async def test_401s_belong_to_no_world_and_appear_un_narrowed_only(mock):
    await mock.play("P{d:1}")
    await mock.send(b"{}", changes={"Authorization": None})
    world = await mock.world_id(KEY)
    assert rules(await mock.get("/findings")) == ["auth-invalid"]
    assert await mock.get("/findings", key=KEY) == []
    assert await mock.get(f"/findings?world={world}") == []


async def test_findings_come_in_the_order_in_which_they_arose_whatever_their_world(mock):
    await mock.play("F{d:1}", key=KEY)
    await mock.send(b"", changes={"Authorization": None})
    await mock.play("F#2{d:1}", key=OTHER_KEY)
    await mock.play("P#3{d:1} C#3{d}", key=KEY)
    assert rules(await mock.get("/findings")) == [
        "unknown-order",
        "auth-invalid",
        "unknown-order",
        "cancel-quantity-missing",
    ]


async def test_findings_are_paged_without_gaps(mock):
    """A page ends inside a request that has several findings; the next one goes on there."""
    await mock.play("P{d:1} R{aa:1, bb:1, cc:1}@3 R{dd:1, ee:1}@4 C{d}@5")
    every = await mock.get("/findings")
    assert len(every) == 6
    seen, after = [], 0
    for _ in range(10):
        page = await mock.get(f"/findings?limit=2&after={after}")
        if not page:
            break
        seen += page
        after = page[-1].get("seq") or int(page[-1]["request_id"].removeprefix("req-"))
    assert seen == every


async def test_the_counts_are_of_all_matching_rows(mock):
    await mock.play("P{d:1} R{aa:1, bb:1, cc:1}@3")
    assert (await mock.control("/findings?limit=1")).counts == (3, 0)


async def test_severities_are_those_of_the_world_s_settings(mock):
    await mock.put_settings({"rules": {"unknown-order": "advice"}}, key=KEY)
    await mock.play("F{d:1}")
    (finding,) = await mock.get("/findings")
    assert finding["severity"] == "advice"
    assert (await mock.control("/verdict")).status == 200
