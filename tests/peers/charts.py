"""The fixture patients as a server stores them: no two cases use the same id."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import yaml

FIXTURES = Path(__file__).parents[2] / "fixtures"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A folder of fixtures/: the bundle, the day and the rules it is assessed by."""

    name: str
    bundle: Resource
    as_of: date
    jurisdiction: str | None
    expect: dict[str, Any]

    @property
    def body(self) -> bytes:
        return orjson.dumps(self.bundle)

    @property
    def circumstances(self) -> dict[str, Any]:
        """The `extension` of a request that is to be answered as of the day of the case."""
        extension = {"org.cdshooks-net.asOf": self.as_of.isoformat()}
        if self.jurisdiction:
            extension["org.cdshooks-net.jurisdiction"] = self.jurisdiction
        return extension

    def before(self, resources: list[Resource], name: str) -> "Case":
        """This case with more resources of the same patient, stored ahead of its own."""
        patient = next(one for one in resources_of(self.bundle) if _type(one) == "Patient")
        subject = {"reference": f"Patient/{patient['id']}"}
        entries = [{"resource": one | {"subject": subject}} for one in resources]
        bundle = self.bundle | {"entry": [*entries, *self.bundle["entry"]]}
        return replace(self, name=name, bundle=bundle)


@dataclass(frozen=True)
class Chart:
    """What is stored of a case: its ids and references are new, all else is as in the bundle."""

    case: Case
    patient_id: str
    resources: tuple[Resource, ...]

    @property
    def body(self) -> bytes:
        """What a server may answer of this patient, as one Bundle."""
        return orjson.dumps(_bundle("collection", self._own()))

    def prefetch(self, templates: Mapping[str, str]) -> dict[str, Resource]:
        """What a client sends that fills `templates`: a read of the patient, searches by type."""
        filled: dict[str, Resource] = {}
        for key, template in templates.items():
            asked = re.split("[/?]", template)[0]
            found = [one for one in self._own() if _type(one) == asked]
            filled[key] = found[0] if "?" not in template else _bundle("searchset", found)
        return filled

    def _own(self) -> list[Resource]:
        """Strays of other patients are stored, but are not found here."""
        mine = (None, f"Patient/{self.patient_id}")
        return [one for one in self.resources if _subject(one) in mine]


def _bundle(kind: str, resources: list[Resource]) -> Resource:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def cases() -> list[Case]:
    return [_case(file.parent) for file in sorted(FIXTURES.glob("*/bundle.json"))]


def _case(folder: Path) -> Case:
    told = yaml.safe_load((folder / "case.yaml").read_text())
    return Case(
        folder.name,
        orjson.loads((folder / "bundle.json").read_bytes()),
        date.fromisoformat(str(told["as_of"])),
        told.get("jurisdiction"),
        told["expect"],
    )


def chart_of(case: Case) -> Chart:
    """The chart of a case; of several patients in its bundle the first one is looked at."""
    entries = [(entry.get("fullUrl"), entry["resource"]) for entry in case.bundle["entry"]]
    renamed: dict[str, str] = {}
    resources = []
    for number, (full_url, resource) in enumerate(entries):
        old = f"{_type(resource)}/{resource.get('id', number)}"
        new = f"{_type(resource)}/{_new_id(case, old)}"
        renamed |= {old: new} | ({full_url: new} if full_url else {})
        resources.append(deepcopy(resource) | {"id": new.partition("/")[2]})
    for reference in _references(resources):
        reference["reference"] = _follow(reference["reference"], renamed)
    patient = next(one for one in resources if _type(one) == "Patient")
    for resource in resources:
        _resolve(resource, patient)
    return Chart(case, patient["id"], tuple(resources))


def _resolve(resource: Resource, patient: Resource) -> None:
    """A subject that is told by an identifier of the patient is stored as a reference."""
    for element in ("subject", "patient"):
        told = resource.get(element, {})
        if "reference" not in told and told.get("identifier") in patient.get("identifier", ()):
            resource[element] = {"reference": f"Patient/{patient['id']}"}


def resources_of(bundle: Resource) -> Iterator[Resource]:
    yield from (entry["resource"] for entry in bundle["entry"])


def _new_id(case: Case, old: str) -> str:
    return hashlib.sha256(f"{case.name}/{old}".encode()).hexdigest()[:32]


def _subject(resource: Resource) -> str | None:
    """The reference to the patient of whom a resource speaks."""
    found = resource.get("subject") or resource.get("patient") or {}
    return found.get("reference")


def _type(resource: Resource) -> str:
    return str(resource["resourceType"])


def _references(node: object) -> Iterator[dict[str, str]]:
    """Every Reference in `node` that holds a literal reference."""
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node
        yield from (found for child in node.values() for found in _references(child))
    elif isinstance(node, list):
        yield from (found for child in node for found in _references(child))


def _follow(reference: str, renamed: dict[str, str]) -> str:
    """The new place of `reference`; one that leads out of the bundle stays what it is."""
    current = re.sub(r"/_history/[^/]+$", "", reference)
    relative = re.sub(r"^https?://.*/(?=[A-Z]\w+/[^/]+$)", "", current)
    return renamed.get(current) or renamed.get(relative) or reference
