"""Treatments of one family as one option: what is alike stands once, what differs names its kind.

The three ablations read:

    **Radiofrequency ablation**, **microwave ablation** or **cryoablation** may be considered. ...
    - **Note:** Ablation is usually a day case under sedation.
    - **Note (cryoablation):** Freezing leaves the needle track unsealed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cdshooks.clinical.criterion import Leaf, deciding, each_once
from cdshooks.clinical.explain import either
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.truth import Truth
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail

KINDS_AT_MOST = 3
KINDS_LENGTH = 70  # half a summary

Told = TypeVar("Told")


def tell_option(
    family: Sequence[TreatmentAssessment], consult: Consult, detail: Detail, *, brief: bool
) -> None:
    """One family: its kinds that fit for the same reasons together, the others after them.

    `brief`: which findings fit in one line, without the reasons of the rule.
    """
    for position, kinds in enumerate(_alike(family)):
        opening = _opening(kinds, again=position > 0)
        because = each_once(leaf for one in kinds for leaf in one.because)
        if brief:
            detail.paragraph(opening)
            detail.fits_in_brief(because)
        else:
            each = "Each" if len(kinds) > 1 else "It"
            detail.paragraph(f"{opening} {each} fits because:")
            detail.fits(because)
        for whose, cautions in _by_kind(kinds, _cautions(kinds), _words):
            detail.reasons(cautions, f"Caution{whose}")
        for whose, needs in _by_kind(kinds, lambda one: one.needs, str):
            _to_check(needs, f"Still to check{whose}", kinds, consult, detail)
        for whose, sayings in _by_kind(kinds, lambda one: one.treatment.sayings, str):
            detail.sayings(sayings, f"Note{whose}", part="note")


def _alike(family: Iterable[TreatmentAssessment]) -> list[list[TreatmentAssessment]]:
    """The treatments that fit for the same reasons, as the kinds of one option."""
    groups: dict[tuple[str, ...], list[TreatmentAssessment]] = {}
    for one in family:
        groups.setdefault(tuple(map(_words, one.because)), []).append(one)
    return list(groups.values())


def _opening(kinds: Sequence[TreatmentAssessment], *, again: bool) -> str:
    titles = [f"**{prose(_in_sentence(one.treatment.title))}**" for one in kinds]
    titles[0] = f"**{prose(kinds[0].treatment.title)}**"
    start = f"It also fits as {either(titles)}" if again else f"{either(titles)} may be considered"
    reserve = ", once what is still to check is known" if all(map(waits, kinds)) else ""
    return f"{start}{reserve}."


def _by_kind(
    kinds: Sequence[TreatmentAssessment],
    told: Callable[[TreatmentAssessment], Iterable[Told]],
    words: Callable[[Told], str],
) -> Iterator[tuple[str, list[Told]]]:
    """What is told of all kinds, then what only of some, after " (their names)"."""
    parts = {words(part): part for one in kinds for part in told(one)}
    owners = {word: [one for one in kinds if word in map(words, told(one))] for word in parts}
    groups: dict[str, list[Told]] = {"": []}
    for word, part in parts.items():
        names = ", ".join(_in_sentence(one.treatment.title) for one in owners[word])
        whose = "" if len(owners[word]) == len(kinds) else f" ({prose(names)})"
        groups.setdefault(whose, []).append(part)
    yield from groups.items()


def _in_sentence(title: str) -> str:
    """A title with a small letter, unless it begins with an abbreviation.

    >>> _in_sentence("Radiofrequency ablation"), _in_sentence("PRRT after progression")
    ('radiofrequency ablation', 'PRRT after progression')
    """
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _words(leaf: Leaf) -> str:
    return f"{leaf.statement.text}. {leaf.why}"


def _cautions(
    kinds: Sequence[TreatmentAssessment],
) -> Callable[[TreatmentAssessment], list[Leaf]]:
    """The cautions of each kind, one that several have with the sources of all."""
    cited = each_once(leaf for one in kinds for leaf in one.cautions if leaf.tell)
    by_words = {_words(leaf): leaf for leaf in cited}
    return lambda one: [by_words[_words(leaf)] for leaf in one.cautions if leaf.tell]


def waits(one: TreatmentAssessment) -> bool:
    """Is it to be considered only after a check? A referral that waits for none is not."""
    early = any(order.before_checks for order in one.treatment.orders)
    return one.outcome == "offer-check" and not early


def _to_check(
    needs: Sequence[str],
    lead: str,
    kinds: Iterable[TreatmentAssessment],
    consult: Consult,
    detail: Detail,
) -> None:
    """What has to be known before the option is safe to offer, in one line."""
    if not needs:
        return
    labels = ", ".join(consult.vocabulary[name].label for name in needs)
    sources = dict.fromkeys(
        source
        for one in kinds
        for criterion in (*one.treatment.block, *one.treatment.hold)
        for leaf in deciding(criterion, consult.facts, Truth.UNKNOWN)
        if _asks(leaf, needs, consult)
        for source in leaf.sources
    )
    detail.bullet(f"{prose(labels)}.", sources, lead)


def _asks(leaf: Leaf, needs: Sequence[str], consult: Consult) -> bool:
    """Does the statement wait for one of these facts?"""
    vocabulary, facts = consult.vocabulary, consult.facts
    asked = (base for name in leaf.statement.facts for base in vocabulary.settled_by(name, facts))
    return not set(needs).isdisjoint(asked)


def main_kinds(family: Sequence[TreatmentAssessment]) -> list[Treatment]:
    """The first of a family, and the others that fit for the same reasons."""
    return [one.treatment for one in _alike(family)[0]]


def kinds_named(kinds: Sequence[Treatment]) -> str:
    """The kinds by name where they are few and short, else as `kinds_counted` tells them."""
    others = [_in_sentence(one.title) for one in kinds[1:]]
    names = either([kinds[0].title, *others])
    short = len(kinds) <= KINDS_AT_MOST and len(names) <= KINDS_LENGTH
    return names if short else kinds_counted(kinds)


def kinds_counted(kinds: Sequence[Treatment]) -> str:
    """The title of the first, and how many there are beside it."""
    return kinds[0].title + (f" (or {len(kinds) - 1} alike)" if len(kinds) > 1 else "")
