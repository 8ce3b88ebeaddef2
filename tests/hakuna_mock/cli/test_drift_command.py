"""`hakuna-mock drift`: shown, merged, and made into settings that behave as the provider did."""

import json

import pytest
from audit import audited
from toy_providers import TOYS

from contracts.drift.assumption import ASSUMPTIONS
from contracts.drift.document import to_json
from contracts.drift.wire import BEHAVIOURS, RULE_NUMBERS
from contracts.judging.replies import ENDPOINT
from contracts.rules import RULES
from hakuna_mock.servers.thread_server import server_under
from mock_server.settings import read_settings


@pytest.fixture(scope="module")
def audits():
    made = {toy.name: toy for toy in TOYS}
    names = ("as-assumed", "refuses-rule-breaks", "created", "unknown-refusals", "flaky")
    return {name: audited(made[name].make().reply) for name in names}


@pytest.fixture
def files(audits, tmp_path):
    for name, audit in audits.items():
        audit.drift.upstreams = (f"https://{name}.example",)
        (tmp_path / f"{name}.json").write_text(json.dumps(to_json(audit.drift)))
    return tmp_path


def test_there_is_one_assumption_for_each_rule_and_each_numbered_behaviour():
    assert RULES.keys() <= ASSUMPTIONS.keys()
    assert {behaviour.id for behaviour in BEHAVIOURS} <= ASSUMPTIONS.keys()
    numbers = sorted([behaviour.number for behaviour in BEHAVIOURS] + list(RULE_NUMBERS.values()))
    assert numbers == list(range(1, len(numbers) + 1))
    for assumption in ASSUMPTIONS.values():
        assert assumption.assumed.endswith(".")
        assert assumption.question.endswith("?")
        assert assumption.source


def test_the_list_names_basis_source_and_question(run):
    text = run("drift", "--list")
    assert text.code == 0
    assert " 1. accepted-status  (documented; Responses (https://" in text.out
    assert "ask: Which status does an accepted event get" in text.out
    rows = json.loads(run("drift", "--list", "--output-format", "json").out)
    assert [row["id"] for row in rows] == list(ASSUMPTIONS)


def test_refuted_assumptions_come_first_and_fail_the_run(run, files):
    shown = run("drift", str(files / "refuses-rule-breaks.json"))
    assert shown.code == 1
    lines = shown.out.splitlines()
    assert lines[0] == "351 exchanges with https://refuses-rule-breaks.example".replace(
        "351", lines[0].split()[0]
    )
    assert [line.split()[1] for line in lines if line.startswith("refuted ")] == [
        "duplicate-event", "zip-format", "protection-exceeds-product", "over-refund",
    ]  # fmt: skip
    assert shown.out.index("refuted over-refund") < shown.out.index("confirmed (")
    assert shown.out.index("confirmed (") < shown.out.index("not exercised (")
    assert run("drift", str(files / "refuses-rule-breaks.json"), "--fail-on", "never").code == 0
    assert run("drift", str(files / "as-assumed.json")).code == 0


def test_an_unexplained_refusal_fails_only_where_that_is_asked_for(run, files):
    path = str(files / "unknown-refusals.json")
    shown = run("drift", path)
    assert shown.code == 0
    assert "no rule of ours explains it" in shown.out
    assert "product prd-77 is not insured" in shown.out
    assert run("drift", path, "--fail-on", "unexplained").code == 1


def test_failures_are_named_and_refute_nothing(run, files):
    shown = run("drift", str(files / "flaky.json"))
    assert shown.code == 0
    assert "× status 503" in shown.out
    assert "× no reply: the connection ended" in shown.out


def test_files_are_merged_and_what_is_printed_can_be_merged_again(run, files):
    names = ("refuses-rule-breaks", "created")
    both = run("drift", *(str(files / f"{name}.json") for name in names), "--output-format", "json")
    document = json.loads(both.out)
    assert document["upstreams"] == [f"https://{name}.example" for name in names]
    refuted = {row["id"]: row for row in document["assumptions"] if row["state"] == "refuted"}
    assert set(refuted) == {
        "accepted-status", "duplicate-event", "zip-format", "protection-exceeds-product",
        "over-refund",
    }  # fmt: skip
    assert refuted["accepted-status"]["mixed"]
    (files / "both.json").write_text(both.out)
    again = run("drift", str(files / "both.json"), "--output-format", "json")
    assert json.loads(again.out) == document


def test_the_page_needs_nothing_else_and_holds_no_key(run, files):
    page = run("drift", str(files / "refuses-rule-breaks.json"), "--output-format", "html").out
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert 'id="a-over-refund"' in page
    assert "sk_test_audit" not in page


def test_a_server_under_the_profile_answers_the_recording_as_the_provider_did(
    run,
    files,
    audits,
):
    path = files / "p.toml"
    done = run("drift", str(files / "refuses-rule-breaks.json"), "--profile", str(path))
    assert "p.toml has 4 settings" in done.err
    settings = read_settings({"port": 0}, environ={}, config=path)
    assert dict(settings.rules) == dict.fromkeys(
        ("duplicate-event", "over-refund", "protection-exceeds-product", "zip-format"), "refuse"
    )
    from fuzz.client.http_client import Target  # noqa: PLC0415

    with server_under(settings) as server:
        target = Target(server.url)
        for request, reply, _ in audits["refuses-rule-breaks"].exchanges:
            answer = target.ask("POST", ENDPOINT, request.body, dict(request.headers))
            assert answer.status == reply.status, request.body[:200]
        target.close()


def test_what_settings_cannot_express_is_said_and_written(run, files):
    path = files / "p.toml"
    done = run("drift", str(files / "created.json"), "--profile", str(path))
    assert "settings cannot express accepted-status" in done.err
    assert "# - accepted-status: assumed: An accepted event is answered with 200." in (
        path.read_text()
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "this is not JSON"),
        ("[]", "this is not a drift file"),
        ('{"format": "hakuna-mock drift", "version": 9}', "reads version 1"),
        ('{"format": "hakuna-mock drift", "version": 1}', "damaged"),
        ("\xff", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_says_so(run, tmp_path, text, words):
    (tmp_path / "x.json").write_bytes(text.encode("latin-1"))
    done = run("drift", "x.json")
    assert done.code == 2
    assert words in done.err
    assert run("drift").code == 2
    assert "No such file" in run("drift", "none.json").err


def test_a_profile_onto_the_drift_file_is_refused_and_loses_nothing(run, files):
    path = files / "created.json"
    before = path.read_bytes()
    ran = run("drift", str(path), "--profile", str(path))
    assert (ran.code, "this is the input itself; name another file" in ran.err) == (2, True)
    assert path.read_bytes() == before


def test_a_body_that_is_indented_over_many_lines_is_shown_on_one(run, files, audits):
    document = to_json(audits["created"].drift)
    for evidence in document["evidence"].values():
        evidence["sent"]["body"] = json.dumps({"type": "order_placed", "payload": {}}, indent=2)
    (files / "indented.json").write_text(json.dumps(document))
    out = run("drift", str(files / "indented.json")).out
    assert 'sent         { "type": "order_placed", "payload": {} }' in out
