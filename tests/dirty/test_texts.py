"""Whatever stands in the texts of a chart is shown as text, or not at all."""

import pytest

from cdshooks.errors import DataRequired
from tests.dirty.calls import SOAK, answer, call, chart
from tests.dirty.texts import HOSTILE, WORDS, corpus, faults, poisoned
from tests.shipped import KNOWLEDGE

LINKS = {
    citation.url.replace("(", "%28").replace(")", "%29").replace("&", "&amp;")
    for citation in KNOWLEDGE.citations.values()
}
# Of whom cards quote most, one of whom much cannot be used, and one whose tumour is suspected.
QUOTED = ["ileum-g1-progressive-after-ssa", "pancreas-g2-progressive-many-options"]
QUOTED += ["jejunum-g2-untidy-record", "ileum-net-suspected"]
# Each string of a chart but those that say what it is and whose.
EVERYTHING = {"id", "value", "code", "system", "status", "url", "version", "contentType", "use"}
EVERYTHING |= {"comparator", "versionId", "lastUpdated", "effectiveDateTime", "recordedDate"}
EVERYTHING |= {"issued", "start", "end", "gender", "birthDate", "severity"}
STRINGS = [*HOSTILE, *corpus()]


def drawn(cards):
    return [fault for card in cards for fault in faults(card, LINKS)]


@pytest.mark.parametrize("keys", [WORDS, {"id"}, WORDS | EVERYTHING], ids=["words", "id", "all"])
@pytest.mark.parametrize("name", QUOTED)
def test_e9_no_string_of_a_chart_becomes_more_than_text(name, keys):
    """With SOAK each string stands before each kind of string once."""
    own = chart(name)
    for turn in range(0, len(STRINGS), 1 if SOAK else 53):
        try:
            cards, _ = answer(call(own, poisoned(own.entries, STRINGS, turn, keys)))
        except DataRequired:  # nobody can tell any more whose a diagnosis is, or what it is
            continue
        assert drawn(cards) == []


@pytest.mark.parametrize("turn", range(0, len(STRINGS), 1 if SOAK else 8))
def test_e9_what_a_card_quotes_stays_text(turn):
    """The words from which a finding was read are drawn as they are written, and nothing else."""
    own = chart("ileum-g1-progressive-after-ssa")
    sent = poisoned(own.entries, STRINGS[turn : turn + 1], 0)
    cards, _ = answer(call(own, sent))
    assert drawn(cards) == []
    quoted = next(card["detail"] for card in cards if "Read from “" in card["detail"])
    assert "Intense DOTATATE" in quoted or len(STRINGS[turn]) > 30  # which is cut


@pytest.mark.parametrize(
    ("char", "keys"),
    [*((char, WORDS) for char in ("<", "x", "\u202e", "\U0001f468", "* ")), ("<", {"id"})],
)
def test_e9_a_megabyte_of_text_is_cut(char, keys):
    own = chart("ileum-g1-progressive-after-ssa")
    text = char * (1_000_000 // len(char.encode()))
    longest = max(len(card["detail"]) for card in answer(call(own, own.entries))[0])
    entries = [*own.entries]
    entries[-1:] = poisoned(entries[-1:], [text], 0, keys)
    cards, _ = answer(call(own, entries))
    assert drawn(cards) == []
    assert max(len(card["detail"]) for card in cards) < 2 * longest
