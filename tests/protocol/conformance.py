"""The text of CDS Hooks 2.0.1 as a checker: what a discovery or a response gets wrong, in words.

Written from the specification and not from our code. A client of CDS Hooks 1.0 knows fewer members
(`version="1.0"`); what is `ours` goes beyond the text: ids everywhere, short buttons, a topic.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

Faults = Iterator[str]
Check = Callable[[str, Any], Faults]

HOOK = re.compile(r"[A-Za-z0-9.\-]+")
SEGMENT = re.compile(r"[A-Za-z0-9\-._~]+")  # RFC 3986, unreserved
SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.\-]+)?(\+[0-9A-Za-z.\-]+)?")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
TOKEN = re.compile(r"\{\{(.*?)\}\}")
USERS = ("userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId")

SERVICE = ("hook", "title", "description", "id", "prefetch", "usageRequirements")
CARD_1 = (
    *("summary", "detail", "indicator", "source", "suggestions"),
    *("selectionBehavior", "links"),
)
CARD_2 = ("uuid", *CARD_1, "overrideReasons")


def discovery_faults(body: Any) -> list[str]:
    return [*_emptiness(body, "body", ("services",)), *_discovery(body)]


def response_faults(body: Any, version: str = "2.0") -> list[str]:
    return [*_emptiness(body, "body", ("cards",)), *_response(body, version)]


def our_faults(body: Any) -> list[str]:
    """What a response for a 2.0.1 client lacks of our own rules, if it is conforming."""
    faults = []
    for number, card in enumerate(body["cards"]):
        marks = [card.get("uuid"), *(one.get("uuid") for one in card.get("suggestions", ()))]
        faults += [f"cards[{number}]: no uuid" for one in marks if not UUID.fullmatch(one or "")]
        if set(card["source"].get("topic", ())) < {"code", "system"}:
            faults.append(f"cards[{number}]: no topic")
        if set("<>&\n") & set(card["summary"]):
            faults.append(f"cards[{number}]: markup in the summary")
    return faults


# ---- what holds for all JSON --------------------------------------------------------------------


def _emptiness(value: Any, path: str, may_be_empty: tuple[str, ...] = ()) -> Faults:
    """P3: no null, "", [] or {} but for the arrays that the text names."""
    if value is None or value in ("", [], {}):
        yield f"{path}: is empty"
    if isinstance(value, dict):
        for name, inner in value.items():
            if not (name in may_be_empty and inner == []):
                yield from _emptiness(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _emptiness(inner, f"{path}[{number}]")


def _members(value: Any, path: str, required: Iterable[str], known: Iterable[str]) -> Faults:
    """P21, P92, P93: an object with these members; others belong into `extension`, an object."""
    if not isinstance(value, dict):
        yield f"{path}: is no object"
        return
    yield from (f"{path}.{name}: is missing" for name in required if name not in value)
    unknown = set(value) - {*required, *known, "extension"}
    yield from (f"{path}.{name}: is not a member" for name in sorted(unknown))
    if not isinstance(value.get("extension", {}), dict):
        yield f"{path}.extension: is no object"


def _strings(value: dict[str, Any], path: str, names: Iterable[str]) -> Faults:
    for name in names:
        if not isinstance(value.get(name, ""), str):
            yield f"{path}.{name}: is no string"


def _one_of(value: dict[str, Any], path: str, name: str, accepted: tuple[str, ...]) -> Faults:
    if name in value and value[name] not in accepted:
        yield f"{path}.{name}: is not one of {', '.join(accepted)}"


def _url(value: dict[str, Any], path: str, name: str) -> Faults:
    if name in value and not is_absolute(value[name]):
        yield f"{path}.{name}: is no absolute URL"


def is_absolute(url: Any) -> bool:
    if not isinstance(url, str) or " " in url:
        return False
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _each(value: dict[str, Any], path: str, name: str, check: Check) -> Faults:
    found = value.get(name, [])
    if not isinstance(found, list):
        yield f"{path}.{name}: is no array"
        return
    for number, one in enumerate(found):
        yield from check(f"{path}.{name}[{number}]", one)


# ---- discovery ----------------------------------------------------------------------------------


def _discovery(body: Any) -> Faults:
    yield from _members(body, "body", ("services",), ())
    if isinstance(body, dict):
        yield from _each(body, "body", "services", _service)
        services = [one for one in body.get("services", ()) if isinstance(one, dict)]
        names = [(one.get("id"), one.get("hook")) for one in services]
        if len(set(names)) < len(names):
            yield "body.services: an id is given twice for one hook"


def _service(path: str, value: Any) -> Faults:
    yield from _members(value, path, ("hook", "description", "id"), (*SERVICE, "version"))
    if not isinstance(value, dict):
        return
    yield from _strings(value, path, (one for one in (*SERVICE, "version") if one != "prefetch"))
    for name, shape in (("id", SEGMENT), ("hook", HOOK), ("version", SEMVER)):
        if isinstance(value.get(name), str) and not shape.fullmatch(value[name]):
            yield f"{path}.{name}: is not formed like one"
    prefetch = value.get("prefetch", {})
    if not isinstance(prefetch, dict):
        yield f"{path}.prefetch: is no object"
        return
    for key, template in prefetch.items():
        yield from _template(f"{path}.prefetch.{key}", template)


def _template(path: str, template: Any) -> Faults:
    """P16 to P18: a query with tokens of the context's root, and none of what clients may lack."""
    if not isinstance(template, str):
        yield f"{path}: is no string"
        return
    for token in TOKEN.findall(template):
        if token not in USERS and not re.fullmatch(r"context\.[A-Za-z]+", token):
            yield f"{path}: has a token that is not of the root of the context"
    if re.search(r"_include|_revinclude|:not|[?&][^=&]*\.", TOKEN.sub("", template)):
        yield f"{path}: uses a search that clients need not support"


