"""The naive model at the door: credentials, headers, JSON, and every field of an event."""

import json

import pytest
from model_plays import ModelPlays

from contracts.shorthand import bodies
from fuzz.model.times import DAY, date_of, days_since_1970, months_later, time_of

LIVE = "sk_live_" + "a"
V, W, A = "violation", "warning", "advice"
LIVE = "sk_live_" + "a"


def placed(**changes):
    """A placement with some members changed, each named by its path with __ between the parts."""
    body = bodies("P{d:1,p:1>d}")[0]
    for path, value in changes.items():
        *way, last = (int(part) if part.isdigit() else part for part in path.split("__"))
        holder = body["payload"]
        for part in way:
            holder = holder[part]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value
    return body


class TestCredentials:
    @pytest.mark.parametrize(
        ("authorization", "bearer", "status", "findings"),
        [
            ("Bearer sk_test_a", None, 200, {}),
            ("bEARER sk_test_a", None, 200, {}),
            (None, "sk_test_a", 200, {"auth-bearer-header": A}),
            ("Bearer sk_test_a", "sk_test_a", 200, {}),
            ("Bearer sk_test_a", "sk_test_b", 200, {"auth-credentials-conflict": W}),
            (None, None, 401, {"auth-invalid": V}),
            ("sk_test_a", None, 401, {"auth-invalid": V}),
            ("Basic x", "sk_test_a", 401, {"auth-invalid": V}),
            ("Bearer pk_test_a", None, 401, {"auth-invalid": V}),
            (f"Bearer {LIVE}", None, 401, {"auth-environment-mismatch": V}),
            ("Bearer sk_test_a", LIVE, 401, {"auth-environment-mismatch": V}),
        ],
    )
    def test_the_forms_of_a_key(self, authorization, bearer, status, findings):
        headers = {"Authorization": authorization, "Bearer": bearer}
        reply = ModelPlays().play("P{d:1}", headers)
        assert (reply.status, reply.findings) == (status, findings)
        assert reply.world == ("sk_test_a" if status == 200 else None)

    def test_only_the_keys_that_exist_are_good(self):
        plays = ModelPlays(api_keys=("sk_test_a",))
        assert plays.play("P{d:1}", {"Authorization": "Bearer sk_test_a"}).status == 200
        assert plays.play("P{d:1}", {"Authorization": "Bearer sk_test_b"}).status == 401

    def test_a_server_may_take_one_form_only(self):
        bearer = {"Authorization": None, "Bearer": "sk_test_a"}
        assert ModelPlays(auth="authorization").play("P{d:1}", bearer).status == 401
        assert ModelPlays(auth="bearer-header").play("P{d:1}", bearer).findings == {}
        assert ModelPlays(auth="bearer-header").play("P{d:1}").status == 401


@pytest.mark.parametrize(
    ("header", "value", "findings"),
    [
        ("Hakuna-Version", None, {"version-header-missing": A}),
        ("Hakuna-Version", " ", {"version-header-missing": A}),
        ("Hakuna-Version", "v1.2", {"version-header-unexpected": W}),
        ("Hakuna-Version", " v2.0 ", {}),
        ("Hakuna-Idempotency-Key", "", {"idempotency-key-missing": A}),
        ("Hakuna-Idempotency-Key", "a b", {"idempotency-key-invalid": V}),
        ("Hakuna-Idempotency-Key", "x" * 256, {"idempotency-key-invalid": V}),
        ("Hakuna-Idempotency-Key", "x" * 255, {}),
        ("Content-Type", None, {"content-type": A}),
        ("Content-Type", "text/plain", {"content-type": A}),
        ("Content-Type", "application/vnd.api+json; charset=utf-8", {}),
    ],
)
def test_headers(header, value, findings):
    reply = ModelPlays().play("P{d:1}", {header: value})
    assert reply.findings == findings
    assert reply.status == (400 if "idempotency-key-invalid" in findings else 200)


