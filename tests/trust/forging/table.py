"""Every forged token."""

from tests.trust.forging.algorithms import algorithms
from tests.trust.forging.claimed import audiences, ids, issuers, times
from tests.trust.forging.forms import forms, objects
from tests.trust.forging.headers import headers, jkus
from tests.trust.forging.signatures import signatures

FORGED = (
    *algorithms(),
    *headers(),
    *jkus(),
    *forms(),
    *objects(),
    *signatures(),
    *issuers(),
    *times(),
    *ids(),
    *audiences(),
)
