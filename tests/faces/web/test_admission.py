"""Who is let in, with real tokens: the policy of each route, and one answer for every refusal."""

import json
import sqlite3

import pytest

from cdshooks.errors import (
    CallerForbidden,
    CallerTooFrequent,
    CallerUnknown,
    SettingsInvalid,
    TrustUnavailable,
)
from cdshooks.faces.web.admission import admission
from cdshooks.faces.web.http import create_app
from cdshooks.faces.web.pages import register_pages
from cdshooks.faces.web.policy import ROUTES, Policy
from cdshooks.faces.web.readiness import GOOD_FOR
from cdshooks.settings import Settings
from tests.faces.web.engines import FakeEngine
from tests.faces.web.trusted import (
    BASE,
    DISCOVERY,
    FEEDBACK,
    SERVICE,
    Served,
    client,
    token,
)


@pytest.fixture
def engine():
    return FakeEngine("net-patient-view")


@pytest.fixture
def serve(engine, tmp_path):
    """Makes a service of the clients `ehr` and `lab`; each is closed at the end."""
    served = []

    def make(clients=None, **given):
        both = clients or (client(tmp_path, "ehr"), client(tmp_path, "lab"))
        served.append(Served(engine, both, tmp_path, **given))
        return served[-1]

    yield make
    for one in served:
        one.close()


@pytest.fixture
def service(serve):
    return serve()


# ---- the policy of each route --------------------------------------------------------------------


def test_p106_a_verified_caller_is_answered_on_every_call(service, engine):
    assert service.call(DISCOVERY, token("ehr", DISCOVERY), "GET").status_code == 200
    assert service.call(SERVICE, token("ehr", SERVICE)).status_code == 200
    assert service.call(SERVICE, token("lab", SERVICE)).status_code == 200
    assert engine.callers == ["ehr", "ehr", "lab"]


def test_p5_p106_discovery_is_open_to_anybody_without_a_token(service, engine):
    assert service.call(DISCOVERY, method="GET").status_code == 200
    assert engine.callers == ["anybody"]


def test_p106_a_token_that_is_sent_to_open_discovery_has_to_be_good(service, engine):
    for bad in ("", "Bearer x", token("ehr", SERVICE), token("ehr", DISCOVERY, signer="lab")):
        assert service.call(DISCOVERY, bad, "GET").status_code == 401
    assert engine.callers == []


def test_p106_discovery_that_is_not_open_takes_a_token(serve):
    closed = serve(open_discovery=False)
    assert closed.call(DISCOVERY, method="GET").status_code == 401
    assert closed.call(DISCOVERY, token("ehr", DISCOVERY), "GET").status_code == 200


@pytest.mark.parametrize(
    "path", [SERVICE, FEEDBACK, "/cds-services/other", "/cds-services/a/feedback"]
)
def test_p106_b10_a_stranger_gets_401_whether_there_is_such_a_service_or_not(service, engine, path):
    answer = service.call(path)
    assert answer.status_code == 401
    assert answer.data == service.call(SERVICE).data
    assert engine.bodies == []


@pytest.mark.parametrize("path", [FEEDBACK, "/cds-services/other"])
def test_p59_p103_a_verified_caller_learns_that_there_is_no_such_service(service, path):
    assert service.call(path, token("ehr", path)).status_code == 404


@pytest.mark.parametrize("path", [DISCOVERY, SERVICE, FEEDBACK])
def test_p120_a_preflight_is_never_asked_for_a_token(serve, path):
    closed = serve(open_discovery=False)
    assert closed.call(path, method="OPTIONS").status_code == 204


@pytest.mark.parametrize("how", [{"content_type": "text/plain"}, {"data": b"{"}, {"data": b""}])
def test_p121_the_token_is_verified_before_anything_of_the_body_is_looked_at(service, engine, how):
    assert service.call(SERVICE, "Bearer x", **how).status_code == 401
    assert engine.bodies == []


def test_b12_every_route_is_in_the_policy_and_every_policy_has_its_route(engine, tmp_path):
    def pages(app, engine):
        register_pages(app, engine, tmp_path)

    app = create_app(engine, Settings(sandbox=True), lambda *_: None, pages)
    assert {rule.rule for rule in app.url_map.iter_rules()} == set(ROUTES)


def test_b12_a_route_that_is_not_in_the_policy_is_not_there(service):
    app = service.http.application
    app.view_functions["metrics"] = lambda: "SECRET"
    app.url_map.add(app.url_rule_class("/metrics", endpoint="metrics", methods=["GET"]))
    answer = service.call("/metrics", token("ehr", "/metrics"), "GET")
    assert (answer.status_code, b"SECRET" in answer.data) == (404, False)


