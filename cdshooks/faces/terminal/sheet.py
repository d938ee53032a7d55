"""The registration sheet: what the team of a record system asks before it calls this service."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from cdshooks import __version__
from cdshooks.clients.client import Client
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import PrefetchTemplate, Service, for_caller, narrowing
from cdshooks.settings import Settings
from cdshooks.trust.keys import read_jwks

WIDTH = 80


def registration_sheet(client: Client, settings: Settings, services: Iterable[Service]) -> str:
    """Markdown for the client's team, in lines of 80 columns where no URL is longer."""
    allowed = services_of(client, services)
    parts = [
        _heading(1, f"Registration of {client.name}"),
        _paragraph(
            f"cdshooks-net {__version__} speaks CDS Hooks 2.0.1; clients of 1.0 and of the 3.0 "
            "ballot are answered too. Everything below is checked to the letter."
        ),
        _section("Endpoints", _endpoints(settings, allowed)),
        *(_service(service, client) for service in allowed),
        _section("Tokens of each call", _tokens(client, settings, allowed)),
        _section("Keys", _keys(client)),
        _section("Access to the FHIR server", _access(client, allowed)),
        _section("Cards", _cards(client)),
        _section("Time and size", _limits(client, settings)),
        _section("Answers", _answers(client)),
        _section("Network", _network(client, settings)),
    ]
    return "\n".join(parts)


def services_of(client: Client, services: Iterable[Service]) -> list[Service]:
    """The services that a client may use, with the templates that it was given."""
    caller = Caller(client.name, templates=client.prefetch)
    return [
        for_caller(service, caller)
        for service in services
        if client.services is None or service.id in client.services
    ]


def scopes(templates: Iterable[PrefetchTemplate]) -> tuple[list[str], list[str]]:
    """The SMART scopes of version 1 and of version 2 that reading these takes."""
    searched: dict[str, bool] = {}
    for one in templates:
        searched[one.resource_type] = searched.get(one.resource_type, False) or "?" in one.template
    version_1 = [f"patient/{kind}.read" for kind in searched]
    version_2 = [f"patient/{kind}.{'rs' if search else 'r'}" for kind, search in searched.items()]
    return version_1, version_2


def _endpoints(settings: Settings, services: Sequence[Service]) -> Iterator[str]:
    base = f"{settings.public_base}/cds-services"
    token = "open, no token needed" if settings.open_discovery else "with a token"
    yield f"Discovery ({token}): `GET` `{base}`"
    for service in services:
        yield f"Service, on `{service.hook}`: `POST` `{base}/{service.id}`"
    yield "Feedback is not taken yet: `/feedback` behind a service answers 404."


def _service(service: Service, client: Client) -> str:
    own = client.prefetch.get(service.id, {})
    return "\n".join(
        [
            _heading(2, f"Service {service.id}"),
            _paragraph(f"{service.title}. {service.description}"),
            _paragraph(f"Hook: `{service.hook}`. {service.usage_requirements}"),
            _paragraph("Prefetch, each key with its template and what is read from it:"),
            *(_template(one, is_own=one.key in own) for one in service.prefetch),
            "",
        ]
    )


def _template(one: PrefetchTemplate, *, is_own: bool) -> str:
    marks = [*["required"] * one.required, *["own template of this client"] * is_own]
    what = f"`{one.key}`" + (f" ({', '.join(marks)})" if marks else "")
    left_out = narrowing(one.template)
    warning = f" What {' and '.join(left_out)} leaves out is not assessed." * bool(left_out)
    return _bullet(f"{what}: `{one.template}`. {one.why}{warning}")


def _tokens(client: Client, settings: Settings, services: Sequence[Service]) -> Iterator[str]:
    base = f"{settings.public_base}/cds-services"
    yield (
        "`Authorization: Bearer` and a JWT of its own for every call, header `typ` `JWT`, "
        "with `kid`; no `jwk`, `x5u`, `x5c`, `crit`"
    )
    yield "`alg`: `ES384` with a P-384 key, or `RS384` with an RSA key of 2048 bits or more"
    yield f"`iss`: `{client.issuer}`"
    yield f"`aud`: the very URL that is called: `{base}` for discovery"
    for service in services:
        yield f"`aud` of a call: `{base}/{service.id}`"
    for audience in client.audiences:
        yield f"`aud` may also be: `{audience}`"
    yield (
        f"`exp` at most {client.lifetime_seconds} s after `iat`; "
        f"clocks may differ by {client.skew_seconds} s"
    )
    yield "`jti`: new for each call; a token is taken once"
    if client.tenants is not None:
        yield f"`tenant`: {_listed(client.tenants)}"


