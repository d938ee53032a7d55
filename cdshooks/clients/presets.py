"""What is known of record systems, as a start for a client's table: a key there comes before it.

`seen` says where the values of a preset come from, and `sure` how far that can be relied on. Read
both before a registration: what the site's own team says comes before either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdshooks.hooks.profile import EPIC, EVERYTHING, ORACLE_HEALTH, Profile

ORACLE_HEALTH_ISSUER = "https://cds-hooks.cerner.com"
SANDBOX_ISSUER = "https://sandbox.cds-hooks.org"


@dataclass(frozen=True, slots=True)
class Preset:
    """`values` are keys of a client's table; `by_hand` what the site has to say for itself."""

    title: str
    seen: str
    sure: str
    by_hand: str
    values: Mapping[str, object] = field(default_factory=dict)
    profile: Profile = EVERYTHING
    sandbox_only: bool = False


PRESETS: Mapping[str, Preset] = {
    "generic": Preset(
        title="Any client of CDS Hooks 2.0.1",
        seen="The text of CDS Hooks 2.0.1, and its best practices for lifetimes.",
        sure="High: it is the specification. It says nothing of what a product really does.",
        by_hand="issuer, jku or jwks_file, fhir_servers",
    ),
    "epic": Preset(
        title="Epic",
        seen=(
            "Epic's CDS Hooks tutorial of 2024, read in a copy by a third party: tokens of 900 s, "
            "RS384 by default, nbf about five minutes before iat, kid in base64 with + / =, "
            "the key set on the site's own host, iss and aud typed in at each site. "
            "SMART links from cards since August 2024, from one secondary page."
        ),
        sure="Medium: no Epic system has called this service yet.",
        by_hand=(
            "issuer and jku as the site has them; audiences where its aud is not the URL it "
            "calls; profile.link_hosts, without which cards lead nowhere"
        ),
        values={"lifetime_seconds": 900},
        profile=EPIC,
    ),
    "oracle-health": Preset(
        title="Oracle Health (Cerner Millennium)",
        seen=(
            "A change proposed to Cerner's documentation (cerner/fhir.cerner.com, request 707, "
            "2021) that was never merged; the repository was archived in 2024. It names the "
            "issuer and the key set, CDS Hooks 1.0 with patient-view only, links that are removed "
            "unless registered, no appContext, a pane of an eighth of the screen, and critical "
            "as a pop-up."
        ),
        sure="Low: a draft of a third party's hand. Have issuer and jku confirmed by the site.",
        by_hand=(
            "tenants, as one issuer signs for every site; fhir_servers; profile.link_hosts; "
            "profile.critical = true only where a pop-up is wanted"
        ),
        values={
            "issuer": ORACLE_HEALTH_ISSUER,
            "jku": "https://authorization.cerner.com/jwk",
        },
        profile=ORACLE_HEALTH,
    ),
    "cds-hooks-sandbox": Preset(
        title="The public CDS Hooks sandbox, in sandbox mode only",
        seen=(
            "Its source, cds-hooks/sandbox at 3b7e255 (2026-03-31): ES384, tokens of 300 s, aud "
            "the exact URL called. Its private key is in that source, so anybody can sign as it."
        ),
        sure="High: read in the source and seen on the wire.",
        by_hand="fhir_servers",
        values={
            "issuer": SANDBOX_ISSUER,
            "jku": f"{SANDBOX_ISSUER}/.well-known/jwks.json",
            "lifetime_seconds": 300,
            "cors_origins": [SANDBOX_ISSUER],
        },
        sandbox_only=True,
    ),
}
