"""Rules and legends: what a sentence says of a scale or a limit, and not of the patient.

"Krenning score 4 is required for PRRT", "Reference: Ki-67 < 3 % G1" and "G3 is defined as Ki-67 >
20 %" print a number beside the name of a finding, and nobody has found it.
"""

import re
from typing import Final

from cdshooks.fhir.text.sentences import Sentence

# How far from a name its rule may stand; so many names in a long text cost no more than the text.
_BEHIND: Final = 160
_AHEAD: Final = 200
# These make a rule of the clause that they stand in.
_OF_A_CLAUSE: Final = re.compile(
    r"\b(?:(?:is|are|was|were|be) (?:required|needed|necessary|mandatory) (?:for|to|before)"
    r"|(?:is|are) (?:a|the) (?:prerequisite|requirement|minimum|threshold|cut[- ]?off|criterion)"
    r"|defined as|defines?|would (?:be|mean|correspond to) (?:an? )?(?:net|who|grade|g ?[123]"
    r"|needed|required|necessary|low|intermediate|high)|ware"
    r"|(?:ist|sind) (?:erforderlich|notwendig|notig)"
    r"|definiert als|definie?s? comme|(?:est|sont) requise?s?|serait|se define como"
    r"|(?:es|son) necesari[oa]s?|seria|definid[oa]s? como|(?:e|sao) necessari[oa]s?|gereklidir"
    r"|olarak tanimlanir|(?<!within )(?<!within the )(?:reference|normal) (?:range|value|limit)s?"
    r"|(?:inclusion|eligibility|selection) criteri(?:a|on))\b"
)
# These one of what follows in their clause ("uptake in all lesions requires treatment" is none).
_OF_WHAT_FOLLOWS: Final = re.compile(
    r"\b(?:if|unless|wenn)\b|\brequir(?:es?|ing)(?: [a-z]{1,12}){0,3} ?\Z"
)
_IF_FOUND: Final = re.compile(
    r"\b(?:if|unless|wenn) (?:the )?(?:ki-?67|mitos|mitot|krenning|uptake)"
)
# And these one of all that follows in the sentence.
_OF_THE_REST: Final = re.compile(
    r"\b(?:(?:reference|referenz|referencia|referans)s? ?:|(?:reference|normal) (?:range|value)"
    r"s? ?:|(?:legend|legende|leyenda|definition|definicion|definicao|tanim)s? ?:|definition of\b"
    r"|(?:referenz|norm)(?:bereich|wert)e?\b|valeurs? de reference\b|valor(?:es)? de referencia\b)"
)
_LIMIT: Final = re.compile(
    r"\b(?:thresholds?|cut[- ]?offs?|schwellenwerte?|grenzwerte?|seuils?|umbral|limiar|esik)\b"
)
# "Above the threshold", "threshold met": it was compared with what was found.
_COMPARED: Final = re.compile(
    r"\b(?:above|below|over|under|exceed[a-z]{0,3}|beyond|met|meets|meeting|reached|passed)\b"
)
_BESIDE: Final = 24
_CLAUSE_ENDS: Final = re.compile(r"[,()]|\b(?:but|aber|mais|pero)\b")
_BRACKETS: Final = re.compile(r"\([^()]{0,120}\)")
# Several scores each with its meaning: "0 none, 1 very low, 2 equal to liver"; "4 in the liver, 3
# in the bones" are places.
_MEANING: Final = re.compile(
    r"(?:[,:(/|]|\b(?:and|or|und|et|y)\b) ?([0-4]) ?([=:-]?) ?(?!in\b)[a-z]"
)
_FIRST_MEANING: Final = re.compile(r"[ :=(]{0,3}(?:[0-4] ?=|0 ?[:-]? ?(?:none|no\b|keine?\b))")
_SCORED: Final = re.compile(r" ?[:=]? ?(?:of )?[0-4] ?\(")
_GRADE: Final = re.compile(r"\bg ?([123])\b")


def is_of_a_rule(sentence: Sentence, start: int, end: int) -> bool:
    """Does a name, from `start` to `end` of the text, stand in a rule or a legend?

    >>> from cdshooks.fhir.text.sentences import sentences
    >>> [is_of_a_rule(*sentences(text), 0, 5) for text in ("Ki-67 < 3 % would be G1", "Ki-67 2 %")]
    [True, False]
    """
    text = sentence.text
    before, after = text[max(0, start - _BEHIND) : start], text[end : end + _AHEAD]
    ahead, behind = _clause(before, after)
    return (
        _OF_THE_REST.search(before) is not None
        or _OF_A_CLAUSE.search(f"{ahead} . {behind}") is not None
        or _OF_WHAT_FOLLOWS.search(ahead) is not None
        or _IF_FOUND.search(behind) is not None
        or _is_limit(before, after)
        or _is_legend(before + text[start:end], after)
        or _tells_all_grades(before, text[start:end], after)
    )


def _clause(before: str, after: str) -> tuple[str, str]:
    """What stands before and behind a name in its clause, without what stands in brackets."""
    ahead = _CLAUSE_ENDS.split(_BRACKETS.sub(" ", before))[-1]
    return ahead, _CLAUSE_ENDS.split(_BRACKETS.sub(" ", after), maxsplit=1)[0]


def _is_limit(before: str, after: str) -> bool:
    """Is a limit given ("threshold for PRRT: Krenning 3", "Ki-67 cut-off 20 %")?"""
    limit = _LIMIT.search(before) or _LIMIT.search(after, 0, _BESIDE)
    return limit is not None and not _COMPARED.search(before + after[:_BESIDE])


def _is_legend(before: str, after: str) -> bool:
    """Is the scale of scores told, score by score? Not in the brackets behind a score."""
    if "krenning" not in before:
        return False
    if _FIRST_MEANING.match(after):
        return True
    text = before if _SCORED.match(after) else before + after
    told = [(int(found[1]), found[2]) for found in _MEANING.finditer(text)]
    scores = [score for score, _ in told]
    ascending = scores == sorted(set(scores))
    return ascending and len(scores) > (1 if all(sign for _, sign in told) else 2)


def _tells_all_grades(before: str, name: str, after: str) -> bool:
    """Are all grades told with their limits ("G1 < 3 %, G2 3-20 %, G3 > 20 %")?"""
    if "<" not in before + after and ">" not in before + after:
        return False
    text = f"{_BRACKETS.sub(' ', before)}{name}{_BRACKETS.sub(' ', after)}"
    return len(set(_GRADE.findall(text))) == 3
