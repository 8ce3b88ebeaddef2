"""check --minimize: which of many recorded events suffice."""

import json
import shlex

from contracts.shorthand import bodies


def hundred_orders(odd: int) -> list[dict]:
    rows = []
    for number in range(100):
        last = "d:1" if number == odd else "d:1,p:1"
        placed = f"P#{number}{{d:2,p:2>d}} F#{number}{{d:2}}"
        rows += bodies(f"{placed} R#{number}{{d:1,p:1}}@5 R#{number}{{{last}}}@6")
    return rows


def test_two_of_four_hundred_events_suffice_and_the_shorthand_repeats_it(run, tmp_path):
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, hundred_orders(57))))
    ran = run("check", "e.jsonl", "--minimize")
    assert ran.code == 1
    assert "refund-missing-protection of order ord-57: 2 of 400 events suffice" in ran.out
    assert "e.jsonl:229  229. order_placed" in ran.out
    assert "e.jsonl:232  232. order_refund_added" in ran.out
    (command,) = [line for line in ran.out.splitlines() if "hakuna-mock play" in line]
    again = run(*shlex.split(command)[1:])
    assert "refund-missing-protection" in again.out


def test_a_clean_recording_needs_nothing(run, tmp_path):
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, hundred_orders(-1))))
    ran = run("check", "e.jsonl", "--minimize")
    assert ran.code == 0
    assert "suffice" not in ran.out


def test_each_failing_rule_has_its_own_events(run, tmp_path):
    rows = bodies("P{d:1} F{d:1} X F{d:5} P#2{d:1,p:1>d} C#2{d:1}")
    (tmp_path / "e.json").write_text(json.dumps(rows))
    report = json.loads(run("check", "e.json", "--minimize", "--output-format", "json").out)
    message = [note for note in report["notes"] if "suffice" in note]
    assert [note.split(" ")[0] for note in message] == [
        "order-cancel-after-fulfillment",
        "over-fulfillment",
        "cancel-missing-protection",
    ]


def test_a_body_that_is_refused_is_enough_alone(run, tmp_path):
    rows = [*bodies("P{d:1} F{d:1}"), {"type": "order_paid", "payload": {}}]
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, rows)))
    ran = run("check", "e.jsonl", "--minimize")
    assert "unknown-event-type: 1 of 3 events suffice" in ran.out
