"""Version, status and signatures of a rule: who has reviewed which version of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cdshooks.knowledge.source import Node

STANDING = ("version", "status", "reviewed")
STATUSES = ("draft", "reviewed")


@dataclass(frozen=True, slots=True)
class Signature:
    """A person of a NET board who has reviewed one version of a rule."""

    by: str
    role: str
    day: date
    version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rule has come: `reviewed` only if somebody has signed this very version."""

    version: str = "1"
    status: str = "draft"
    signatures: tuple[Signature, ...] = ()


def read_standing(fields: Mapping[str, Node]) -> Standing:
    """The standing that a file declares; without a word it is version 1 and a draft."""
    version = read_version(fields["version"]) if "version" in fields else "1"
    status = fields["status"].one_of(STATUSES) if "status" in fields else "draft"
    listed = fields["reviewed"].items() if "reviewed" in fields else []
    signatures = tuple(one for item in listed if (one := _signature(item)))
    signed = any(one.version == version for one in signatures)
    if status == "reviewed" and not signed:
        fields["status"].problem(
            f"nobody has signed version {version}",
            f"draft, or a signature of {version} in reviewed",
        )
    if status == "draft" and signed:
        fields["reviewed"].problem(
            f"version {version} is signed, but its status is draft", "status: reviewed"
        )
    return Standing(version, status, signatures)


def _signature(node: Node) -> Signature | None:
    fields = node.fields(("by", "role", "date", "version"), ())
    if len(fields) < 4:
        return None
    try:
        day = date.fromisoformat(fields["date"].text())
    except ValueError:
        fields["date"].problem("the day of a signature is no date", "YYYY-MM-DD")
        return None
    return Signature(
        fields["by"].text(), fields["role"].text(), day, read_version(fields["version"])
    )


def read_version(node: Node) -> str:
    """A version as numbers with dots between them."""
    version = node.text()
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)*", version):
        node.problem(f"{version!r} is no version", '"1", "2", "2.1"')
    return version
