"""Nobody comes in with a forged token, and our log says why."""

import pytest

from cdshooks.errors import CallerUnknown
from cdshooks.trust.checks import FORBIDDEN
from cdshooks.trust.reasons import REASONS
from tests.trust.ehr import CLIENT, KID, OTHER, Desk, token
from tests.trust.forging.headers import jkus
from tests.trust.forging.table import FORGED


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_p107_p108_p110_p111_p112_p113_p115_p116_p117_p121_b1_b2_b3_b4_b5_a_forged_token_is_refused(
    forged,
):
    """For the reason in the table, and no forger can fill the store of used tokens."""
    desk = Desk()
    with pytest.raises(CallerUnknown) as caught:
        desk.present(forged.authorization)
    assert caught.value.reason == forged.reason
    assert not desk.used


def test_b1_the_table_shows_every_reason_for_which_a_caller_is_unknown():
    assert {forged.reason for forged in FORGED} == set(REASONS) - FORBIDDEN - {"used"}
    assert len(FORGED) > 300


def test_p107_p121_b1_the_tokens_are_refused_for_their_faults_alone():
    """What the forgers begin with is accepted: without its fault a token would come in."""
    assert Desk().verify(token()) is CLIENT


def test_p112_a3_of_a_wrong_jku_no_key_is_asked_for():
    variants = list(jkus())
    assert len(variants) >= 40
    for forged in variants:
        desk = Desk()
        with pytest.raises(CallerUnknown):
            desk.present(forged.authorization)
        assert desk.asked == []


def test_p111_b2_a_key_is_asked_for_by_nothing_but_the_registered_client_and_the_kid():
    asked = set()
    for forged in FORGED:
        desk = Desk()
        with pytest.raises(CallerUnknown):
            desk.present(forged.authorization)
        asked |= {(issuer, type(kid)) for issuer, kid in desk.asked}
    assert asked == {(CLIENT.issuer, str), (OTHER.issuer, str)}


def test_b2_a_kid_is_looked_up_as_it_is():
    desk = Desk()
    for kid in ("../../dev/null", "' OR 1=1 --", "\x00", f"{KID}\x00"):
        with pytest.raises(CallerUnknown):
            desk.verify(token({"alg": "ES384", "typ": "JWT", "kid": kid}))
        assert desk.asked[-1] == (CLIENT.issuer, kid)
