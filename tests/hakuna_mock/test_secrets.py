"""No command writes a secret, in any format, wherever in its input the secret is."""

import base64
import json
from pathlib import Path

import pytest

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from hakuna_mock.reports.formats import FORMATS

TAIL = "q7Zk2Xw9Lm4Tn8Vb1Cd6"
SECRETS = {
    "test key": "sk_test_" + "zqhush" + TAIL,
    "live key": "sk_live_" + "zqhush" + TAIL,
    "publishable key": "pk_live_" + "zqhush" + TAIL,
    "token": "eyJhbGciOiJIUzI1NiJ9." + f"zqhush{TAIL}." + TAIL,
}
OF_HEADERS = {
    "Authorization": [
        "Basic " + base64.b64encode(f"zqhush:{TAIL}".encode()).decode(),
        f"token zqhush{TAIL}",
        f"zqhush{TAIL}",
        f"Bearer zqhush{TAIL}",
        f"Bearer zqhush-one {TAIL}, Bearer {SECRETS['live key']}",
        f"Digest username=zqhush, response={TAIL}",
    ],
    "Bearer": [f"zqhush{TAIL}", SECRETS["test key"]],
    "X-Api-Key": [f"zqhush{TAIL}", SECRETS["live key"]],
    "Cookie": [f"session=zqhush{TAIL}"],
    "Proxy-Authorization": [f"Basic zqhush{TAIL}"],
}
BASIC = base64.b64encode(f"zqhush:{TAIL}".encode()).decode()


def leaks(text: str) -> list[str]:
    """Every part of a secret, eight characters long, that a text holds."""
    hidden = {"zqhush", BASIC, *(TAIL[at : at + 8] for at in range(len(TAIL) - 8))}
    return [item for item in hidden if item in text]


def events_with(secret: str) -> list[dict]:
    """A conversation with findings, in which a secret is in every place where text can be."""
    placed, refunded = bodies("P{d:1, p:1>d} R{d:1}@5")
    long = "x" * 300 + secret + "y" * 300
    placed["payload"]["cart_id"] = long
    placed[secret] = 1
    refunded["payload"]["refund_items"][0][secret] = long
    refunded["payload"]["refund_items"][0]["note"] = secret
    for event in (placed, refunded):
        event["payload"]["order_id"] = f"ord-{secret}"
    broken = {"type": secret, "payload": {"order_id": secret}}
    wrong = bodies("F{d:1}")[0]
    wrong["payload"]["fulfillment_items"][0]["line_item_id"] = secret
    wrong["payload"]["fulfillment_items"][0]["fulfilled_at"] = secret
    return [placed, refunded, broken, wrong]


def headers_with_secrets() -> list[dict[str, str]]:
    return [
        {**usual_headers(number), name: value}
        for number, (name, value) in enumerate(
            (name, value) for name, values in OF_HEADERS.items() for value in values
        )
    ]


@pytest.fixture(params=["jsonl", "har", "json", "scenario"])
def recorded(request, tmp_path) -> list[str]:
    """Files with all secrets: in bodies, headers, replies, and in the name of the file."""
    files = []
    for number, secret in enumerate(SECRETS.values()):
        rows = [
            {
                "headers": {**usual_headers(place, secret), "X-Trace": secret},
                "body": event,
                "response": {"status": 200, "body": {"event_id": secret}},
            }
            for place, event in enumerate(events_with(secret))
        ]
        rows += [
            {"headers": item, "body": events_with(secret)[0]} for item in headers_with_secrets()
        ]
        rows += [{"headers": usual_headers(99), "body": f'{{"type": "{secret}", "payload": 1'}]
        path = tmp_path / f"{number}-{secret}.{request.param}"
        path = path.with_name(path.name.replace(".scenario", ".json"))
        path.write_text(WRITERS[request.param](rows), "utf-8")
        files.append(path.name)
    return files


def as_har(rows: list[dict]) -> str:
    entries = [
        {
            "request": {
                "method": "POST",
                "url": f"https://x/sandbox/events?key={row['headers'].get('Bearer', '')}",
                "headers": [{"name": n, "value": v} for n, v in row["headers"].items()],
                "postData": {"text": json.dumps(row["body"])},
            },
            "response": {"status": 200, "content": {"text": json.dumps(row.get("response"))}},
        }
        for row in rows
    ]
    return json.dumps({"log": {"entries": entries}})


def as_scenario(rows: list[dict]) -> str:
    steps = [
        {
            "headers": row["headers"],
            **({"raw": b} if isinstance(b := row["body"], str) else {"body": b}),
        }
        for row in rows
    ]
    about = json.dumps(rows[0]["body"])
    return json.dumps({"name": "mine", "title": about, "about": about, "steps": steps})


WRITERS = {
    "jsonl": lambda rows: "\n".join(map(json.dumps, rows)),
    "json": lambda rows: json.dumps(rows, indent=2),
    "har": as_har,
    "scenario": as_scenario,
}


def output_of(run, folder: Path, *args: str) -> str:
    """All that a command writes: both streams, and every file that was not there before."""
    before = set(folder.rglob("*"))
    ran = run(*args)
    made = [path.read_text("utf-8") for path in set(folder.rglob("*")) - before if path.is_file()]
    return "\n".join([ran.out, ran.err, *made])


@pytest.mark.parametrize("kind", FORMATS)
def test_check_shows_no_secret_in_any_format(run, recorded, tmp_path, kind, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    more = ["-v", "--report", f"{kind}:out/report.txt", "--coverage", "cover.json"]
    if recorded[0].endswith(".jsonl"):  # what is minimized was read: its form no longer counts
        more.append("--minimize")
    written = output_of(run, tmp_path, "check", *recorded, "--output-format", kind, *more)
    assert leaks(written) == []
    assert "unknown-field" in written or kind == "github"


@pytest.mark.parametrize("form", ["scenario", "jsonl", "har", "json", "shorthand"])
def test_convert_writes_no_secret_in_any_form(run, recorded, tmp_path, form):
    for name in recorded:
        assert leaks(output_of(run, tmp_path, "convert", name, "--to", form)) == []


def test_play_and_verify_show_no_secret(run, recorded, tmp_path):
    for name in recorded:
        for args in (["play", name], ["verify", name, "--target", "http://127.0.0.1:1"]):
            assert leaks(output_of(run, tmp_path, *args)) == []


def test_what_cannot_be_read_is_not_repeated_with_its_secret(run, tmp_path):
    for secret in SECRETS.values():
        (tmp_path / "a.json").write_text(f'{{"{secret}": {secret}')
        (tmp_path / f"{secret}.json").write_text("[1]")
        for args in (["check", "a.json"], ["check", f"{secret}.json"], ["check", "."]):
            assert leaks(output_of(run, tmp_path, *args)) == []
