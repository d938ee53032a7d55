"""Who is let in with a token, what else it may say, and what a refusal tells."""

import json
import os
import statistics
import time
from dataclasses import replace

import pytest

from cdshooks.clients.client import Client
from cdshooks.errors import CallerForbidden, CallerUnknown, TrustUnavailable
from cdshooks.trust.checks import CHECKS, FORBIDDEN, Call, examine
from cdshooks.trust.keys import KeySet, read_jwks
from cdshooks.trust.reasons import REASONS
from cdshooks.trust.token import TOKEN_AT_MOST, read_token
from cdshooks.trust.verify import Verifier
from tests.trust.ehr import (
    ABSENT,
    BASE,
    CLIENT,
    ISSUER,
    KEYS,
    NOW,
    OTHER,
    OTHER_ISSUER,
    PATH,
    RS384,
    RSA_KEY,
    RSA_KID,
    Desk,
    claims,
    header,
    jwks,
    public_jwk,
    rsa_token,
    token,
    unsigned,
)

FEEDBACK = f"{PATH}/feedback"
SOAK = os.environ.get("CDSHOOKS_SOAK") == "1"


def test_p105_p106_p109_a_good_token_of_each_algorithm_says_which_client_calls():
    desk = Desk()
    assert desk.verify(token()) is CLIENT
    assert desk.verify(rsa_token()) is CLIENT
    assert desk.verify(token(header(jku=ABSENT))) is CLIENT
    assert len(desk.used) == 3


@pytest.mark.parametrize("path", ["/cds-services", PATH, FEEDBACK])
def test_p106_p114_discovery_services_and_feedback_each_want_a_token_of_their_own(path):
    desk = Desk()
    assert desk.verify(token(None, claims(aud=BASE + path)), path) is CLIENT
    for other in {"/cds-services", PATH, FEEDBACK} - {path}:
        with pytest.raises(CallerUnknown) as caught:
            desk.verify(token(None, claims(aud=BASE + path)), other)
        assert caught.value.reason == "audience"


def test_p111_p115_p116_p118_a_token_as_epic_signs_it_is_accepted():
    """RS384, `nbf` before `iat`, a `sub`, a kid with the signs of plain base64, 15 minutes."""
    kid = "QkEx/aB+cD3xYz0123456789AbCdEfGh=="
    epic = Client("epic", "https://ehr.example.org/oauth2", lifetime_seconds=900)
    desk = Desk((epic,), {epic.issuer: read_jwks(jwks(public_jwk(RSA_KEY, kid, use="sig")))})
    said = claims(iss=epic.issuer, sub="a8c5-11", iat=NOW, nbf=NOW - 300, exp=NOW + 900)
    assert desk.verify(token({"alg": "RS384", "typ": "JWT", "kid": kid}, said, RS384)) is epic


