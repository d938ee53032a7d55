"""A grade or a differentiation in one sentence: what it spells, and whether it is affirmed."""

import re
from collections.abc import Sequence

from cdshooks.fhir.text.denial import denied_and_doubted
from cdshooks.fhir.text.legend import is_of_a_rule
from cdshooks.fhir.text.lexicon import Mention
from cdshooks.fhir.text.sentences import Sentence

NOTED = re.compile(r"\bg[ -]?([123])\b")  # "G2" in any case, also where no phrase has it
_ROMAN = {"i": "1", "ii": "2", "iii": "3"}
# What "poorly differentiated" may describe, as the words begin.
_DESCRIBED = (
    *("neuroendocrin", "carcinoma", "tumour", "tumor", "neoplasm", "component", "disease"),
    *("karzinom", "komponente", "neoplasie", "carcinom", "tumeur", "composant", "neoplasia"),
)
# Between a NET and its grade: "NET, G3", "NET (WHO grade 3)".
_BESIDE = re.compile(r"[ ,(:-]{0,3}(?:(?:who|oms|enets) )?")


def figures(sentence: Sentence, graded: Sequence[Mention]) -> set[str]:
    """The grades of "grade 2", "grade II" and "G2" in a sentence, those denied left out."""
    grades = {_figure(hit.phrase) for hit in graded if is_affirmed(sentence, hit)}
    for found in NOTED.finditer(sentence.text):
        at = found.start()
        named = [hit for hit in graded if hit.start <= at < hit.end]
        if not named and not is_of_a_rule(sentence, *found.span()):
            grades.add(f"G{found[1]}")
    return grades


def _figure(phrase: str) -> str:
    """The last word of a phrase is the grade, in every language."""
    last = phrase.lower().split()[-1].lstrip("g")
    return f"G{_ROMAN.get(last, last)}"


def is_affirmed(sentence: Sentence, hit: Mention) -> bool:
    """Not if the tumour is denied that it describes: "poorly differentiated carcinoma excluded".

    Nor in the definition of a grade.
    """
    if hit.negated or hit.doubtful or is_of_a_rule(sentence, hit.start, hit.end):
        return False
    last = hit.last_token
    while last + 1 < len(sentence.words) and sentence.words[last + 1].startswith(_DESCRIBED):
        last += 1
    return last == hit.last_token or not any(denied_and_doubted(sentence, hit.first_token, last))


def stand_beside(sentence: Sentence, one: Mention, other: Mention) -> bool:
    """Do they stand beside each other, both affirmed? The first is sooner known."""
    beside = one.end <= other.start and _BESIDE.fullmatch(sentence.text, one.end, other.start)
    return bool(beside) and is_affirmed(sentence, one) and is_affirmed(sentence, other)
