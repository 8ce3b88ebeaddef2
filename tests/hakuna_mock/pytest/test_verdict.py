import os

import pytest

FORGOTTEN_PLAN = '"P{d:1, p:1>d} F{d:1} R{d:1}"'
RULE = "refund-missing-protection"


def test_a_shop_that_behaves_passes(inner):
    ran = inner(
        """
        def test_return(hakuna):
            hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1, p:1}")
            hakuna.assert_received("order_refund_added", order_id="ord-1")
        """
    )
    ran.assert_outcomes(passed=1)


def test_a_violation_fails_the_test_in_its_own_call_phase_with_the_explanation(inner):
    ran = inner(f"def test_return(hakuna): hakuna.play({FORGOTTEN_PLAN})")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        [
            f"hakuna: {RULE}",
            f"violation {RULE} (documented)",
            "  --> request 3:6:7  order_refund_added ord-1",
            "*refunds 1 × iPhone 14 (line-d) but not the protection*",
            "  fix:    add line-p, quantity 1",
            "  source: *",
            f'To permit it in this test: @pytest.mark.hakuna(allow=?"{RULE}"?)',
        ]
    )


def test_the_events_of_a_failing_test_are_a_numbered_list(inner):
    ran = inner(f"def test_return(hakuna): hakuna.play({FORGOTTEN_PLAN})")
    ran.stdout.fnmatch_lines(
        [
            "*- hakuna events -*",
            "1. order_placed ord-1 *200 evt-*",
            "2. order_fulfillment_added ord-1 *200 evt-*",
            f"3. order_refund_added ord-1 *200 evt-*  {RULE}",
        ]
    )


def test_the_tests_own_error_is_shown_with_the_findings_beside_it(inner):
    ran = inner(
        f"""
        def test_return(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
            assert 1 == 2
        """
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        ["E *assert 1 == 2", "*- hakuna findings -*", f"violation {RULE} (documented)"]
    )
    ran.stdout.fnmatch_lines(["FAILED *::test_return - assert 1 == 2"])


def test_allowed_rules_do_not_fail_and_the_others_do(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.mark.hakuna(allow=["{RULE}"])
        def test_known(hakuna): hakuna.play({FORGOTTEN_PLAN})

        @pytest.mark.hakuna(allow=["zip-format"])
        def test_another(hakuna): hakuna.play({FORGOTTEN_PLAN})
        """
    )
    ran.assert_outcomes(passed=1, failed=1)


def test_markers_of_class_and_function_add_up(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.mark.hakuna(allow=["{RULE}"])
        class TestReturns:
            @pytest.mark.hakuna(allow=["unknown-order"])
            def test_both(self, hakuna): hakuna.play({FORGOTTEN_PLAN} + " X#9")
        """
    )
    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('allow=["refund-missing-protecton"]', "*there is no rule*did you mean refund-missing-*"),
        ('allow=["nonsense"]', "*there is no rule 'nonsense'; hakuna-mock rules lists them"),
        ("allow=[1]", "*there is no rule 1;*"),
        ('alow=["zip-format"]', "*there is no keyword 'alow'; did you mean allow?"),
        ('severity="advice"', "*there is no keyword 'severity'; write allow=*"),
        ('allow="zip-format"', "*allow='zip-format' is not a list; write allow=*"),
        ('"zip-format"', "*it takes no plain arguments; write allow=*"),
    ],
)
def test_a_misused_marker_is_an_error_that_says_what_was_meant(inner, marker, message):
    ran = inner(
        f"""
        import pytest

        @pytest.mark.hakuna({marker})
        def test_return(hakuna): pass
        """
    )
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([f"@pytest.mark.hakuna: {message}"])
    assert "Traceback" not in ran.stdout.str()
    assert "another exception" not in ran.stdout.str()


