"""What a token says and which checks it passes, in lines of 80 columns."""

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cdshooks.clients.client import Client
from cdshooks.trust.checks import CHECKS, FORBIDDEN, Call, examine
from cdshooks.trust.keys import KeySet
from cdshooks.trust.reasons import REASONS
from cdshooks.trust.token import Token

WIDTH = 80
_HEADER = ("alg", "typ", "kid", "jku")
_CLAIMS = ("iss", "aud", "exp", "iat", "nbf", "jti", "sub", "tenant")
_TIMES = frozenset({"exp", "iat", "nbf"})
_SHOWN_AT_MOST = 400  # characters of one value


@dataclass(frozen=True, slots=True)
class Case:
    """A token in a call. `client` has its issuer; `keys` is None where they are not at hand.

    `endpoints`: nobody said which URL was called, so one of these is assumed. `is_now`: nobody said
    when, so it is this moment.
    """

    token: Token
    client: Client | None
    keys: KeySet | None
    call: Call
    endpoints: tuple[str, ...] = ()
    is_now: bool = False

    def findings(self) -> dict[str, bool | None]:
        """Each check with whether it is passed; None where that cannot be told."""
        keys = self.keys or KeySet()
        asked = examine(self.token, self.client, lambda _, kid: keys.find(kid), self.call)
        found = dict(asked)
        if self.keys is None:
            found.pop("key", None)
        return {check: found.get(check) for check in CHECKS}


def explanation(case: Case, issuers: Iterable[str]) -> Iterator[str]:
    """What the token says, then each check; `issuers` are the registered ones."""
    yield from _said(case)
    yield f"Called at {case.call.url}"
    if case.endpoints:
        yield "(assumed: give --url)"
    yield f"on {_instant(case.call.now)}, by client {case.client.name if case.client else '?'}"
    if case.keys is None and case.client is not None:
        yield "Its keys are at its jku and were not fetched: give a copy of the set by --jwks"
    for why in case.keys.refused if case.keys else ():
        yield from _wrapped(f"Of its set not used is {why}", "")
    yield ""
    findings = case.findings()
    for check, passed in findings.items():
        yield from finding(check, passed)
        if passed is False:
            for line in _here(check, case, issuers):
                yield from _wrapped(line, " " * 8)
    yield ""
    yield from _wrapped(_verdict(findings, case.call), "")
    failed = [check for check, passed in findings.items() if passed is False]
    if case.is_now and failed == ["expired"]:
        ago = round(case.call.now - case.token.claims["exp"])
        said = f"It expired {ago} s before now: if it was called earlier, give --at"
        yield from _wrapped(f"{said} (the time in the log line)", "")


def finding(check: str, passed: bool | None) -> Iterator[str]:
    """A check with its outcome, and where it failed what that means and its cure."""
    yield f"{_OUTCOMES[passed]}  {check}"
    if passed is False:
        yield from _wrapped(REASONS[check].means, " " * 8)
        yield from _wrapped(REASONS[check].cure, " " * 8)


_OUTCOMES = {True: "passed", False: "FAILED", None: "open  "}


def _verdict(findings: dict[str, bool | None], call: Call) -> str:
    failed = next((check for check, passed in findings.items() if passed is False), None)
    if failed is not None:
        return f"Refused with {403 if failed in FORBIDDEN else 401}: {failed}"
    if None in findings.values():
        return "Not decided: what is open could not be checked"
    return f"Accepted for a call of {call.url}, if no token with this jti was used before"


def _here(check: str, case: Case, issuers: Iterable[str]) -> Iterator[str]:
    """What would have been accepted here, for the checks that compare."""
    client = case.client
    if check == "issuer":
        yield from (f"registered: {issuer}" for issuer in issuers)
    elif client is None:
        return
    elif check == "jku" and client.jku is not None:
        yield f"registered: {client.jku.url}"
    elif check == "key" and case.keys is not None:
        yield from (f"in the set: {_shown(kid)}" for kid in case.keys.keys)
    elif check == "audience":
        yield from _audiences(case, client)
    elif check == "lifetime":
        yield f"registered: {client.lifetime_seconds} s"
    elif check in _PASSES:
        claim, side = _PASSES[check]
        seconds = round(abs(case.token.claims[claim] - case.call.now))
        yield f"{claim} is {seconds} s {side} the call; allowed are {client.skew_seconds} s"


def _audiences(case: Case, client: Client) -> Iterator[str]:
    base = case.call.base
    yield from (f"accepted: {base}{path}" for path in case.endpoints or (case.call.path,))
    yield from (f"accepted for each URL: {audience}" for audience in client.audiences)
    if case.endpoints:
        yield f"accepted for discovery alone: {base}/cds-services"


_PASSES = {
    "expired": ("exp", "before"),
    "issued-later": ("iat", "after"),
    "not-yet": ("nbf", "after"),
}


def _said(case: Case) -> Iterator[str]:
    for members, names in ((case.token.header, _HEADER), (case.token.claims, _CLAIMS)):
        for name in names:
            if name in members:
                told = _told_time(members[name], case.call.now) if name in _TIMES else ""
                yield from _wrapped(_shown(members[name]) + told, " " * 8, f"{name:8}")
        if more := len(members.keys() - set(names)):
            yield f"{'':8}and {more} more, not shown"
        yield ""


def _shown(value: Any) -> str:
    """As JSON in ASCII: no sign of it moves the cursor, and no letter looks like another."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}... ({len(text)} long)"


def _told_time(value: Any, now: float) -> str:
    try:
        seconds = round(value - now)
        return f" ({_instant(value)}, {abs(seconds)} s {'ago' if seconds < 0 else 'ahead'})"
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    first = indent if first is None else first
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