INVALID, TIME, TYPE = "body-invalid", "timestamp-format", "unknown-event-type"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"order_id": ""}, {INVALID: 1}),
        ({"order_id": 7}, {INVALID: 1}),
        ({"placed_at": ...}, {INVALID: 1}),
        ({"placed_at": None}, {TIME: 1}),
        ({"placed_at": 1645315200000}, {TIME: 1}),
        ({"placed_at": "2024-03-01T24:00:00Z"}, {TIME: 1}),
        ({"placed_at": "2024-03-01 09:00:00Z"}, {TIME: 1}),
        ({"placed_at": "2024-03-01"}, {TIME: 1}),
        ({"order_currency": "EUR"}, {"currency-format": 1}),
        ({"customer_billing_address__country": ""}, {"country-format": 1}),
        ({"customer_billing_address__country": "de\n"}, {"country-format": 1}),
        ({"customer_billing_address__zip": 81371}, {INVALID: 1}),
        ({"customer_billing_address__address_line_2": 1}, {INVALID: 1}),
        ({"customer__email": None}, {INVALID: 1}),
        ({"customer": {}}, {INVALID: 3}),
        ({"customer": []}, {INVALID: 1}),
        ({"cart_id": 1}, {INVALID: 1}),
        ({"line_items": []}, {INVALID: 1}),
        ({"line_items__0": 1}, {INVALID: 1}),
        ({"line_items__0__quantity": True}, {INVALID: 1}),
        ({"line_items__0__quantity": 0, "line_items__1__quantity": 1.5}, {INVALID: 2}),
        ({"line_items__0__price_amount": "899.00"}, {INVALID: 1}),
        (
            {"line_items__0__price_amount": -1, "order_currency": 1},
            {INVALID: 1, "currency-format": 1},
        ),
        ({"line_items__0__product_id": ""}, {INVALID: 1}),
        ({"line_items__1__custom_properties__product_reference": ""}, {INVALID: 1}),
    ],
)
def test_faults_of_a_placement(changes, faults):
    reply = ModelPlays().send(placed(**changes))
    assert (reply.status, reply.error_code) == (400, "invalid_request_parameters")
    assert reply.counts == faults
    assert set(reply.findings.values()) == {V}


@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        ({"line_items__0__quantity": 2.0}, {}),
        ({"cart_id": None}, {}),
        ({"customer__email": "", "customer__first_name": ""}, {}),
        ({"customer__email": "n/a"}, {"email-format": A}),
        ({"customer_billing_address__zip": "123456"}, {"zip-format": A}),
        ({"customer_billing_address__zip": ""}, {}),
        ({"customer_billing_address__country": "zz"}, {"country-unknown": W}),
        ({"order_currency": "xyz"}, {"currency-unknown": W}),
        ({"order_currency": "sek"}, {"currency-country-mismatch": W}),
        ({"coupon": 1}, {"unknown-field": A}),
        ({"line_items__0__custom_properties": {"free": 1}}, {}),
        ({"line_items__0__custom_properties": {"product_refrence": "x"}}, {"unknown-field": A}),
        (
            {"line_items__0__custom_properties": {"protection_line_item_id": "p"}},
            {"legacy-linkage": A},
        ),
        ({"line_items__1__product_brand": "Hakuna"}, {"protection-brand-case": A}),
        ({"line_items__0__product_brand": "HAKUNA"}, {"protection-missing-reference": W}),
        ({"line_items__1__price_amount": 0}, {"protection-price-zero": A}),
        ({"placed_at": "2999-01-01T00:00:00Z"}, {"timestamp-future": A}),
        ({"placed_at": "0000-02-29t00:00:00.5-00:00"}, {"placement-date-implausible": A}),
        ({"placed_at": "2000-01-01T00:00:00Z"}, {}),
    ],
)
def test_values_of_a_placement(changes, findings):
    reply = ModelPlays().send(placed(**changes))
    assert (reply.status, reply.findings) == (200, findings)


