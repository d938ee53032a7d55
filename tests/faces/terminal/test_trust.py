"""`cdshooks trust`: a token is explained offline; keys and tokens to try the service with."""

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from typer.testing import CliRunner, Result

from cdshooks.faces.terminal.cli import app
from cdshooks.trust.checks import CHECKS
from cdshooks.trust.keys import read_jwks
from tests.trust.ehr import (
    BASE,
    EC_KEY,
    ISSUER,
    JKU,
    KID,
    NOW,
    OTHER_ISSUER,
    OTHER_KEY,
    RSA_KEY,
    RSA_KID,
    URL,
    claims,
    header,
    jwks,
    public_jwk,
    rsa_token,
    token,
)
from tests.trust.forging.table import FORGED

SOAK = os.environ.get("SOAK") == "1"
CONFIG = f"""
[service]
public_base = "{BASE}"

[clients.north]
issuer = "{ISSUER}"
jwks_file = "jwks.json"
jku = "{JKU}"
lifetime_seconds = 900
services = ["net-patient-view"]
tenants = ["ward-1"]

[clients.south]
issuer = "https://south.example"
jku = "{JKU}"

[clients.other]
issuer = "{OTHER_ISSUER}"
jwks_file = "other.json"
"""


@dataclass(frozen=True)
class Site:
    folder: Path

    def explain(self, *arguments: str, given: str | None = None) -> Result:
        config = str(self.folder / "config.toml")
        return run("explain", "--config", config, "--at", str(NOW), *arguments, given=given)


def run(*arguments: str, given: str | None = None) -> Result:
    environ = {"COLUMNS": "80"}
    return CliRunner(env=environ).invoke(app, ["trust", *arguments], input=given)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "config.toml").write_text(CONFIG)
    own = public_jwk(EC_KEY, KID), public_jwk(RSA_KEY, RSA_KID)
    (tmp_path / "jwks.json").write_bytes(jwks(*own, {**own[0], "kid": "x", "use": "enc"}))
    (tmp_path / "other.json").write_bytes(jwks(public_jwk(OTHER_KEY, KID)))
    return Site(tmp_path)


def outcomes(result: Result) -> dict[str, str]:
    """What is said of each check."""
    lines = [line.split() for line in result.output.splitlines()]
    return {line[1]: line[0] for line in lines if line and line[0] in ("passed", "FAILED", "open")}


GOOD = token(header(jku=JKU), claims(tenant="ward-1", sub="who", more=1))


# ---- explain -------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [GOOD, f"Bearer {GOOD}", f"  {GOOD}\n"], ids=len)
def test_p105_a_good_token_passes_every_check(site, given):
    for result in (site.explain(given), site.explain("-", given=given), site.explain(given=given)):
        assert outcomes(result) == dict.fromkeys(CHECKS, "passed")
        told = " ".join(result.output.split())
        assert told.endswith(
            f"Accepted for a call of {URL}, if no token with this jti was used before"
        )
        assert result.exit_code == 0


def test_p115_header_and_claims_are_shown_and_none_that_nobody_knows(site):
    output = site.explain(token(None, claims(tenant="ward-1", sub="who", patient="Jane"))).output
    for shown in (f'kid     "{KID}"', f'jku     "{JKU}"', f'iss     "{ISSUER}"', 'sub     "who"'):
        assert shown in output
    assert "exp     1800000300 (2027-01-15 08:05:00 UTC, 300 s ahead)" in output
    assert "and 1 more, not shown" in output
    assert "Jane" not in output
    assert "key 3: its use is not" in output


def test_p119_nothing_is_remembered_by_explaining(site):
    assert site.explain(GOOD).exit_code == site.explain(GOOD).exit_code == 0
    names = sorted(path.name for path in site.folder.iterdir())
    assert names == ["config.toml", "jwks.json", "other.json"]


