"""Recordings are judged as what they are: whose, when, where, and what was replied."""

import base64
import gzip
import itertools
import json
from contextlib import closing

import pytest
from running_mock import running_mock

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import Target

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
HAPPY = "P{d:1, p:1>d} F{d:1} R{d:1, p:1}@5"
ENDPOINT = "https://api.hellohakuna.com/sandbox/events"
_numbers = itertools.count(1)


@pytest.fixture
def checked(run, tmp_path):
    """The JSON report of `check` on some content, with the notices in `said`."""

    def check(name: str, content: object, *args: str, code: int | None = None) -> dict:
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        (tmp_path / name).write_text(text, "utf-8")
        ran = run("check", name, "--output-format", "json", *args)
        assert code is None or ran.code == code, ran.err
        report = json.loads(ran.out) if ran.out else {"findings": []}
        return {**report, "said": ran.err, "rules": [item["rule"] for item in report["findings"]]}

    return check


class Mock:
    """A server of our own, asked over HTTP."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def post(self, body: object, headers: dict[str, str]) -> None:
        self._target.post_event(json.dumps(body).encode(), headers)

    def get(self, path: str):
        return self._target.ask("GET", path).json()


@pytest.fixture
def mock():
    with running_mock() as listening, closing(Target(listening.url)) as target:
        yield Mock(target)


def lines(*documents) -> str:
    return "\n".join(json.dumps(document) for document in documents)


def entry(body, *, url=ENDPOINT, key="sk_test_one", status=200, reply=None, at=None, **more):
    headers = usual_headers(next(_numbers), key)
    if key is None:
        del headers["Authorization"]
    text = body if isinstance(body, str) else json.dumps(body)
    request = {
        "method": "POST",
        "url": url,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "postData": {"mimeType": "application/json", "text": text},
        **more,
    }
    content = {"text": json.dumps(reply)} if reply is not None else {}
    found = {"request": request, "response": {"status": status, "content": content}}
    return found if at is None else {**found, "startedDateTime": at}


def har(*entries) -> dict:
    return {"log": {"version": "1.2", "entries": list(entries)}}


class TestKeys:
    def test_two_keys_in_one_file_are_two_worlds(self, checked):
        placed, shipped, _ = bodies(HAPPY)
        rows = [
            {"headers": usual_headers(number, key), "body": body}
            for number, (key, body) in enumerate(
                [("sk_test_a", placed), ("sk_test_b", placed), ("sk_test_a", shipped)]
            )
        ]
        report = checked("r.jsonl", lines(*rows), code=0)
        assert (report["rules"], report["judged"]) == ([], {"events": 3, "orders": 2})

    def test_a_key_that_a_browser_left_out_does_not_hide_the_rest(self, checked):
        entries = [entry(body, key=None) for body in bodies(FORGOTTEN)]
        report = checked("x.har", har(*entries), code=1)
        assert report["rules"] == ["refund-missing-protection"]
        assert "x.har: 3 requests were recorded without credentials" in report["said"]

    @pytest.mark.parametrize("shown", ["Bearer sk_test_…1234", "Bearer ***", "[REDACTED]"])
    def test_a_masked_key_is_not_a_wrong_key(self, checked, shown):
        row = {"headers": {**usual_headers(1), "Authorization": shown}, "body": bodies("P{d:1}")[0]}
        assert checked("r.jsonl", lines(row), code=0)["rules"] == []

    def test_credentials_that_were_refused_are_as_they_were_recorded(self, checked):
        report = checked("x.har", har(entry(bodies("P{d:1}")[0], key=None, status=401)), code=1)
        assert report["rules"] == ["auth-invalid"]


class TestTime:
    def test_entries_are_judged_in_the_order_in_which_they_started(self, checked):
        placed, shipped, refunded = bodies(HAPPY)
        entries = [
            entry(refunded, at="2024-03-09T12:00:00.000+01:00"),
            entry(shipped, at="2024-03-09T10:30:00.000Z"),
            entry(placed, at="2024-03-09T10:00:00Z"),
        ]
        assert checked("x.har", har(*entries), code=0)["rules"] == []

    def test_the_clock_is_that_of_the_recording(self, checked):
        (placed,) = bodies("P{d:1}@30")
        early = entry(placed, at="2024-01-01T00:00:00Z")
        assert checked("x.har", har(early))["rules"] == ["timestamp-future"]

    def test_files_of_a_folder_are_read_as_people_count(self, run, tmp_path):
        (tmp_path / "rec").mkdir()
        for number, body in zip((1, 2, 10), bodies(HAPPY), strict=True):
            (tmp_path / "rec" / f"event-{number}.json").write_text(json.dumps(body))
        assert run("check", "rec", "--fail-on", "advice").code == 0


class TestPlace:
    def test_a_text_body_on_line_3_is_on_line_3(self, checked):
        rows = [{"body": json.dumps(body)} for body in bodies(FORGOTTEN)]
        (finding,) = checked("r.jsonl", lines(*rows), code=1)["findings"]
        column = json.dumps(rows[2]).index('"', len('{"body"'))
        assert (finding["line"], finding["column"]) == (3, column + 1)

    def test_an_entry_of_an_archive_is_in_the_archive_where_its_body_is(self, checked):
        archive = har(*[entry(body) for body in bodies(FORGOTTEN)])
        (finding,) = checked("x.har", archive, code=1)["findings"]
        text = json.dumps(archive, indent=1).split("\n")
        assert finding["file"] == "x.har"
        assert "order_refund_added" in text[finding["line"] - 1]

    def test_an_element_of_a_long_line_has_its_own_column(self, checked):
        text = json.dumps(bodies(FORGOTTEN))
        (finding,) = checked("e.json", text, code=1)["findings"]
        assert text[finding["column"] - 1 :].startswith('{"line_item_id"')


class TestReplies:
    @pytest.mark.parametrize("response", [{"status": 429}, {"status": 503}, {"status": 0}, None])
    def test_what_was_not_accepted_does_not_count_twice(self, checked, response):
        placed, shipped, refunded = bodies(HAPPY)
        rows = [
            {"body": placed, "response": {"status": 200}},
            {"body": shipped, "response": {"status": 200}},
            {"body": refunded, "response": response},
            {"body": refunded, "response": {"status": 200}},
        ]
        report = checked("r.jsonl", lines(*rows), code=0)
        assert report["rules"] == []
        assert [event["status"] for event in report["events"]][3] == 200
        assert "1 event not accepted when recorded" in report["notes"][0]

    def test_a_refusal_is_explained_and_changes_no_order(self, checked):
        rows = [
            {"body": bodies("P{d:1}")[0], "response": {"status": 200}},
            {"body": bodies("F{d:2}")[0], "response": {"status": 400}},
            {"body": bodies("F{d:1}@1")[0], "response": {"status": 200}},
        ]
        report = checked("r.jsonl", lines(*rows))
        assert [(item["rule"], item["event"]) for item in report["findings"]] == [
            ("over-fulfillment", 2)
        ]
        assert report["refused_when_recorded"] == {"400": 1}

    def test_a_refusal_that_nothing_explains_is_told(self, checked):
        row = {"body": bodies("P{d:1}")[0], "response": {"status": 404}}
        assert "1 refusal among them that no rule here explains" in str(
            checked("r.jsonl", lines(row))["notes"]
        )

    @pytest.mark.parametrize("packed", [lambda data: data, gzip.compress])
    def test_replies_in_base64_and_gzip_are_read(self, run, tmp_path, packed):
        error = {"error": {"error_code": "cancel_decline", "validation_errors": []}}
        coded = base64.b64encode(packed(json.dumps(error).encode())).decode()
        item = entry(bodies("X")[0], status=400)
        item["response"]["content"] = {"text": coded, "encoding": "base64"}
        (tmp_path / "x.har").write_text(json.dumps(har(item)))
        (step,) = json.loads(run("convert", "x.har").out)["steps"]
        assert step["expect"] == {"status": 400, "error_code": "cancel_decline"}


class TestWhatWasNotRecorded:
    @pytest.mark.parametrize(
        "more", [{"postData": None}, {"postData": {"mimeType": "x"}}, {"postData": {"text": None}}]
    )
    def test_a_body_that_is_not_there_is_not_an_empty_one(self, checked, more):
        entries = [entry(body) for body in bodies(FORGOTTEN)]
        report = checked("x.har", har(*entries, entry({}, bodySize=77, **more)), code=1)
        assert report["rules"] == ["refund-missing-protection"]
        assert "1 request recorded without a body" in report["notes"][0]
        assert report["judged"]["events"] == 3

    def test_an_archive_without_any_body_judges_nothing(self, run, tmp_path):
        (tmp_path / "x.har").write_text(json.dumps(har(entry({}, postData=None))))
        assert run("check", "x.har").code == 2

    def test_an_empty_body_that_was_sent_is_wrong(self, checked):
        report = checked("x.har", har(entry("", bodySize=0)), code=1)
        assert report["rules"] == ["body-invalid"]


class TestWhoseRequest:
    def test_the_path_events_of_another_host_is_not_ours(self, checked):
        other = entry({"clicks": 3}, url="https://metrics.example.com/events")
        other["request"]["headers"] = []
        ours = entry(bodies("P{d:1}")[0], url="https://api.hellohakuna.com/events")
        report = checked("x.har", har(other, ours), code=0)
        assert report["judged"]["events"] == 1
        assert "1 of 2 requests are not events" in report["said"]

    def test_a_slash_too_many_is_judged_as_it_was_sent(self, checked):
        report = checked("x.har", har(entry(bodies("P{d:1}")[0], url=f"{ENDPOINT}/")))
        assert report["events"][0]["status"] == 404

    def test_header_lines_of_one_name_are_one_value(self, checked):
        item = entry(bodies("P{d:1}")[0])
        item["request"]["headers"].append({"name": "content-type", "value": "text/plain"})
        assert checked("x.har", har(item))["rules"] == ["content-type"]


class TestOtherForms:
    def test_a_scenario_is_judged_each_key_in_a_world_of_its_own(self, checked):
        placed = bodies("P{d:1}")[0]
        steps = [{"body": placed}, {"body": placed, "key": "other"}, {"shorthand": "R{d:1,d:1}@5"}]
        report = checked("s.json", {"name": "mine", "steps": steps}, code=1)
        assert "item-entry-repeated" in report["rules"]
        assert "duplicate-event" not in report["rules"]
        assert {item["file"] for item in report["findings"]} == {"s.json"}

    def test_two_scenarios_never_share_an_order(self, run, tmp_path):
        (tmp_path / "rec").mkdir()
        for name in "ab":
            document = {"name": "same", "steps": [{"shorthand": HAPPY}]}
            (tmp_path / "rec" / f"{name}.json").write_text(json.dumps(document))
        assert run("check", "rec", "--fail-on", "advice").code == 0

    def test_a_broken_scenario_is_exit_2_with_the_line(self, run, tmp_path):
        (tmp_path / "s.json").write_text('{"name": "x", "steps": [\n{"shorthand": "P{"}]}')
        ran = run("check", "s.json")
        assert (ran.code, "s.json:2: /steps/0/shorthand: this is not shorthand" in ran.err) == (
            2,
            True,
        )

    @pytest.mark.parametrize("path", ["/_mock/v1/events", "/_mock/v1/requests"])
    def test_what_the_control_api_lists_is_judged_as_it_was_there(self, checked, mock, path):
        for key in ("sk_test_" + "a" * 20, "sk_test_" + "b" * 20):
            for number, body in enumerate(bodies(FORGOTTEN)):
                mock.post(body, usual_headers(number, key))
        report = checked("list.json", mock.get(path), code=1)
        assert report["rules"] == ["refund-missing-protection"] * 2
        assert report["judged"] == {"events": 6, "orders": 2}

    def test_requests_of_the_control_api_keep_their_faults_and_retries(self, checked, mock):
        (placed,) = bodies("P{d:1}")
        headers = usual_headers(1)
        mock.post(placed, {**headers, "Hakuna-Mock-Fault": "unavailable"})
        mock.post(placed, headers)
        report = checked("list.json", mock.get("/_mock/v1/requests"), code=0)
        assert [item["status"] for item in report["events"]] == [503, 200]