def _keys(client: Client) -> Iterator[str]:
    if client.jwks_file is not None:
        kids = read_jwks(client.jwks_file.read_bytes()).keys
        yield f"A file that was handed over, with these `kid`: {_listed(kids)}"
        yield "A new key has to be handed over before it signs."
    if client.jku is not None and client.jwks_file is None:
        yield f"Read from `{client.jku.url}`"
        yield "A new key may sign as soon as it stands there; publish it some minutes before."
    if client.jku is not None:
        yield f"`jku` in a token: `{client.jku.url}` or none. No other URL is ever read."


def _access(client: Client, services: Iterable[Service]) -> Iterator[str]:
    if not client.fhir_servers:
        yield "None is registered: whatever is not prefetched is missing, and nothing is fetched."
        return
    for server in client.fhir_servers:
        yield f"`fhirServer`: `{server.url}`, searched by {server.search.upper()}"
    version_1, version_2 = scopes(one for service in services for one in service.prefetch)
    yield f"`scope`, SMART v1: {_listed(version_1)}"
    yield f"`scope`, SMART v2: {_listed(version_2)}"
    if client.fhir_client_id is not None:
        yield f"`subject`: `{client.fhir_client_id}`"
    yield (
        "Only what was not prefetched is read, with the access token of the call, "
        "which is neither stored nor logged. Nothing is written."
    )


def _cards(client: Client) -> Iterator[str]:
    profile = client.profile
    yield f"Members of CDS Hooks {profile.card_members}"
    if profile.link_hosts is None:
        yield "Links lead to: any host"
    elif profile.link_hosts:
        yield f"Links lead to: {_listed(profile.link_hosts)}"
    else:
        yield "Cards carry no links until `link_hosts` is given"
    yield f"`appContext` of SMART links: {'may be sent' if profile.app_context else 'never sent'}"
    yield "Indicator `critical`: " + (
        "for immediate harm only" if profile.critical else "never; sent as `warning`"
    )
    yield "A card for each option" if profile.one_card_an_option else "One card for all options"
    if profile.detail_at_most is not None:
        yield f"`detail`: about {profile.detail_at_most} characters at most"
    yield f"Suggestions with draft orders: {_yes(profile.suggestions)}"
    yield f"Override reasons: {_yes(profile.override_reasons)}"
    if client.gets_assessment:
        yield "Answers carry the whole assessment under `extension`"


def _limits(client: Client, settings: Settings) -> Iterator[str]:
    yield (
        f"An answer comes within {client.answer_ms} ms, of which reading from the FHIR server "
        f"takes {client.fetch_ms} ms at most; give the call 1 s or more"
    )
    yield f"A body has {_size(settings.max_body_bytes)} at most, JSON in UTF-8, not compressed"


def _answers(client: Client) -> Iterator[str]:
    yield "200: cards, or `cards: []` where there is nothing to say"
    yield "400: the request breaks CDS Hooks; the answer names the element. Do not repeat it."
    yield "401: the token was not accepted. The reason is told in our log only: ask us."
    yield "403: the token is good, but not for this service or tenant"
    yield "404: there is no such service"
    if client.missing_as_card:
        yield "412: the record is of another patient. What is missing is told by a card."
    else:
        yield (
            "412: a required prefetch key was neither sent nor could be read, or the record is "
            "of another patient"
        )
    yield "413: the body is too large. 415: it is not JSON, or compressed."
    yield "503 with `Retry-After`: call again later. 500: our mistake, with a number to quote."


def _network(client: Client, settings: Settings) -> Iterator[str]:
    reached = [server.target for server in client.fhir_servers]
    if client.jku is not None and client.jwks_file is None:
        reached.append(client.jku)
    by = ", by TLS 1.2 or later" if (settings.public_base or "").startswith("https:") else ""
    yield f"Calls come in at `{settings.public_base}`{by}"
    if not reached:
        yield "This service calls nothing of the client's."
        return
    proxies = {one.proxy for one in reached if one.proxy is not None}
    through = f"the proxy {_listed(proxies)}" if proxies else "this service's own addresses"
    yield f"Source of its calls: {through}; ask its operator for the IP addresses to allow"
    if any(one.tls.certificate is not None for one in reached):
        yield "This service shows a client certificate: ask its operator for the issuer and name"


def _size(size: int) -> str:
    whole, rest = divmod(size, 1 << 20)
    return f"{size} bytes" if rest else f"{whole} MB"


def _yes(whether: bool) -> str:
    return "yes" if whether else "no"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _heading(level: int, text: str) -> str:
    return f"{'#' * level} {text}\n"


def _section(title: str, bullets: Iterable[str]) -> str:
    return "\n".join([_heading(2, title), *map(_bullet, bullets), ""])


def _paragraph(text: str) -> str:
    return _filled(text) + "\n"


def _bullet(text: str) -> str:
    return _filled(text, "- ", "  ")


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