def test_an_expected_finding_must_fire_and_then_does_not_fail(inner):
    ran = inner(
        f"""
        def test_known(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
            (finding,) = hakuna.expect_finding("{RULE}")
            assert finding["order_id"] == "ord-1"

        def test_absent(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
            hakuna.expect_finding("zip-format")

        def test_nothing(hakuna):
            hakuna.expect_finding("zip-format")
        """
    )
    ran.assert_outcomes(passed=1, failed=2)
    ran.stdout.fnmatch_lines(
        ["E *expected finding zip-format, which did not fire", "E *fired:", f"E *violation {RULE}"]
    )
    ran.stdout.fnmatch_lines(["E *nothing fired"])


def test_a_finding_that_was_resolved_fails_nothing(inner):
    ran = inner(f'def test_late(hakuna): hakuna.play({FORGOTTEN_PLAN} + " R{{p:1}}")')
    ran.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("fail_on", "advice", "warning", "violation"),
    [
        ("never", "passed", "passed", "passed"),
        ("violation", "passed", "passed", "failed"),
        ("warning", "passed", "failed", "failed"),
        ("advice", "failed", "failed", "failed"),
    ],
)
def test_the_ini_option_says_from_which_severity_a_test_fails(
    inner, fail_on, advice, warning, violation
):
    source = f"""
        from contracts.shorthand import bodies

        def test_advice(hakuna):
            hakuna.send(bodies("P{{d:1}}")[0], headers={{"Hakuna-Version": None}})

        def test_warning(hakuna):
            hakuna.play("F{{d:1}} P{{d:1}}")

        def test_violation(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
        """
    expected = {"passed": 0, "failed": 0}
    for outcome in (advice, warning, violation):
        expected[outcome] += 1
    inner(source, "-o", f"hakuna_fail_on={fail_on}").assert_outcomes(**expected)
    # The command line wins.
    ran = inner(source, "-o", "hakuna_fail_on=never", f"--hakuna-fail-on={fail_on}")
    ran.assert_outcomes(**expected)


def test_a_wrong_limit_ends_the_run_before_the_first_test(inner):
    ran = inner("def test_nothing(): pass", "-o", "hakuna_fail_on=warnings")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*hakuna_fail_on = warnings: must be one of violation, warning*"])


def test_skips_and_expected_failures_stay_what_they_are(inner):
    ran = inner(
        f"""
        import pytest

        def test_skipped(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
            pytest.skip("not today")

        @pytest.mark.xfail(strict=True)
        def test_known_bug(hakuna): hakuna.play({FORGOTTEN_PLAN})

        def test_given_up(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
            pytest.xfail("known")
        """
    )
    ran.assert_outcomes(skipped=1, xfailed=2)


def test_events_of_other_fixtures_are_judged_with_the_test(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.fixture
        def returned(hakuna): hakuna.play({FORGOTTEN_PLAN})

        def test_return(returned): pass
        """
    )
    ran.assert_outcomes(failed=1)


def test_events_sent_while_fixtures_are_torn_down_are_an_error_after_the_test(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.fixture
        def returned(hakuna):
            yield
            hakuna.play({FORGOTTEN_PLAN})

        def test_return(returned): pass
        """
    )
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(
        [f"hakuna: {RULE}, sent after the test, while its fixtures were torn*"]
    )