@pytest.mark.parametrize("typ", ["JWT", "jwt", "Jwt"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_p106_p110_the_scheme_and_the_type_may_be_written_in_any_case(scheme, typ):
    assert Desk().present(f"{scheme} {token(header(typ=typ))}") is CLIENT


def test_p115_claims_and_header_members_that_nobody_reads_are_no_obstacle():
    more = {"sub": "x", "fhirUser": ["Practitioner/1"], "tenant": {"any": "thing"}, "ünïcode": 1.5}
    assert Desk().verify(token(header(cty="x", x5t="y", extra=[1]), claims(**more))) is CLIENT


def test_b2_a_token_may_be_as_long_as_the_limit():
    sent = [f"Bearer {token(None, claims(sub='x' * more))}" for more in range(11_880, 11_900)]
    assert TOKEN_AT_MOST in map(len, sent)
    for authorization in sent:
        if len(authorization) <= TOKEN_AT_MOST:
            assert Desk().present(authorization) is CLIENT
        else:
            with pytest.raises(CallerUnknown) as caught:
                Desk().present(authorization)
            assert caught.value.reason == "size"


def test_p112_a_client_whose_keys_are_in_a_file_may_name_any_jku_and_nobody_goes_there():
    desk = Desk((replace(CLIENT, jku=None),))
    assert desk.verify(token(header(jku="https://anywhere.example/jwks"))).name == "ehr"
    assert [kid for _, kid in desk.asked] == [header()["kid"]]


def test_p113_b5_the_keys_of_one_issuer_do_not_speak_for_another():
    """The same key id at both: each verifies with its own key, and no other."""
    desk = Desk()
    assert desk.verify(token()) is CLIENT
    with pytest.raises(CallerUnknown):
        desk.verify(token(header(jku=ABSENT), claims(iss=OTHER_ISSUER)))
    assert [issuer for issuer, _ in desk.asked] == [ISSUER, OTHER_ISSUER]


def test_p119_without_clients_nobody_is_let_in():
    with pytest.raises(CallerUnknown):
        Desk(clients=()).verify(token())


# ---- used before ---------------------------------------------------------------------------------


def test_p117_a_token_is_accepted_once():
    desk, jwt = Desk(), token()
    assert desk.verify(jwt) is CLIENT
    with pytest.raises(CallerUnknown) as caught:
        desk.verify(jwt)
    assert caught.value.reason == "used"


def test_p117_another_signature_over_the_same_claims_is_the_same_token():
    """An ECDSA signature can be made anew, and has a twin; so what is remembered is the jti."""
    desk, said = Desk(), claims()
    assert desk.verify(token(None, said)) is CLIENT
    for jwt in (token(None, said), token(header(cty="x"), said), rsa_token(**said)):
        with pytest.raises(CallerUnknown) as caught:
            desk.verify(jwt)
        assert caught.value.reason == "used"


def test_p117_two_issuers_may_use_the_same_jti():
    desk = Desk(keys={ISSUER: KEYS, OTHER_ISSUER: KEYS})
    assert desk.verify(token(None, claims(jti="1"))) is CLIENT
    assert desk.verify(token(header(jku=ABSENT), claims(jti="1", iss=OTHER_ISSUER))) is OTHER


def test_p117_a_jti_is_remembered_until_the_token_would_be_refused_as_expired():
    desk, jwt = Desk(), token(None, claims(exp=NOW + 300))
    desk.verify(jwt)
    (until,) = desk.used.values()
    desk.now = until - 1
    with pytest.raises(CallerUnknown) as caught:
        desk.verify(jwt)
    assert caught.value.reason == "used"
    desk.now = until
    with pytest.raises(CallerUnknown) as caught:
        desk.verify(jwt)
    assert caught.value.reason == "expired"


@pytest.mark.parametrize("jti", ["1", "x" * 256, "urn:uuid:0b9d3c1e", "a b", "ключ", "' OR 1=1 --"])
def test_p117_any_printable_text_can_be_a_jti(jti):
    assert Desk().verify(token(None, claims(jti=jti))) is CLIENT


def test_b6_without_the_store_of_used_tokens_nobody_is_let_in():
    def unavailable(issuer, jti, until):
        raise TrustUnavailable("the store does not answer")

    verifier = Verifier((CLIENT,), BASE, lambda _, kid: KEYS.find(kid), unavailable, lambda: NOW)
    with pytest.raises(TrustUnavailable):
        verifier.verify(f"Bearer {token()}", PATH)


# ---- known, and not allowed ----------------------------------------------------------------------


def forbidden(client: Client, said: dict, path: str = PATH) -> str:
    """Why a client that is known is refused; "" if it is not."""
    desk = Desk((client,))
    try:
        desk.verify(token(None, said), path)
    except CallerForbidden as error:
        assert not desk.used
        return error.reason
    return ""


@pytest.mark.parametrize("tenant", [ABSENT, None, "", "ward-3", "Ward-1", ["ward-1"], {}, 1])
def test_p118_a_tenant_that_is_not_registered_is_forbidden(tenant):
    client = replace(CLIENT, tenants=frozenset({"ward-1", "ward-2"}))
    assert forbidden(client, claims(tenant=tenant)) == "tenant"
    assert forbidden(client, claims(tenant="ward-2")) == ""
    assert forbidden(CLIENT, claims(tenant=tenant)) == ""


@pytest.mark.parametrize("path", [PATH, FEEDBACK])
def test_p118_a_service_that_is_not_registered_is_forbidden_and_so_is_its_feedback(path):
    said = claims(aud=BASE + path)
    none, one = (replace(CLIENT, services=frozenset(s)) for s in ((), {PATH.split("/")[2]}))
    assert forbidden(none, said, path) == "service"
    assert forbidden(one, said, path) == ""
    assert forbidden(none, claims(aud=f"{BASE}/cds-services"), "/cds-services") == ""


def test_p118_who_is_not_known_is_not_told_what_is_forbidden():
    """A wrong signature is a 401, whatever the tenant and the service."""
    desk = Desk((replace(CLIENT, tenants=frozenset(), services=frozenset()),))
    with pytest.raises(CallerUnknown):
        desk.verify(token(None, None, unsigned))


# ---- what a refusal tells ------------------------------------------------------------------------


def test_p119_b10_a_refusal_says_the_same_whatever_the_reason():
    assert len({(str(e), e.diagnostics, e.path) for e in map(CallerUnknown, REASONS)}) == 1
    assert len({(str(e), e.diagnostics, e.path) for e in map(CallerForbidden, FORBIDDEN)}) == 1


def test_p119_b10_a_token_shows_nothing_of_itself_when_printed():
    read = read_token(f"Bearer {token()}")
    for text in (repr(read), str(read), repr(read.jws)):
        assert ISSUER not in text
        assert "eyJ" not in text
        assert json.dumps(header()["kid"]) not in text


def test_p119_every_check_has_a_reason_that_is_told():
    assert set(CHECKS) < set(REASONS)
    assert set(CHECKS) > FORBIDDEN
    read = read_token(f"Bearer {token()}")
    asked = examine(read, CLIENT, lambda _, kid: KEYS.find(kid), Call(BASE, PATH, NOW))
    assert tuple(asked) == tuple((check, True) for check in CHECKS)


def test_p119_a_check_that_was_not_asked_was_not_passed(monkeypatch):
    """If the checks ever ended early, nobody would be let in by that."""
    for number in range(len(CHECKS)):
        seen = iter([(check, True) for check in CHECKS[:number]])
        monkeypatch.setattr("cdshooks.trust.verify.examine", lambda *_, seen=seen: seen)
        with pytest.raises((CallerUnknown, CallerForbidden)) as caught:
            Desk().verify(token())
        assert caught.value.reason == CHECKS[number]


def test_b10_the_time_of_a_refusal_does_not_tell_which_issuers_and_keys_there_are():
    """Medians of refusals by turns. Without the extra verification they differ twentyfold."""
    desk = Desk(keys={ISSUER: KEYS, OTHER_ISSUER: KeySet()})
    jwts = {
        "signature": token(None, None, lambda _: b"\x01" * 96),
        "issuer": token(None, claims(iss="https://nobody.example")),
        "jku": token(header(jku="https://evil.example/jwks.json")),
        "key": token(header(kid="unknown")),
        "key-algorithm": token(header(kid=RSA_KID)),
    }
    took: dict[str, list[float]] = {reason: [] for reason in jwts}
    for _ in range(1_000 if SOAK else 60):
        for reason, jwt in jwts.items():
            began = time.perf_counter()
            with pytest.raises(CallerUnknown) as caught:
                desk.verify(jwt)
            took[reason].append(time.perf_counter() - began)
            assert caught.value.reason == reason
    medians = [statistics.median(times) for times in took.values()]
    assert max(medians) < 4 * min(medians), dict(zip(took, medians, strict=True))