# ---- response -----------------------------------------------------------------------------------


def _response(body: Any, version: str) -> Faults:
    actions = () if version == "1.0" else ("systemActions",)
    yield from _members(body, "body", ("cards",), actions)
    if not isinstance(body, dict):
        return
    yield from _each(body, "body", "cards", lambda path, one: _card(path, one, version))
    yield from _each(body, "body", "systemActions", _action)
    uuids = [
        one["uuid"]
        for card in body.get("cards", ())
        if isinstance(card, dict)
        for one in (card, *(one for one in card.get("suggestions", ()) if isinstance(one, dict)))
        if "uuid" in one
    ]
    if len(set(uuids)) < len(uuids):
        yield "body: a uuid is given twice"


def _card(path: str, value: Any, version: str) -> Faults:
    known = CARD_1 if version == "1.0" else CARD_2
    yield from _members(value, path, ("summary", "indicator", "source"), known)
    if not isinstance(value, dict):
        return
    yield from _strings(value, path, ("uuid", "summary", "detail"))
    if len(str(value.get("summary", ""))) >= 140:
        yield f"{path}.summary: has 140 characters or more"
    yield from _one_of(value, path, "indicator", ("info", "warning", "critical"))
    yield from _source(f"{path}.source", value.get("source", {}), version)
    yield from _selection(path, value, version)
    yield from _each(value, path, "suggestions", lambda at, one: _suggestion(at, one, version))
    yield from _each(value, path, "overrideReasons", _reason)
    yield from _each(value, path, "links", _link)


def _source(path: str, value: Any, version: str) -> Faults:
    topic = () if version == "1.0" else ("topic",)
    yield from _members(value, path, ("label",), ("url", "icon", *topic))
    if isinstance(value, dict):
        yield from _strings(value, path, ("label",))
        yield from _url(value, path, "url")
        yield from _url(value, path, "icon")
        if "topic" in value:
            yield from _coding(f"{path}.topic", value["topic"], ("code",))


def _selection(path: str, value: dict[str, Any], version: str) -> Faults:
    accepted = ("at-most-one",) if version == "1.0" else ("at-most-one", "any")
    if "suggestions" in value and "selectionBehavior" not in value and version != "1.0":
        yield f"{path}.selectionBehavior: is missing beside suggestions"
    yield from _one_of(value, path, "selectionBehavior", accepted)
    suggestions = [one for one in value.get("suggestions", ()) if isinstance(one, dict)]
    recommended = sum(one.get("isRecommended") is True for one in suggestions)
    if value.get("selectionBehavior") == "at-most-one" and recommended > 1:
        yield f"{path}.suggestions: more than one is recommended where one may be chosen"


def _suggestion(path: str, value: Any, version: str) -> Faults:
    recommended = () if version == "1.0" else ("isRecommended",)
    yield from _members(value, path, ("label",), ("uuid", "actions", *recommended))
    if isinstance(value, dict):
        yield from _strings(value, path, ("label", "uuid"))
        if not isinstance(value.get("isRecommended", True), bool):
            yield f"{path}.isRecommended: is no boolean"
        yield from _each(value, path, "actions", _action)


def _action(path: str, value: Any) -> Faults:
    yield from _members(value, path, ("type", "description"), ("resource", "resourceId"))
    if not isinstance(value, dict):
        return
    yield from _strings(value, path, ("description",))
    yield from _one_of(value, path, "type", ("create", "update", "delete"))
    resource = value.get("resource")
    if value.get("type") in ("create", "update"):
        if not isinstance(resource, dict) or "resourceType" not in resource:
            yield f"{path}.resource: is no FHIR resource as an object"
        elif ("id" in resource) is (value["type"] == "create"):
            yield f"{path}.resource: an update names the id, a create has none"
    if value.get("type") == "delete":
        if resource is not None:
            yield f"{path}.resource: stands beside a delete"
        if not REFERENCE.fullmatch(str(value.get("resourceId", ""))):
            yield f"{path}.resourceId: is no Type/id"


def _reason(path: str, value: Any) -> Faults:
    yield from _coding(path, value, ("code", "system", "display"))


def _coding(path: str, value: Any, required: tuple[str, ...]) -> Faults:
    yield from _members(value, path, required, ("code", "system", "display"))
    if isinstance(value, dict):
        yield from _strings(value, path, ("code", "system", "display"))


def _link(path: str, value: Any) -> Faults:
    known = ("label", "url", "type")
    yield from _members(value, path, known, ("appContext", "autolaunchable"))
    if not isinstance(value, dict):
        return
    yield from _strings(value, path, ("label", "appContext"))
    yield from _url(value, path, "url")
    yield from _one_of(value, path, "type", ("absolute", "smart"))
    if "appContext" in value and value.get("type") != "smart":
        yield f"{path}.appContext: stands on a link that launches no app"
    if not isinstance(value.get("autolaunchable", True), bool):
        yield f"{path}.autolaunchable: is no boolean"