def test_a_failing_test_is_not_failed_again_by_what_comes_after_it(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.fixture
        def returned(hakuna):
            yield
            hakuna.play("X#7")

        def test_violation(hakuna, returned): hakuna.play({FORGOTTEN_PLAN})
        def test_own_error(hakuna, returned): assert False
        """
    )
    ran.assert_outcomes(failed=2)


def test_tests_never_see_each_others_events(inner):
    ran = inner(
        """
        import pytest

        keys = set()

        @pytest.mark.parametrize("number", range(5))
        def test_order(hakuna, number):
            assert hakuna.events() == hakuna.orders() == hakuna.findings() == []
            hakuna.play("P{d:1}")
            hakuna.assert_received("order_placed", count=1)
            keys.add(hakuna.api_key)

        def test_every_key_was_another():
            assert len(keys) == 5
        """
    )
    ran.assert_outcomes(passed=6)


def test_worlds_do_not_pile_up_even_if_tests_fail(inner):
    ran = inner(
        f"""
        import pytest

        @pytest.mark.parametrize("number", range(5))
        def test_order(hakuna, number): hakuna.play({FORGOTTEN_PLAN})

        def test_nothing_is_left(hakuna_server):
            assert hakuna_server.get("/worlds") == []
        """
    )
    ran.assert_outcomes(failed=5, passed=1)


def test_a_request_without_a_usable_key_fails_the_test_that_sent_it_and_no_other(inner):
    ran = inner(
        """
        import urllib.error
        import urllib.request

        import pytest

        def test_no_key(hakuna):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(hakuna.events_url, data=b"{}")

        def test_innocent(hakuna): hakuna.play("P{d:1}")

        def test_wanted(hakuna):
            hakuna.send({}, headers={"Authorization": "Bearer nonsense"})
            hakuna.expect_finding("auth-invalid")
        """
    )
    ran.assert_outcomes(failed=1, passed=2)
    ran.stdout.fnmatch_lines(["hakuna: auth-invalid", "*no API key was sent", "1. no event *401*"])


def test_hostile_text_is_shown_as_text(inner):
    ran = inner(
        r"""
        import json

        def test_return(hakuna):
            hostile = "ord-\x1b[31m\u202e<script>\r\n"
            hakuna.send({"type": "order_cancelled", "payload": {
                "order_id": hostile, "cancelled_at": "2024-03-01T09:00:00.000Z"}})
            hakuna.send(b"\xff\xfe not json \x07")
            hakuna.send("x" * 100_000)
        """
    )
    ran.assert_outcomes(failed=1)
    text = ran.stdout.str()
    assert "unknown-order" in text
    assert not set(text) & {"\x1b", "\u202e", "\x07"}
    assert max(len(line) for line in ran.outlines) < 2000


def test_many_findings_are_cut_and_counted(inner):
    ran = inner("def test_return(hakuna): [hakuna.play(f'X#{n}') for n in range(30)]")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["… and 10 more findings"])


def test_a_server_that_is_gone_is_said_in_a_sentence(inner):
    ran = inner(
        """
        def test_return(hakuna, hakuna_server):
            hakuna_server.close()
            hakuna_server.url = "http://127.0.0.1:9"
        """
    )
    ran.assert_outcomes(failed=1, errors=1)
    ran.stdout.fnmatch_lines(["hakuna: there is no verdict on this test: http://127.0.0.1:9 does*"])
    assert "Traceback" not in ran.stdout.str()


def test_no_traceback_shows_the_key_or_our_insides(inner):
    ran = inner(
        """
        import os, pytest

        @pytest.fixture
        def gone(hakuna, hakuna_server):
            os.environ["WORLD_KEY"] = hakuna.api_key
            hakuna_server.close()
            hakuna_server.url = "http://127.0.0.1:9"

        def test_events(hakuna, gone): hakuna.events()
        def test_send(hakuna, gone): hakuna.send({})
        """
    )
    ran.assert_outcomes(failed=2, errors=2)
    ran.stdout.fnmatch_lines(["E *TargetError: http://127.0.0.1:9 does not answer: *"])
    ran.stdout.fnmatch_lines_random(
        ["hakuna: the world of this test was not deleted: http://127.0.0.1:9 does not answer: *"]
    )
    assert os.environ.pop("WORLD_KEY") not in ran.stdout.str()
    assert "target.py" not in ran.stdout.str()


def test_junit_reports_hold_the_explanation(inner, pytester):
    inner(f"def test_return(hakuna): hakuna.play({FORGOTTEN_PLAN})", "--junitxml=report.xml")
    text = (pytester.path / "report.xml").read_text("utf-8")
    assert f"hakuna: {RULE}" in text
    assert "fix:    add line-p, quantity 1" in text