@pytest.mark.parametrize(
    ("item", "findings"),
    [
        ({"cancelled_at": "2024-03-02T09:00:00Z", "quantity": 1}, {}),
        ({"refunded_at": "2024-03-02T09:00:00Z", "quantity": 1}, {"cancel-timestamp-alias": A}),
        (
            {"cancelled_at": "2024-03-02T09:00:00Z", "quantity": None},
            {"cancel-quantity-missing": A},
        ),
        ({"quantity": 1}, {INVALID: V}),
        ({"quantity": 1, "cancelled_at": None, "refunded_at": None}, {INVALID: V}),
        ({"quantity": 1, "cancelled_at": "soon", "refunded_at": "2024-03-02T09:00:00Z"}, {TIME: V}),
    ],
)
def test_entries_of_a_cancellation(item, findings):
    plays = ModelPlays()
    plays.play("P{d:1}")
    items = [{"line_item_id": "line-d", **item}]
    payload = {"order_id": "ord-1", "cancelled_line_items": items}
    assert (
        plays.send({"type": "order_line_items_cancelled", "payload": payload}).findings == findings
    )


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (1, {INVALID: 1}),
        ({}, {INVALID: 2}),
        ({"type": "order_paid", "payload": {}}, {TYPE: 1, INVALID: 1}),
        ({"type": None, "payload": {"order_id": "o"}}, {TYPE: 1}),
        ({"type": "order_cancelled", "payload": []}, {INVALID: 1}),
        ({"type": "order_cancelled", "payload": {"order_id": "o"}}, {INVALID: 1}),
    ],
)
def test_faults_of_the_envelope(body, faults):
    assert ModelPlays().send(body).counts == faults


class TestJson:
    good = json.dumps(bodies("P{d:1}")[0])

    def sent(self, text: str):
        return ModelPlays().send(text.encode("utf-8", "surrogatepass"))

    @pytest.mark.parametrize("member", ["NaN", "-Infinity", "1e400", '"\\ud800"', "9" * 309])
    def test_what_is_no_strict_json_is_refused(self, member):
        reply = self.sent(self.good.replace("{", '{"x": ' + member + ", ", 1))
        assert (reply.status, reply.counts) == (400, {INVALID: 1})

    @pytest.mark.parametrize("member", ["1E5", "-0", '"\\ud83d\\ude00"', "9" * 308])
    def test_what_is_strict_json_is_only_remarked(self, member):
        reply = self.sent(self.good.replace("{", '{"x": ' + member + ", ", 1))
        assert (reply.status, reply.findings) == (200, {"unknown-field": A})

    @pytest.mark.parametrize("around", ["\ufeff%s", "%s x", "%s\x00", "\x0b%s", "'%s'"])
    def test_nothing_but_white_space_stands_around_an_event(self, around):
        assert self.sent(around % self.good).status == 400
        assert self.sent(f" \r\n\t{self.good} ").status == 200

    def test_depth_is_bounded(self):
        def nested(levels):
            return self.sent(
                self.good.replace("{", '{"x": ' + "[" * levels + "]" * levels + ",", 1)
            )

        assert (nested(63).status, nested(64).status) == (200, 400)

    def test_of_a_repeated_key_the_last_wins(self):
        text = self.good.replace("{", '{"type": "order_paid", "type": "order_refund_added", ', 1)
        reply = self.sent(text)
        assert (reply.status, reply.counts) == (200, {"json-duplicate-key": 1})

    def test_the_same_request_may_be_written_another_way(self):
        plays = ModelPlays()
        item = {"Hakuna-Idempotency-Key": "one"}
        body = bodies("P{d:1,p:1>d}")[0]
        plays.send(body, item)
        body["payload"]["line_items"].reverse()
        body["payload"]["line_items"][0]["quantity"] = 1.0
        assert plays.send(dict(reversed(body.items())), item).replay_of == 0
        body["payload"]["line_items"][0]["quantity"] = True
        assert plays.send(body, item).findings == {"idempotency-key-reused": V}


class TestTimes:
    def test_a_leap_second_is_the_next_second(self):
        after = time_of("2017-01-01T00:00:00Z")
        assert time_of("2016-12-31T23:59:60Z") == after
        assert time_of("2017-01-01T05:29:60+05:30") == after
        assert time_of("2016-12-31T23:58:60Z") is None

    @pytest.mark.parametrize("day", [-719_528, -1, 0, 59, 11_016, 19_782, 2_932_896])
    def test_days_and_dates_are_inverse(self, day):
        assert days_since_1970(*date_of(day)) == day

    def test_a_year_has_its_length(self):
        assert (time_of("1970-01-02T00:00:00Z"), days_since_1970(2000, 3, 1)) == (DAY, 11_017)

    def test_months_are_clamped_to_their_last_day(self):
        assert date_of(months_later(days_since_1970(2023, 11, 30), 3)) == (2024, 2, 29)
        assert date_of(months_later(days_since_1970(2024, 3, 2), 3)) == (2024, 6, 2)
