"""Why a clinician may set a card aside: the reasons that the menu of a client offers.

A choice from the published value set "Non-Adherence Reason Clinical Selection" (HL7 International,
Clinical Decision Support, trial use, CDS Hooks 3.0 ballot), each with the display of its code
system; read in HL7/cds-hooks, input/vocabulary. Left out: `patient-refuses`, which its own authors
call not preferred (`does-not-align-preferences` says why), and `recipient-does-not-understand`. A
client of CDS Hooks 1.0 knows no override reasons and ignores them.
"""

import orjson

from cdshooks.hooks.card import OverrideReason

SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
VALUE_SET = "http://terminology.hl7.org/ValueSet/non-adherence-reason-clinical"

_REASONS = (
    ("cds-not-applicable", "PC CDS does not apply to patient"),
    ("action-completed", "Recommended action was already completed"),
    ("patient-contraindication", "Patient has contraindication to recommended action"),
    ("recipient-concerns-outcomes", "Recipient has concerns regarding potential health outcomes"),
    (
        "recipient-disagrees-evidence",
        "Recipient disagrees with recommendation because of issues with the evidence",
    ),
    (
        "does-not-align-preferences",
        "Recommendation does not align with patient preferences or values",
    ),
    ("service-not-available", "Treatment or service is not practically available"),
    ("too-costly-uncovered", "Recommended action is too costly or not covered by insurance"),
    ("not-convenient-feasible", "Recommendation is not convenient or feasible"),
    ("cds-suboptimal-context", "PC CDS delivered in suboptimal context"),
)
OVERRIDE_REASONS = tuple(OverrideReason(SYSTEM, code, display) for code, display in _REASONS)
WRITTEN = orjson.Fragment(orjson.dumps([reason.as_json() for reason in OVERRIDE_REASONS]))
"""The same as they stand on every card that has them: a third of it, and never written anew."""
