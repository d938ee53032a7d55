"""Times to the second, and audiences to the letter."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cdshooks.clients.client import Client
from cdshooks.errors import CallerUnknown
from tests.trust.ehr import BASE, CLIENT, NOW, PATH, URL, Desk, claims, token
from tests.trust.forging.claimed import WRONG_AUDIENCES


def answer(client: Client, path: str = PATH, **said: Any) -> str:
    """What comes of a good signature over these claims: "accepted", or why not."""
    try:
        Desk((client,)).verify(token(None, claims(**said)), path)
    except CallerUnknown as error:
        return error.reason
    return "accepted"


# ---- times ---------------------------------------------------------------------------------------

Times = Callable[[int], dict[str, float]]

# For each claim: times that stand just at the end of the skew, what the claim at fault is, and what
# comes of one second before, just at, and one second after it.
EDGES: dict[str, tuple[Times, tuple[str, str, str]]] = {
    "exp": (
        lambda skew: {"exp": NOW - skew, "iat": NOW - skew - 300},
        ("expired", "expired", "accepted"),
    ),
    "iat": (
        lambda skew: {"iat": NOW + skew, "exp": NOW + skew + 300},
        ("accepted", "accepted", "issued-later"),
    ),
    "nbf": (
        lambda skew: {"nbf": NOW + skew},
        ("accepted", "accepted", "not-yet"),
    ),
}


@pytest.mark.parametrize("skew", [0, 60, 120])
@pytest.mark.parametrize("claim", EDGES)
def test_p115_p116_b3_each_time_ends_at_its_second(claim, skew):
    times_of, expected = EDGES[claim]
    times = times_of(skew)
    client = replace(CLIENT, skew_seconds=skew)
    for step, result in zip((-1, 0, 1), expected, strict=True):
        assert answer(client, **{**times, claim: times[claim] + step}) == result
        assert answer(client, **{**times, claim: times[claim] + step + 0.0}) == result


@pytest.mark.parametrize("most", [300, 900, 3_600])
def test_p117_b3_a_token_may_live_as_long_as_its_client_is_registered_for(most):
    client = replace(CLIENT, lifetime_seconds=most)
    for step, result in zip((-1, 0, 1), ("accepted", "accepted", "lifetime"), strict=True):
        assert answer(client, exp=NOW + most + step) == result
    early = {"iat": NOW - most, "exp": NOW + 1}
    assert answer(client, **early) == "lifetime"
    assert answer(client, **{**early, "iat": NOW - most + 1}) == "accepted"


@pytest.mark.parametrize(("step", "result"), [(-1, "lifetime"), (0, "lifetime"), (1, "accepted")])
def test_p115_b3_a_token_ends_after_it_was_issued(step, result):
    assert answer(CLIENT, iat=NOW, exp=NOW + step) == result


def test_p115_b3_fractions_of_a_second_are_times_too():
    assert answer(CLIENT, iat=NOW + 0.25, exp=NOW + 299.75, nbf=NOW - 0.5) == "accepted"
    assert answer(replace(CLIENT, skew_seconds=0), iat=NOW - 9, exp=NOW + 0.001) == "accepted"
    assert answer(replace(CLIENT, skew_seconds=0), iat=NOW + 0.001) == "issued-later"


# ---- audiences -----------------------------------------------------------------------------------

SITE = "urn:site:net-support"

ACCEPTED: dict[str, Any] = {
    "the URL": URL,
    "a list with it": [URL],
    "a list with it last": ["https://a.example", BASE, URL],
    "a list with it twice": [URL, URL],
    "the site's own": SITE,
    "a list with the site's own": ["https://a.example", SITE],
}


@pytest.mark.parametrize("audience", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_p114_b4_the_audience_is_the_exact_url_that_was_called_or_one_that_is_registered(audience):
    assert answer(replace(CLIENT, audiences=(SITE, "x")), aud=audience) == "accepted"


@pytest.mark.parametrize("audience", WRONG_AUDIENCES.values(), ids=WRONG_AUDIENCES.keys())
def test_p114_b4_no_other_audience_will_do_even_where_the_site_has_its_own(audience):
    assert len(WRONG_AUDIENCES) >= 20
    assert answer(replace(CLIENT, audiences=(SITE,)), aud=audience) == "audience"


def test_p114_b4_the_audience_of_one_client_is_not_that_of_another():
    assert answer(CLIENT, aud=SITE) == "audience"


@pytest.mark.parametrize("base", [BASE, BASE + "/"])
def test_p114_b4_a_slash_behind_the_configured_base_makes_no_difference(base):
    assert Desk(base=base).verify(token()) is CLIENT


def test_p114_b4_the_path_of_a_proxy_belongs_to_the_base():
    desk = Desk(base="https://hospital.example/cds/v1")
    aud = f"https://hospital.example/cds/v1{PATH}"
    assert desk.verify(token(None, claims(aud=aud))) is CLIENT
    with pytest.raises(CallerUnknown):
        desk.verify(token(None, claims(aud=f"https://hospital.example{PATH}")))
