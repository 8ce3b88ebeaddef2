"""What open findings stake is summed in the report of a failing test."""

FORGOTTEN_PLAN = '"P{d:1,p:1>d} F{d:1} R{d:1}"'


def test_the_sum_at_stake_ends_the_report_of_a_failure(inner):
    ran = inner(
        f"""
        def test_return(hakuna):
            hakuna.play({FORGOTTEN_PLAN})
        """
    )
    ran.stdout.fnmatch_lines(["*FAILED: *; at stake: €84.99 (fails on warning)*"])


def test_a_sum_that_holds_what_is_allowed_is_left_out(inner):
    ran = inner(
        """
        import pytest

        @pytest.mark.hakuna(allow=["refund-missing-protection"])
        def test_return(hakuna):
            hakuna.play("P{d:1,p:1>d} F{d:1} R{d:1} P#2{d:1} F#2{d:2}")
        """
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*FAILED: *"])
    ran.stdout.no_fnmatch_line("*at stake: *")
