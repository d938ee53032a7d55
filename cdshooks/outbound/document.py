"""One document of a registered URL, such as the public keys of a client."""

import time

from cdshooks.errors import FetchFailed, SettingsInvalid
from cdshooks.outbound.dial import Resolve
from cdshooks.outbound.session import OK, NotDelivered, Room, Session
from cdshooks.outbound.target import Target


def get_document(
    target: Target,
    *,
    at_most: int,
    seconds: float,
    accept: str,
    resolve: Resolve | None = None,
) -> bytes:
    """The body at `target`: at most `at_most` bytes, within `seconds` in all.

    A redirect is not followed, and the content type is not believed: whoever parses the document
    decides what it is. Raises FetchFailed.
    """
    deadline = time.monotonic() + seconds
    try:
        with Session(target, 1, resolve) as session:
            answer = session.ask(
                "GET", target.url, {"Accept": accept}, deadline=deadline, room=Room(at_most)
            )
    except NotDelivered as error:
        raise FetchFailed("the document", error.reason) from None
    except SettingsInvalid as error:
        raise FetchFailed("the document", str(error)) from None
    if answer.status != OK:
        raise FetchFailed("the document", f"the server answered {answer.status}", answer.status)
    return answer.body
