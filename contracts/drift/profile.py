"""The profile: settings under which the mock accepts and refuses as the provider did.

What settings cannot express is listed with its reason, never left out in silence.
"""

from dataclasses import dataclass, field

from contracts.drift.attribution import Standing, Standings, standings
from contracts.drift.drift import Drift
from contracts.http.credentials import Auth
from contracts.printable import printable

MAX_SEEN = 120

_AUTH = {
    "auth-bearer-header": (Auth.AUTHORIZATION, "Bearer"),
    "auth-authorization": (Auth.BEARER_HEADER, "Authorization"),
}
"""What `auth` is where one spelling of the key is refused."""


@dataclass
class Profile:
    """Settings of the table `[tool.hakuna-mock]`.

    `rules` are levels by rule, `auth` is the header that carries the key, None where both do.
    `reasons` say why each of them is there, `missing` what no setting can express.
    """

    rules: dict[str, str] = field(default_factory=dict)
    auth: Auth | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)

    def to_toml(self) -> str:
        """The file that `serve --config` reads."""
        lines = [
            "# Made by hakuna-mock drift --profile from what the provider did.",
            "[tool.hakuna-mock]",
        ]
        if self.auth is not None:
            lines += [f"# {self.reasons['auth']}", f'auth = "{self.auth}"']
        if self.rules:
            lines += ["", "[tool.hakuna-mock.rules]"]
        for rule, level in sorted(self.rules.items()):
            lines += [f"# {self.reasons[rule]}", f'"{rule}" = "{level}"']
        if self.missing:
            lines += ["", "# Settings cannot express:"]
            lines += [f"# - {name}: {why}" for name, why in self.missing]
        return "\n".join(lines) + "\n"


def profile_of(drift: Drift) -> Profile:
    """The profile of what was seen. Pure."""
    found = standings(drift)
    profile = Profile()
    for assumption in found.assumptions:
        if assumption.refuted.count:
            _express(profile, assumption)
    _list_unattributed(profile, found)
    return profile


def _express(profile: Profile, standing: Standing) -> None:
    name = standing.assumption.id
    counts = f"{standing.refuted.count} of {standing.refuted.count + standing.confirmed.count}"
    saw = printable(standing.refuted.saw, MAX_SEEN)
    if name in _AUTH and not standing.mixed:
        profile.auth, header = _AUTH[name]
        profile.reasons["auth"] = f"the provider refused the header {header} ({counts}: {saw})"
    elif standing.assumption.refuses is None:
        profile.missing.append((name, f"assumed: {standing.assumption.assumed} Seen: {saw}"))
    elif standing.assumption.refuses:
        profile.missing.append(
            (name, f"hakuna-mock always refuses this, and the provider did not ({counts})")
        )
    elif standing.mixed:
        profile.missing.append(
            (name, f"refused {counts} times, so it depends on something else ({saw})")
        )
    else:
        profile.rules[name] = "refuse"
        beside = ", ".join(standing.presumed)
        unsure = f"; presumed, for {beside} fired beside it each time" if beside else ""
        profile.reasons[name] = f"the provider refused it {counts} times ({saw}){unsure}"


def _list_unattributed(profile: Profile, found: Standings) -> None:
    for refusal, counted in found.unclear:
        names = " or ".join(refusal.suspects)
        why = f"refused {counted.count} times with {refusal.status}; which of them is not clear"
        profile.missing.append((names, why))
    for refusal, counted in found.unexplained:
        texts = printable("; ".join(refusal.texts) or refusal.error_code or "no text", MAX_SEEN)
        why = f"{counted.count} times {refusal.status}: {texts}"
        profile.missing.append(("a refusal that no rule explains", why))
