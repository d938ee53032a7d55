"""The elements of a resource by which it is picked or passed over, and no more."""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType


class Peek(msgspec.Struct, gc=False):
    """What is looked at of each resource; what is Raw is decoded only when it is needed.

    A field costs time for every resource, so that what few are asked for is not here. `id` is a
    text by the book, UNSET if there is none, and else whatever stands there.
    """

    resourceType: str  # noqa: N815  (FHIR's own spelling)
    id: Any = UNSET
    subject: Raw | UnsetType = UNSET
    patient: Raw | UnsetType = UNSET
    code: Raw | UnsetType = UNSET
    medicationCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815
    medicationReference: Raw | UnsetType = UNSET  # noqa: N815
    component: Raw | UnsetType = UNSET
    valueString: Raw | UnsetType = UNSET  # noqa: N815
    valueCodeableConcept: Raw | UnsetType = UNSET  # noqa: N815
    note: Raw | UnsetType = UNSET
    conclusion: Raw | UnsetType = UNSET
    conclusionCode: Raw | UnsetType = UNSET  # noqa: N815
    presentedForm: Raw | UnsetType = UNSET  # noqa: N815
    hasMember: Raw | UnsetType = UNSET  # noqa: N815
    contained: Raw | UnsetType = UNSET

    @property
    def own_id(self) -> str | None:
        """The id of the resource; None if there is none, or it is not a string."""
        return self.id if isinstance(self.id, str) else None


PEEK = msgspec.json.Decoder(Peek)
_TEXT = msgspec.json.Decoder(str)


def text(raw: Raw | UnsetType) -> str | None:
    """The string at `raw`; None if there is none, or it is not a string."""
    if raw is UNSET:
        return None
    try:
        return _TEXT.decode(raw)
    except msgspec.DecodeError:
        return None
