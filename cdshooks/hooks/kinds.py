"""Treatments of one family as one option: what is alike stands once, what differs names its kind.

The three ablations read:

    **Radiofrequency ablation**, **microwave ablation** or **cryoablation** may be considered. ...
    - **Note:** Ablation is usually a day case under sedation.
    - **Note (cryoablation):** Freezing leaves the needle track unsealed.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from cdshooks.clinical.explain import either
from cdshooks.clinical.treatment import Treatment
from cdshooks.clinical.weigh import TreatmentAssessment
from cdshooks.hooks.consult import Consult
from cdshooks.hooks.detail import Detail
from cdshooks.hooks.wording import Note, Reason

KINDS_AT_MOST = 3
KINDS_LENGTH = 70  # half a summary

Told = TypeVar("Told")
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
    wording = consult.wording
    for position, kinds in enumerate(option.alike):
        opening = _opening(kinds, consult, again=position > 0)
        because = wording.merged(tuple(leaf for one in kinds for leaf in one.because))
        if brief:
            detail.paragraph(opening)
            detail.fits_in_brief(because)
        else:
            each = "Each" if len(kinds) > 1 else "It"
            detail.paragraph(f"{opening} {each} fits because:")
            detail.fits(because)
        for whose, cautions in _by_kind(kinds, _cautions(kinds, consult), _key, consult):
            detail.reasons(cautions, f"Caution{whose}")
        for whose, needs in _by_kind(kinds, lambda one: one.needs, str, consult):
            _to_check(needs, f"Still to check{whose}", kinds, consult, detail)
        for whose, notes in _by_kind(
            kinds, lambda one: wording.notes(one.treatment), _key, consult
        ):
            detail.notes(notes, f"Note{whose}", part="note")


def _key(told: Reason | Note) -> Hashable:
    return told.key


def _opening(kinds: Kinds, consult: Consult, *, again: bool) -> str:
    markdown = consult.wording.markdown
    titles = [f"**{markdown(_in_sentence(one.treatment.title))}**" for one in kinds]
    titles[0] = f"**{markdown(kinds[0].treatment.title)}**"
    start = f"It also fits as {either(titles)}" if again else f"{either(titles)} may be considered"
    reserve = ", once what is still to check is known" if all(map(waits, kinds)) else ""
    return f"{start}{reserve}."


def _by_kind(
    kinds: Kinds,
    told: Callable[[TreatmentAssessment], Iterable[Told]],
    key: Callable[[Told], Hashable],
    consult: Consult,
) -> Iterator[tuple[str, list[Told]]]:
    """What is told of all kinds, then what only of some, after " (their names)"."""
    parts = {key(part): part for one in kinds for part in told(one)}
    if len(kinds) == 1:
        yield "", list(parts.values())
        return
    owners: dict[Hashable, dict[TreatmentAssessment, None]] = {known: {} for known in parts}
    for one in kinds:
        for part in told(one):
            owners[key(part)][one] = None
    groups: dict[str, list[Told]] = {"": []}
    for known, part in parts.items():
        names = ", ".join(_in_sentence(one.treatment.title) for one in owners[known])
        whose = "" if len(owners[known]) == len(kinds) else f" ({consult.wording.markdown(names)})"
        groups.setdefault(whose, []).append(part)
    yield from groups.items()


def _in_sentence(title: str) -> str:
    """A title with a small letter, unless it begins with an abbreviation.

    >>> _in_sentence("Radiofrequency ablation"), _in_sentence("PRRT after progression")
    ('radiofrequency ablation', 'PRRT after progression')
    """
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _cautions(kinds: Kinds, consult: Consult) -> Callable[[TreatmentAssessment], list[Reason]]:
    """The cautions of each kind, one that several have with the sources of all."""
    told = {
        one: [reason for reason in consult.wording.reasons(one.cautions) if reason.leaf.tell]
        for one in kinds
    }
    every = consult.wording.each_once(reason for reasons in told.values() for reason in reasons)
    cited = {reason.key: reason for reason in every}
    return lambda one: [cited[reason.key] for reason in told[one]]


def waits(one: TreatmentAssessment) -> bool:
    """Is it to be considered only after a check? A referral that waits for none is not."""
    early = any(order.before_checks for order in one.treatment.orders)
    return one.outcome == "offer-check" and not early


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


def main_kinds(option: Option) -> list[Treatment]:
    """The first of a family, and the others that fit for the same reasons."""
    return [one.treatment for one in option.alike[0]]


def kinds_named(kinds: Sequence[Treatment]) -> str:
    """The kinds by name where they are few and short, else as `kinds_counted` tells them."""
    others = [_in_sentence(one.title) for one in kinds[1:]]
    names = either([kinds[0].title, *others])
    short = len(kinds) <= KINDS_AT_MOST and len(names) <= KINDS_LENGTH
    return names if short else kinds_counted(kinds)


def kinds_counted(kinds: Sequence[Treatment]) -> str:
    """The title of the first, and how many there are beside it."""
    return kinds[0].title + (f" (or {len(kinds) - 1} alike)" if len(kinds) > 1 else "")