def test_b12_each_route_without_a_token_is_as_its_policy_says(service):
    """Walks the routes that there are: what is neither open nor discovery is 401 for a stranger."""
    walked = {}
    for rule in service.http.application.url_map.iter_rules():
        path = rule.rule.replace("<service_id>", "net-patient-view")
        method = "GET" if "GET" in rule.methods else "POST"
        walked[rule.rule] = service.call(path, method=method).status_code
    expected = {Policy.OPEN: 200, Policy.DISCOVERY: 200, Policy.TOKEN: 401}
    assert walked == {rule: expected[ROUTES[rule]] for rule in walked}
    assert len(walked) == 6


def test_b11_without_clients_there_is_nobody_to_let_in():
    assert admission(Settings()) is None


# ---- what a token is for -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "called",
    [SERVICE, "/cds-services//net-patient-view", "//cds-services/net-patient-view/", SERVICE + "/"],
)
def test_p114_the_audience_is_the_public_base_with_the_canonical_path(service, called):
    """The public sandbox joins URLs as typed: slashes too many are no other service."""
    authorization = token("ehr", SERVICE)
    answer = service.call("/", authorization, environ_overrides={"PATH_INFO": called})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Prefix": "/net", "X-Original-URL": SERVICE, "X-Rewrite-URL": SERVICE},
    ],
)
def test_p114_b4_no_header_of_a_call_changes_the_audience(service, headers):
    evil = token("ehr", SERVICE, base="https://evil.example/net")
    assert service.call(SERVICE, evil, headers=headers).status_code == 401
    assert service.call(SERVICE, token("ehr", SERVICE), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("made_for", "called"),
    [(SERVICE, FEEDBACK), (FEEDBACK, SERVICE), (DISCOVERY, SERVICE), (SERVICE, "/cds-services/a")],
)
def test_p114_b4_a_token_for_one_url_opens_no_other(service, made_for, called):
    assert service.call(called, token("ehr", made_for)).status_code == 401


def test_p117_b6_a_token_is_good_once_over_all_urls_and_workers(serve):
    one, other = serve(), serve()
    authorization = token("ehr", SERVICE)
    assert one.call(SERVICE, authorization).status_code == 200
    assert one.call(SERVICE, authorization).status_code == 401
    assert other.call(SERVICE, authorization).status_code == 401


# ---- one answer for every refusal ----------------------------------------------------------------


def tampered(authorization):
    head, dot, signature = authorization.rpartition(".")
    return head + dot + ("A" if signature[0] != "A" else "B") + signature[1:]


REFUSALS = {
    "absent": lambda: None,
    "empty": lambda: "",
    "another scheme": lambda: "Basic dXNlcjpwYXNz",
    "no token": lambda: "Bearer",
    "no JWT": lambda: "Bearer abc",
    "parts that are no JSON": lambda: "Bearer YQ.YQ.YQ",
    "alg none": lambda: "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.",
    "a wrong signature": lambda: tampered(token("ehr", SERVICE)),
    "the key of another client": lambda: token("ehr", SERVICE, signer="lab"),
    "an unknown issuer": lambda: token("stranger", SERVICE),
    "an audience elsewhere": lambda: token("ehr", SERVICE, base="https://elsewhere.example"),
    "the audience of feedback": lambda: token("ehr", FEEDBACK),
    "expired": lambda: token("ehr", SERVICE, age=3600),
    "from the future": lambda: token("ehr", SERVICE, age=-3600),
    "a life too long": lambda: token("ehr", SERVICE, lifetime=7200),
    "two tokens": lambda: f"{token('ehr', SERVICE)},{token('ehr', SERVICE)}",
    "16 KB and more": lambda: "Bearer " + "a" * 20_000,
}


def told(answer):
    """Everything of an answer but the ids that are new in each."""
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("X-Request-Id", "traceparent")
    }
    return answer.status_code, headers, answer.data


def test_p119_b10_a_401_is_the_same_to_the_byte_whatever_the_reason(service, engine):
    answers = {name: told(service.call(SERVICE, make())) for name, make in REFUSALS.items()}
    used = token("ehr", SERVICE)
    service.call(SERVICE, used)
    answers["used"] = told(service.call(SERVICE, used))
    status, headers, body = answers["absent"]
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["issue"] == [
        {"severity": "error", "code": "login", "diagnostics": "the caller is not known"}
    ]
    assert [name for name, answer in answers.items() if answer != answers["absent"]] == []
    assert len(answers) == 18
    assert len(engine.bodies) == 1


