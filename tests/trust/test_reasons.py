"""The reasons for which a caller is refused, as the documentation tells them."""

import re
from pathlib import Path

from cdshooks.trust.checks import CHECKS
from cdshooks.trust.reasons import REASONS

PAGE = (Path(__file__).parents[2] / "docs/trust.md").read_text(encoding="utf-8")


def test_p119_every_reason_is_documented_in_the_order_of_the_checks():
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert rows == [(code, reason.means, reason.cure) for code, reason in REASONS.items()]
    assert [code for code in REASONS if code in CHECKS] == list(CHECKS)


def test_p119_a_reason_is_a_code_and_two_sentences():
    for code, reason in REASONS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert reason.means.endswith(".")
        assert reason.cure.endswith(".")
