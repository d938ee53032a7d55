"""Evidence of spread from codes: secondary cancers, TNM results, stages."""

import re
from collections.abc import Iterator

from cdshooks.clinical.value import Flag
from cdshooks.fhir.chart import Matched
from cdshooks.fhir.readers.numbers import printed_value
from cdshooks.fhir.readers.spread_record import Evidence, Record
from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.reading import where
from cdshooks.fhir.text import sentences
from cdshooks.knowledge.facts import Concept

_TNM = {"m0": "m0", "m1": "metastatic", "n0": "no-node", "n1": "node"}
_STAGES = {
    "stage-one-two": "localised",
    "stage-two-three": "local-or-regional",
    "stage-four": "metastatic",
}
# "pT3N1M0", "pN1", "cM0(i+)": the categories written as one word.
_CATEGORIES = re.compile(
    r"(?:[cpyra]{0,3}T(?:is|[0-4Xx])[a-d]?)?(?:[cpyra]{0,3}N(?P<n>[0-3])(?:mi|[a-c])?|[cpyra]{0,3}N[Xx])?"
    r"(?:[cpyra]{0,3}M(?P<m>[01])[a-c]?|[cpyra]{0,3}M[Xx])?"
)


def coded_evidence(record: Record) -> Iterator[Evidence]:
    """Evidence from Conditions, TNM results and the stages of the NET."""
    for concept in record.family.concepts.values():
        if "place" in concept.says and concept.codes:
            for matched in record.coded(concept, "Condition"):
                yield _secondary(matched, concept, record)
    for name in ("tnm-m", "tnm-n", "stage-group"):
        for matched in record.coded(record.family.concepts[name], "Observation"):
            if "dataAbsentReason" not in matched.part:
                yield from _result(matched, name, record)
    yield from _stages(record)