@pytest.mark.parametrize(
    ("said", "failed", "here"),
    [
        ({"aud": URL + "/"}, ["audience"], f"accepted: {URL}\n"),
        ({"exp": NOW + 901}, ["lifetime"], "registered: 900 s"),
        ({"exp": NOW - 60}, ["expired", "lifetime"], "60 s ago"),
        ({"exp": NOW - 60}, ["expired", "lifetime"], "exp is 60 s before the call; allowed are 60"),
        ({"iat": NOW + 61}, ["issued-later"], "iat is 61 s after the call; allowed are 60 s"),
        ({"nbf": NOW + 99}, ["not-yet"], "nbf is 99 s after the call; allowed are 60 s"),
        ({"aud": "x"}, ["audience"], "(assumed: give --url)"),
        ({"tenant": "ward-2"}, ["tenant"], "Refused with 403: tenant"),
        ({"jti": ""}, ["jti"], "Refused with 401: jti"),
        ({"exp": "soon"}, ["times"], 'exp     "soon"\n'),
    ],
    ids=str,
)
def test_p119_each_failed_check_is_told_with_its_cure(site, said, failed, here):
    result = site.explain(token(None, claims(**{"tenant": "ward-1", **said})))
    assert [check for check, outcome in outcomes(result).items() if outcome == "FAILED"] == failed
    assert here in result.output
    assert result.exit_code == 1


def test_p118_a_call_of_a_service_that_is_not_its_own_is_forbidden(site):
    sent = token(None, claims(aud=URL + "-2", tenant="ward-1"))
    result = site.explain(sent, "--url", URL + "-2")
    assert [check for check, said in outcomes(result).items() if said == "FAILED"] == ["service"]
    assert "Refused with 403: service" in result.output


def test_b3_a_token_that_was_good_once_is_told_as_such(site):
    config = str(site.folder / "config.toml")
    with time_machine.travel(NOW + 900, tick=False):
        result = run("explain", "--config", config, GOOD)
        assert " ".join(result.output.split()).endswith(
            "Refused with 401: expired It expired 600 s before now: if it was called earlier, "
            "give --at (the time in the log line)"
        )
        wrong = run("explain", "--config", config, token(None, claims(tenant="ward-2")))
        assert "It expired" not in wrong.output
    assert "It expired" not in site.explain(GOOD, "--at", str(NOW + 900)).output


def test_p113_of_an_unknown_issuer_the_registered_ones_are_told_and_the_rest_is_open(site):
    result = site.explain(token(None, claims(iss=ISSUER + "/")))
    found = outcomes(result)
    assert found["issuer"] == "FAILED"
    assert set(list(found.values())[CHECKS.index("issuer") + 1 :]) == {"open"}
    assert f"registered: {ISSUER}\n" in result.output
    assert "by client ?" in result.output


def test_p112_the_keys_at_a_jku_are_not_fetched_but_taken_from_a_copy(site):
    south = rsa_token(iss="https://south.example")
    result = site.explain(south)
    assert outcomes(result)["key"] == outcomes(result)["signature"] == "open"
    assert "not fetched" in result.output
    assert "Not decided" in result.output
    assert result.exit_code == 1
    copy = str(site.folder / "jwks.json")
    assert site.explain(south, "--jwks", copy).exit_code == 0
    other = token(header(kid="old"), claims(iss="https://south.example"))
    result = site.explain(other, "--jwks", copy)
    assert outcomes(result)["key"] == "FAILED"
    assert f'in the set: "{RSA_KID}"' in result.output


def test_p112_of_a_client_whose_keys_are_in_a_file_no_copy_is_asked(site):
    result = site.explain(GOOD, "--jwks", str(site.folder / "other.json"))
    assert result.exit_code == 0
    assert "note: --jwks is ignored" in result.stderr
    assert "note" not in site.explain(GOOD).stderr


def test_p114_the_url_that_was_called_can_be_said(site):
    feedback = token(None, claims(aud=URL + "/feedback", tenant="ward-1"))
    assert site.explain(feedback, "--url", URL + "/feedback").exit_code == 0
    result = site.explain(feedback, "--url", URL)
    assert outcomes(result)["audience"] == "FAILED"
    assert f"accepted: {URL}\n" in result.output
    for wrong in ("https://elsewhere.example/cds-services", BASE, URL + "/x", "x"):
        refused = site.explain(feedback, "--url", wrong)
        assert refused.exit_code == 2
        assert f"is no endpoint behind public_base, {BASE}" in " ".join(
            refused.output.replace("│", "").split()
        )


def test_p114_without_a_url_a_call_of_a_service_is_assumed_and_never_discovery(site):
    """A token for discovery is the usual mistake: the service refuses it, and so is it told."""
    result = site.explain(token(None, claims(aud=f"{BASE}/cds-services", tenant="ward-1")))
    assert f"Called at {URL}\n(assumed: give --url)\n" in result.output
    assert outcomes(result)["audience"] == "FAILED"
    assert f"accepted: {URL}\n" in result.output
    assert f"accepted for discovery alone: {BASE}/cds-services\n" in result.output
    assert result.exit_code == 1
    assert "assumed" not in site.explain(GOOD, "--url", URL).output


