"""Presets: what is known of products, which a client's own table comes before."""

import pytest

from cdshooks.clients.presets import PRESETS
from cdshooks.hooks.profile import EVERYTHING
from cdshooks.settings import load_settings
from tests.clients.site import config


def client(write, **keys):
    return load_settings({}, config=write(config(keys))).clients[0]


def test_epic_signs_for_fifteen_minutes_and_names_its_audience_by_hand(write):
    read = client(write, preset='"epic"', audiences='["https://cds.example.org/epic"]')
    assert read.lifetime_seconds == 900
    assert read.profile.link_hosts == frozenset()
    assert (read.profile.card_members, read.profile.app_context) == ("2.0", False)


def test_oracle_health_takes_cards_of_1_0_and_no_pop_up(write):
    read = client(write, preset='"oracle-health"', issuer=None, jwks_file=None)
    assert read.jku is not None
    assert (read.issuer, read.jku.url) == (
        "https://cds-hooks.cerner.com",
        "https://authorization.cerner.com/jwk",
    )
    shown = read.profile
    assert (shown.card_members, shown.app_context, shown.critical) == ("1.0", False, False)
    assert shown.link_hosts == frozenset()
    assert shown.detail_at_most


def test_generic_has_no_limits(write):
    read = client(write, preset='"generic"')
    assert read == client(write)
    assert read.profile == EVERYTHING


def test_a_key_of_the_client_comes_before_its_preset(write):
    read = client(
        write,
        preset='"oracle-health"',
        lifetime_seconds="120",
        profile='{ critical = true, link_hosts = ["www.ema.europa.eu"] }',
    )
    assert (read.issuer, read.lifetime_seconds) == ("https://north.example.org", 120)
    assert read.profile.critical
    assert read.profile.link_hosts == {"www.ema.europa.eu"}
    assert read.profile.card_members == "1.0"  # what is not given stays the preset's


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_where_its_values_were_seen_and_how_sure_that_is(name):
    preset = PRESETS[name]
    assert preset.sure.partition(":")[0] in ("High", "Medium", "Low")
    assert len(preset.seen) > 40
    assert preset.by_hand
    assert preset.sandbox_only == (name == "cds-hooks-sandbox")
