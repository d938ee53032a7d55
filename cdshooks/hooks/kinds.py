"""Treatments of one family as one option: what is alike stands once, what differs names its kind.

The three ablations read:

    **Radiofrequency ablation**, **microwave ablation** or **cryoablation** may be considered. ...
    - **Note:** Ablation is usually a day case under sedation.
    - **Note (cryoablation):** Freezing leaves the needle track unsealed.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypeVar

from cdshooks.clinical.criterion import Leaf
from cdshooks.clinical.explain import either
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.card import prose
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.wording import Block, Note, Wording, block_of

KINDS_AT_MOST = 3
KINDS_LENGTH = 70  # half a summary

Part = TypeVar("Part")
Kinds: TypeAlias = Sequence[TreatmentAssessment]


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """The treatments of one family by rank; in `alike` those that fit for the same reasons."""

    family: Kinds
    alike: Sequence[Kinds]


def families(weighed: Iterable[TreatmentAssessment]) -> list[Option]:
    """Treatments of one family as one option, in the order of their rank."""
    found: dict[str, list[TreatmentAssessment]] = {}
    for one in sorted(weighed, key=lambda option: option.treatment.rank):
        found.setdefault(one.treatment.family, []).append(one)
    return [Option(family, _alike(family)) for family in found.values()]


def _alike(family: Kinds) -> Sequence[Kinds]:
    if len(family) == 1:
        return [family]
    groups: dict[tuple[tuple[str, str], ...], list[TreatmentAssessment]] = {}
    for one in family:
        because = tuple((leaf.statement.text, leaf.why) for leaf in one.because)
        groups.setdefault(because, []).append(one)
    return list(groups.values())


def tell_option(option: Option, consult: Consult, detail: Detail, *, brief: bool) -> None:
    """One family: its kinds that fit for the same reasons together, the others after them.

    `brief`: which findings fit in one line, without the reasons of the rule.
    """
    for position, kinds in enumerate(option.alike):
        words = consult.wording.once((_words, position > 0, *map(_kind, kinds)))
        if brief:
            detail.paragraph(words.opening)
            detail.fits_in_brief(words.because)
        else:
            detail.paragraph(words.introducing)
            detail.fits(words.because)
        for whose, cautions in words.cautions:
            detail.reasons(cautions, f"Caution{whose}")
        for whose, needs in words.needs:
            _to_check(needs, f"Still to check{whose}", kinds, consult, detail)
        for whose, notes in words.notes:
            detail.notes(notes, f"Note{whose}", part="note")


class Kind(NamedTuple):
    """All of an assessment that the words about it hang on."""

    treatment: Treatment
    waits: bool
    because: tuple[Leaf, ...]
    cautions: tuple[Leaf, ...]
    needs: tuple[str, ...]


def _kind(one: TreatmentAssessment) -> Kind:
    return Kind(one.treatment, waits(one), one.because, one.cautions, one.needs)


class Words(NamedTuple):
    """What the knowledge says of kinds that fit for the same reasons.

    With each caution, need and note stands whose it is: "" if of all, else " (their names)".
    `introducing` is the opening where the reasons follow, one in a line.
    """

    opening: str
    introducing: str
    because: Block
    cautions: Sequence[tuple[str, Block]]
    needs: Sequence[tuple[str, Sequence[str]]]
    notes: Sequence[tuple[str, Sequence[Note]]]


def _words(wording: Wording, again: bool, *kinds: Kind) -> Words:
    """Each part is kept by itself, too: kinds that fit for new reasons have nothing else new."""
    once, each = wording.once, [one.treatment for one in kinds]
    every = wording.each_once(wording.reason(leaf) for one in kinds for leaf in one.because)
    opening = once((_opening, again, *((one.treatment, one.waits) for one in kinds)))
    return Words(
        opening,
        f"{opening} {'Each' if len(kinds) > 1 else 'It'} fits because:",
        block_of(reason for reason in every if reason.tell),
        once((_cautions, *((one.treatment, one.cautions) for one in kinds))),
        once((_needs, *((one.treatment, one.needs) for one in kinds))),
        once((_notes, *each)),
    )


def _opening(_: Wording, again: bool, *kinds: tuple[Treatment, bool]) -> str:
    titles = [f"**{prose(_in_sentence(one.title))}**" for one, _ in kinds]
    titles[0] = f"**{prose(kinds[0][0].title)}**"
    start = f"It also fits as {either(titles)}" if again else f"{either(titles)} may be considered"
    all_wait = all(waiting for _, waiting in kinds)
    return f"{start}{', once what is still to check is known' if all_wait else ''}."


def _cautions(
    wording: Wording, *kinds: tuple[Treatment, tuple[Leaf, ...]]
) -> Sequence[tuple[str, Block]]:
    """The cautions; one that several kinds have with the sources of all."""
    told = {one: wording.reasons(leaves).reasons for one, leaves in kinds}
    every = wording.each_once(reason for reasons in told.values() for reason in reasons)
    cited = {reason.key: reason for reason in every}
    all_cited = {one: [cited[reason.key] for reason in told[one]] for one in told}
    by_kind = _by_kind(all_cited, lambda reason: reason.key)
    return [(whose, block_of(cautions)) for whose, cautions in by_kind]


def _needs(
    _: Wording, *kinds: tuple[Treatment, tuple[str, ...]]
) -> Sequence[tuple[str, list[str]]]:
    return _by_kind(dict(kinds), str)


def _notes(wording: Wording, *kinds: Treatment) -> Sequence[tuple[str, list[Note]]]:
    return _by_kind({one: wording.notes(one) for one in kinds}, lambda note: note.key)


def _by_kind(
    told: Mapping[Treatment, Sequence[Part]], key: Callable[[Part], Hashable]
) -> Sequence[tuple[str, list[Part]]]:
    """What is told of all kinds, then what only of some, after " (their names)"."""
    parts = {key(part): part for of_one in told.values() for part in of_one}
    owners: dict[Hashable, dict[Treatment, None]] = {known: {} for known in parts}
    for one, of_one in told.items():
        for part in of_one:
            owners[key(part)][one] = None
    groups: dict[str, list[Part]] = {}
    for known, part in parts.items():
        names = ", ".join(_in_sentence(one.title) for one in owners[known])
        whose = "" if len(owners[known]) == len(told) else f" ({prose(names)})"
        groups.setdefault(whose, []).append(part)
    return sorted(groups.items(), key=lambda group: group[0] != "")


def _in_sentence(title: str) -> str:
    """A title with a small letter, unless it begins with an abbreviation.

    >>> _in_sentence("Radiofrequency ablation"), _in_sentence("PRRT after progression")
    ('radiofrequency ablation', 'PRRT after progression')
    """
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def waits(one: TreatmentAssessment) -> bool:
    """Is it to be considered only after a check? A referral that waits for none is not."""
    if one.outcome != "offer-check":
        return False
    return not any(order.before_checks for order in one.treatment.orders)


def _to_check(
    needs: Sequence[str], lead: str, kinds: Kinds, consult: Consult, detail: Detail
) -> None:
    """What has to be known before the option is safe to offer, in one line."""
    if not needs:
        return
    labels, asked = ", ".join(consult.vocabulary[name].label for name in needs), frozenset(needs)
    sources = dict.fromkeys(
        source
        for one in kinds
        for leaf in one.checks
        if consult.may_settle(asked, leaf)
        for source in leaf.sources
    )
    detail.bullet(f"{consult.wording.markdown(labels)}.", sources, lead)


def main_kinds(option: Option) -> tuple[Treatment, ...]:
    """The first of a family, and the others that fit for the same reasons."""
    return tuple([one.treatment for one in option.alike[0]])


def kinds_named(kinds: Sequence[Treatment]) -> str:
    """The kinds by name where they are few and short, else as `kinds_counted` tells them."""
    others = [_in_sentence(one.title) for one in kinds[1:]]
    names = either([kinds[0].title, *others])
    short = len(kinds) <= KINDS_AT_MOST and len(names) <= KINDS_LENGTH
    return names if short else kinds_counted(kinds)


def kinds_counted(kinds: Sequence[Treatment]) -> str:
    """The title of the first, and how many there are beside it."""
    return kinds[0].title + (f" (or {len(kinds) - 1} alike)" if len(kinds) > 1 else "")