# Of a pasted token the white space around it is not meant.
SENT = [
    forged
    for forged in FORGED
    if (text := forged.authorization or "").startswith("Bearer ") and text == text.strip()
]


@pytest.mark.parametrize("forged", SENT[:: 1 if SOAK else 20], ids=str)
def test_p119_b10_what_the_service_refuses_is_explained_for_the_same_reason(site, forged):
    """In lines of 80 columns and printable ASCII, whatever the token holds."""
    result = site.explain("--url", URL, given=forged.authorization)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.output.splitlines()
    first = next(line for line in lines if line.startswith("FAILED"))
    assert first.split()[1] == forged.reason
    assert all(len(line) <= 80 and line.isascii() for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    "at", ["2027-01-15T07:59:00Z", "2027-01-15T08:59+01:00", "2027-01-15 07:59", "1799999940"]
)
def test_b3_the_time_of_the_call_is_a_date_or_seconds(site, at):
    assert "on 2027-01-15 07:59:00 UTC" in site.explain(GOOD, "--at", at).output


@pytest.mark.parametrize("at", ["now", "nan", "inf", "1e99", "2027-13-01"])
def test_b3_what_is_no_time_is_named(site, at):
    result = site.explain(GOOD, "--at", at)
    assert result.exit_code == 2
    assert "is no time" in result.output


def test_a_config_that_cannot_be_used_is_told(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[service]\nprot = 1\n")
    result = run("explain", GOOD, "--config", str(config))
    assert result.exit_code == 2
    assert "prot" in result.output
    config.write_text("")
    assert "no client" in run("explain", GOOD, "--config", str(config)).output


# ---- keys, sign ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_p106_p109_a_token_signed_with_made_keys_is_accepted(site, algorithm):
    out = site.folder
    (out / "jwks.json").unlink()
    made = run("keys", "--out", str(out), "--algorithm", algorithm)
    assert made.exit_code == 0, made.output
    (key,) = read_jwks((out / "jwks.json").read_bytes()).keys.values()
    assert key.algorithm == algorithm
    arguments = ("--key", str(out / "private-key.json"), "--issuer", ISSUER, "--audience", URL)
    (out / "config.toml").write_text(CONFIG.replace('tenants = ["ward-1"]', ""))
    with time_machine.travel(NOW, tick=False):
        first, second = (run("sign", *arguments).output for _ in range(2))
        short = run("sign", *arguments, "--lifetime", "60", "--jku", JKU).output
    assert first != second
    for signed in (first, second, short):
        assert site.explain(given=signed).exit_code == 0
    early = run("sign", *arguments, "--tenant", "ward-1", "--issued-at", "2027-01-15T07:59:00Z")
    told = site.explain(given=early.output).output
    assert "iat     1799999940 (2027-01-15 07:59:00 UTC, 60 s ago)" in told
    assert 'tenant  "ward-1"' in told
    assert "exp     1800000060" in site.explain(given=short).output
    assert f'jku     "{JKU}"' in site.explain(given=short).output


def test_p108_the_private_key_is_for_its_owner_alone_and_is_never_overwritten(tmp_path):
    out = tmp_path / "new" / "folder"
    assert run("keys", "--out", str(out)).exit_code == 0
    private = out / "private-key.json"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "d" in json.loads(private.read_text())
    (public,) = json.loads((out / "jwks.json").read_text())["keys"]
    assert public.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    before = {path: path.read_bytes() for path in out.iterdir()}
    for gone in (None, private):
        if gone is not None:
            before.pop(gone)
            gone.unlink()
        again = run("keys", "--out", str(out))
        assert again.exit_code == 1
        assert "not overwritten" in again.output
        assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("keys", "--out", str(tmp_path / "file" / "folder"))
    assert result.exit_code == 1
    assert "Not a directory" in result.output


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"alg": "ES384"}',
        '{"alg": ["ES384"]}',
        '{"alg": "HS384", "kty": "oct", "k": "c2VjcmV0"}',
        json.dumps({**public_jwk(EC_KEY, KID), "alg": "ES384"}),
    ],
)
def test_p108_nothing_but_a_private_key_signs(tmp_path, content):
    file = tmp_path / "key.json"
    file.write_text(content)
    result = run("sign", "--key", str(file), "--issuer", "x", "--audience", "y")
    assert result.exit_code == 1
    assert result.output.startswith(f"{file}: not a private JWK")
