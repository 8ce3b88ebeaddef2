"""Idempotency: the same key and the same body are one event, however often they are sent."""

from server_mock import KEY, event

KEYED = {"Hakuna-Idempotency-Key": "3f1c6f0e-6c0f-4a3b-9a57-0a3c2b1d4e5f"}
PLACED = event("P{d:2, p:1>d}")
NOT_THE_JOURNAL = ("/requests",)


async def test_replays_leave_everything_but_the_journal_as_it_was(mock):
    await mock.play("P{d:1, p:1>d} F{d:1}")
    await mock.send(event("R{d:1}@5"), changes=KEYED)
    before = await mock.everything(*NOT_THE_JOURNAL)
    for _ in range(3):
        await mock.send(event("R{d:1}@5"), changes=KEYED)
    assert await mock.everything(*NOT_THE_JOURNAL) == before
    replayed = [row["replayed"] for row in await mock.get("/requests")]
    assert replayed == [False, False, False, True, True, True]


async def test_the_headers_of_a_replay_are_judged_anew(mock):
    first = await mock.send(PLACED, changes=KEYED)
    again = await mock.send(PLACED, changes={**KEYED, "Hakuna-Version": "v1.2"})
    assert again.rules == ["version-header-unexpected"]
    (finding,) = await mock.get("/findings")
    assert finding["event_id"] == first.event_id
    assert finding["request_id"] == again.headers["Hakuna-Mock-Request"]
    assert (await mock.get(f"/events/{first.event_id}"))["findings"] == []


async def test_a_key_with_another_body_is_refused_and_changes_nothing(mock):
    await mock.send(PLACED, changes=KEYED)
    before = await mock.everything("/requests", "/findings", "/verdict", "/worlds")
    reply = await mock.send(event("P{d:3}"), changes=KEYED)
    assert (reply.status, reply.code) == (400, "invalid_request_parameters")
    assert reply.rules == ["idempotency-key-reused"]
    assert await mock.everything("/requests", "/findings", "/verdict", "/worlds") == before
    assert (await mock.send(PLACED, changes=KEYED)).status == 200


async def test_a_reset_forgets_idempotency_keys(mock):
    first = await mock.send(PLACED, changes=KEYED)
    await mock.reset(key=KEY)
    assert (await mock.send(event("P{d:3}"), changes=KEYED)).event_id != first.event_id
