"""One answer of a FHIR server: a resource, or a page of a Bundle with a link to the next."""

import msgspec
from msgspec import Raw

from cdshooks.outbound.session import Answer, NotDelivered


class _Link(msgspec.Struct, gc=False):
    relation: str = ""
    url: str = ""


class Page(msgspec.Struct, gc=False, rename="camel"):
    """The parts that tell how to go on; the entries are only counted."""

    resource_type: str
    link: list[_Link] = []
    entry: list[Raw] = []

    @property
    def following(self) -> str | None:
        return next((link.url for link in self.link if link.relation == "next"), None)


_PAGE = msgspec.json.Decoder(Page)


def read_page(answer: Answer, resource_type: str | None) -> Page:
    """The page in `answer`; NotDelivered if it is not a Bundle or the resource asked for."""
    try:
        answer.body.decode()
        page = _PAGE.decode(answer.body)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        html = "html" in answer.content_type.lower()
        what = "a web page, perhaps to sign in" if html else "not FHIR JSON"
        raise NotDelivered(f"the answer is {what}") from None
    if page.resource_type == "OperationOutcome":
        raise NotDelivered("the FHIR server answered with an OperationOutcome")
    if page.resource_type not in ("Bundle", resource_type):
        raise NotDelivered("the answer is another kind of resource")
    return page
