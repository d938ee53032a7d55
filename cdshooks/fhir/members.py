"""The members of a Bundle or a Patient, each unread, and the proof that none of them stands twice.

msgspec keeps the last of two equal keys without a word, and has no word for an unknown one. But an
object that is exactly as long as its known members written without spaces has room for neither.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cdshooks.fhir.entries import Entries, Item

Member: TypeAlias = Raw | memoryview | list[Raw]


class Members(msgspec.Struct, gc=False):
    """The members of a Bundle and of a Patient (FHIR R4): what an EHR sends in a prefetch.

    Of another resource, or one with a member that FHIR does not know, only some are here.
    """

    resourceType: Raw | UnsetType = UNSET  # noqa: N815  (FHIR's own spelling)
    id: Raw | UnsetType = UNSET
    meta: Raw | UnsetType = UNSET
    implicitRules: Raw | UnsetType = UNSET  # noqa: N815
    language: Raw | UnsetType = UNSET
    type: Raw | UnsetType = UNSET
    timestamp: Raw | UnsetType = UNSET
    total: Raw | UnsetType = UNSET
    link: Raw | UnsetType = UNSET
    entry: list[Raw] | UnsetType = UNSET
    signature: Raw | UnsetType = UNSET
    text: Raw | UnsetType = UNSET
    contained: Raw | UnsetType = UNSET
    extension: Raw | UnsetType = UNSET
    modifierExtension: Raw | UnsetType = UNSET  # noqa: N815
    identifier: Raw | UnsetType = UNSET
    active: Raw | UnsetType = UNSET
    name: Raw | UnsetType = UNSET
    telecom: Raw | UnsetType = UNSET
    gender: Raw | UnsetType = UNSET
    birthDate: Raw | UnsetType = UNSET  # noqa: N815
    deceasedBoolean: Raw | UnsetType = UNSET  # noqa: N815
    deceasedDateTime: Raw | UnsetType = UNSET  # noqa: N815
    address: Raw | UnsetType = UNSET
    maritalStatus: Raw | UnsetType = UNSET  # noqa: N815
    multipleBirthBoolean: Raw | UnsetType = UNSET  # noqa: N815
    multipleBirthInteger: Raw | UnsetType = UNSET  # noqa: N815
    photo: Raw | UnsetType = UNSET
    contact: Raw | UnsetType = UNSET
    communication: Raw | UnsetType = UNSET
    generalPractitioner: Raw | UnsetType = UNSET  # noqa: N815
    managingOrganization: Raw | UnsetType = UNSET  # noqa: N815

    def there(self) -> list[tuple[str, Member]]:
        """The members that are there, by name; the list of entries may be one text."""
        members = zip(_NAMES, msgspec.structs.astuple(self), strict=True)
        return [
            (name, one.text if isinstance(one, Entries) else one)
            for name, one in members
            if one is not UNSET
        ]

    def least(self) -> int:
        """How long the object is if nothing but these members is in it, and no space."""
        members = zip(_BESIDE, msgspec.structs.astuple(self), strict=True)
        return _object([beside + _length(one) for beside, one in members if one is not UNSET])

    def together(self) -> bytes:
        """An object of these members."""
        return b"{%s}" % b",".join(
            b'"%s":%s' % (name.encode(), _bytes(one)) for name, one in self.there()
        )


class Entered(Members, gc=False):
    """The same, with each entry of a Bundle read in the same pass.

    Its entries are Entries, once it is known where they stand.
    """

    entry: list[Item] | UnsetType = UNSET  # type: ignore[assignment]  # of the same JSON

    def find_entries(self, body: bytes, begin: int) -> bool:
        """Find the entries in the body that this was decoded from; False if they are not found.

        `begin` is the address of the body.
        """
        if not self.entry:
            return True
        entries = Entries(self.entry, body, begin)
        self.entry = entries  # type: ignore[assignment]
        return entries.find()


_NAMES = Members.__struct_fields__
_BESIDE = tuple(len(name) + 4 for name in _NAMES)  # a name, its quotes, a colon and a comma


def length(members: Iterable[tuple[str, int]]) -> int:
    """How long an object is, written without spaces, by the names and lengths of its members.

    Any member more, a name given twice among them, makes it longer; so do an escape in a name and
    any space. So of an object that is as long as this, these are all members, each once.
    """
    return _object([len(name.encode()) + 4 + size for name, size in members])


def _object(sizes: Sequence[int]) -> int:
    """How long an object is by the lengths of its members, each with its comma."""
    return max(2, 1 + sum(sizes))


def _length(one: Raw | list[Raw] | Entries) -> int:
    if isinstance(one, Entries):
        return len(one.text)
    return len(one) if isinstance(one, Raw) else 1 + max(1, len(one)) + sum(map(len, one))


def _bytes(one: Member) -> bytes:
    return b"[%s]" % b",".join(map(bytes, one)) if isinstance(one, list) else bytes(one)