def test_a_known_caller_that_may_not_use_a_service_gets_a_constant_403(serve, engine, tmp_path):
    limited = client(tmp_path, "ehr", services=frozenset({"another"}))
    service = serve((limited, client(tmp_path, "lab", tenants=frozenset({"north"}))))
    forbidden = [
        service.call(SERVICE, token("ehr", SERVICE)),
        service.call(SERVICE, token("lab", SERVICE)),
    ]
    assert [answer.status_code for answer in forbidden] == [403, 403]
    assert forbidden[0].data == forbidden[1].data
    assert json.loads(forbidden[0].data)["issue"][0]["diagnostics"] == "the caller may not use this"
    assert "WWW-Authenticate" not in forbidden[0].headers
    assert engine.bodies == []


@pytest.mark.parametrize(
    ("error", "status", "header", "text"),
    [
        (CallerUnknown("SECRET"), 401, ("WWW-Authenticate", "Bearer"), "the caller is not known"),
        (CallerForbidden("SECRET"), 403, None, "the caller may not use this"),
        (CallerTooFrequent("SECRET"), 429, ("Retry-After", "60"), "too many calls in this hour"),
        (
            TrustUnavailable("SECRET"),
            503,
            ("Retry-After", "5"),
            "callers cannot be verified now, try again",
        ),
    ],
)
def test_b10_no_reason_leaves_the_service(engine, error, status, header, text):
    def admit(_authorization, _path):
        raise error

    app = create_app(engine, Settings(), admit)
    answer = app.test_client().post(SERVICE, json={})
    assert answer.status_code == status
    assert answer.json["issue"][0]["diagnostics"] == text
    assert header is None or header in list(answer.headers)
    assert "SECRET" not in f"{answer.headers}{answer.text}"


# ---- who was refused, for our log ---------------------------------------------------------------


def the_refusal(logged):
    """Who was refused and why, of the only call in the log."""
    (event,) = [event for event in logged.events() if event["event"] == "call"]
    return {key: event.get(key) for key in ("reason", "client", "claimed")}


def test_c2_before_its_signature_holds_a_refused_token_is_logged_with_whom_it_claims(
    service, logged
):
    """By the name in the configuration, where its issuer is registered: no text of a caller."""
    service.call(SERVICE, token("ehr", SERVICE, signer="lab"))
    assert the_refusal(logged) == {"reason": "key", "client": None, "claimed": "ehr"}
    service.call(SERVICE, tampered(token("ehr", SERVICE)))
    assert the_refusal(logged) == {"reason": "signature", "client": None, "claimed": "ehr"}
    service.call(SERVICE, token("stranger", SERVICE))
    assert the_refusal(logged) == {"reason": "issuer", "client": None, "claimed": None}
    service.call(SERVICE)
    assert the_refusal(logged) == {"reason": "absent", "client": None, "claimed": None}


def test_c2_once_its_signature_holds_a_refused_token_is_logged_with_its_client(
    serve, logged, tmp_path
):
    service = serve((client(tmp_path, "ehr"), client(tmp_path, "lab", tenants=frozenset("n"))))
    service.call(SERVICE, token("ehr", SERVICE, age=3600))
    assert the_refusal(logged) == {"reason": "expired", "client": "ehr", "claimed": None}
    service.call(SERVICE, token("lab", SERVICE))
    assert the_refusal(logged) == {"reason": "tenant", "client": "lab", "claimed": None}
    used = token("ehr", SERVICE)
    service.call(SERVICE, used)
    assert the_refusal(logged) == {"reason": None, "client": "ehr", "claimed": None}
    service.call(SERVICE, used)
    assert the_refusal(logged) == {"reason": "used", "client": "ehr", "claimed": None}


# ---- the store of used tokens --------------------------------------------------------------------


def test_p117_without_the_store_of_used_tokens_no_token_is_accepted(
    serve, engine, tmp_path, logged
):
    """Nothing fails open: 503 while another process holds the file, and 200 when it lets go."""
    service = serve()
    holder = sqlite3.connect(tmp_path / "replay.sqlite3", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    answer = service.call(SERVICE, token("ehr", SERVICE))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["issue"][0]["code"] == "transient"
    assert the_refusal(logged)["client"] == "ehr"
    readiness = service.call("/readyz", method="GET")
    assert (readiness.status_code, readiness.json) == (503, {"status": "degraded"})
    assert service.call("/healthz", method="GET").json == {"status": "ok"}
    assert engine.bodies == []
    holder.execute("ROLLBACK")
    holder.close()
    service.now += GOOD_FOR
    assert service.call("/readyz", method="GET").json == {"status": "ok"}
    assert service.call(SERVICE, token("ehr", SERVICE)).status_code == 200


def test_g6_a_store_that_there_cannot_be_is_found_before_anything_binds(tmp_path):
    settings = Settings(
        clients=(client(tmp_path, "ehr"),),
        public_base=BASE,
        replay_store="sqlite:////dev/null/replay.sqlite3",
    )
    with pytest.raises(SettingsInvalid):
        admission(settings)
