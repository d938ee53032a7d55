"""How the service runs: CDSHOOKS_* variables, the command line and a config file, checked first.

All of it is read before anything binds, and every mistake is named at once, without its value.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

from cdshooks.clients.client import Client
from cdshooks.clients.config import read_clients, read_file
from cdshooks.clients.service import fhir_base_problem, read_service, store_problem
from cdshooks.clients.table import cure
from cdshooks.clients.urls import is_loopback, may_overlap, origin_problem, url_problem
from cdshooks.errors import KeysUnreadable, SettingsInvalid
from cdshooks.knowledge.load import load_services

PREFIX = "CDSHOOKS_"


def _listed(value: object) -> object:
    """Several values in one variable, with commas or spaces between them."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _public_base(url: str) -> str:
    if said := url_problem(url):
        raise ValueError(said)
    if "/cds-services" in url:
        raise ValueError("ends before /cds-services, which is added to it")
    return url.rstrip("/")


def _store(url: str) -> str:
    if said := store_problem(url):
        raise ValueError(said)
    return url


def _own_store(settings: Mapping[str, Any]) -> str:
    return f"sqlite:///{settings['state_dir'].absolute()}/replay.sqlite3"


def _own_state() -> Path:
    """A folder that is the same wherever the service is started from."""
    try:
        return Path.home() / ".local/state/cdshooks-net"
    except RuntimeError:
        return Path("cdshooks-state")


def _home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("begins with ~, but no home folder is known: write it out") from None


class Settings(BaseModel):
    """Every setting. A variable is the name in capitals behind CDSHOOKS_."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    config: Path | None = None  # the config file, docs/configuration.md
    clients: tuple[InstanceOf[Client], ...] = ()  # from that file alone
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65_535)
    public_base: Annotated[str, AfterValidator(_public_base)] | None = None  # as clients call it
    sandbox: bool = False
    fhir_servers: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    open_discovery: bool = True  # without a token: it tells what services there are, no more
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()  # beside the clients'
    max_body_bytes: int = Field(33_554_432, ge=1_024)
    body_seconds: float = Field(10.0, gt=0, le=600)  # for a whole body to arrive
    workers: int = Field(1, ge=1, le=64)  # processes
    cpu_affinity: bool = True  # whether the threads of a process keep to one processor
    threads: int = Field(4, ge=1, le=64)  # calls that a process answers at a time
    queue: int = Field(64, ge=0, le=10_000)  # calls that wait for a thread; more get a 503
    client_queue: int = Field(32, ge=0, le=10_000)  # of them of one client; more get a 429
    memory_bytes: int = Field(16_777_216, ge=0)  # of a process, for charts opened again; 0: none
    drain_seconds: float = Field(5.0, ge=0, le=600)  # to answer on, once it has to stop
    local_codes: Path | None = None  # the site's own codes, docs/local-codes.md
    fetch_budget_ms: int = Field(400, ge=10, le=60_000)  # of the sandbox; clients have their own
    state_dir: Annotated[Path, AfterValidator(_home)] = Field(default_factory=_own_state)
    replay_store: Annotated[str, AfterValidator(_store)] = Field(
        default_factory=_own_store, repr=False
    )
    metrics_port: int = Field(0, ge=0, le=65_535)  # for counts, at an address of its own; 0: none
    metrics_host: str = "127.0.0.1"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_key: SecretStr | None = Field(None, min_length=32)  # for patients' ids in the log

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        problems = []
        if self.sandbox and not is_loopback(self.host):
            problems.append(
                "host: the sandbox asks nobody to sign in, so it binds to loopback only: "
                "use 127.0.0.1, or run without sandbox"
            )
        if self.clients and self.public_base is None:
            problems.append(
                "public_base: is missing: the URL before /cds-services, as clients call it, "
                "for their tokens are made for exactly that"
            )
        if self.clients and self.fhir_servers and not self.sandbox:
            problems.append("fhir_servers: is for the sandbox; a client has its own in its table")
        if self.metrics_port == self.port and may_overlap(self.metrics_host, self.host):
            problems.append(
                "metrics_port: is the port of the service too, which would lose calls to the "
                "counts: choose another"
            )
        refused = (origin_problem(origin) for origin in self.cors_origins)
        problems += [f"cors_origins: one of them {said}" for said in dict.fromkeys(refused) if said]
        checked = (fhir_base_problem(url, https_only=not self.sandbox) for url in self.fhir_servers)
        problems += [f"fhir_servers: {said}" for said in dict.fromkeys(checked) if said]
        if problems:
            raise ValueError("\n".join(problems))
        return self


NAMES = tuple(name for name in Settings.model_fields if name != "clients")
TYPES = {name: Settings.model_fields[name].annotation for name in NAMES if name != "config"}


def _words(field: FieldInfo) -> str:
    """What is said of a value that the field cannot have."""
    kind = field.annotation
    if get_origin(kind) is Literal:
        return f"is none of {', '.join(get_args(kind))}"
    if kind in (int, float):
        limits = [
            f"{word} {getattr(one, limit)}"
            for limit, word in _LIMITS.items()
            for one in field.metadata
            if hasattr(one, limit)
        ]
        return f"is no {'whole ' * (kind is int)}number {' '.join(limits)}"
    return _KINDS.get(kind, "is no text")


_LIMITS = {"ge": "from", "gt": "above", "le": "to"}  # as pydantic calls them
_KINDS: Mapping[object, str] = {
    bool: "is neither true nor false",
    tuple[str, ...]: "is no list of texts",
    SecretStr | None: "is too short: at least 32 characters",
}
WORDS = {name: _words(Settings.model_fields[name]) for name in NAMES}


def load_settings(environ: Mapping[str, str], **arguments: object) -> Settings:
    """The settings of the command line, else of `environ`, else of the config file they name.

    Arguments that are None or [] are not given. SettingsInvalid names every mistake at once, a
    misspelt variable or key among them; KnowledgeInvalid if the services cannot be read, with
    which a client's templates are compared.
    """
    variables = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    problems = [_misspelt(name) for name in variables if name not in NAMES]
    outside: dict[str, object] = {
        **{name: value for name, value in variables.items() if name in NAMES},
        **{name: value for name, value in arguments.items() if value not in (None, [], ())},
    }
    file = read_file(Path(str(outside["config"])), problems) if "config" in outside else None
    inside = read_service(file, TYPES, WORDS, _variable) if file is not None else {}
    given = {**inside, **outside}
    if file is not None:
        clients = read_clients(file, load_services(), sandbox=_is_on(outside.get("sandbox")))
        problems += _without_usable_key(clients)
        given["clients"] = clients
    settings, wrong = _validated(given)
    from_file = {"public_base", *inside} - outside.keys()  # where it would stand, too
    problems += [f"service.{line}" if _name(line) in from_file else line for line in wrong]
    if problems or settings is None:
        raise SettingsInvalid("\n".join(problems))
    return settings


def _validated(given: Mapping[str, object]) -> tuple[Settings | None, list[str]]:
    """The settings, or what is wrong with each of them and then with those that are right."""
    try:
        return Settings.model_validate(given), []
    except ValidationError as error:
        parts = [
            part
            for part in error.errors(include_input=False, include_url=False)
            if part["type"] != "default_factory_not_called"
        ]
    wrong = [line for part in parts for line in _told(part["loc"], part["type"], part["msg"])]
    bad = {_name(line) for line in wrong}
    if all(part["loc"] for part in parts):
        _, more = _validated({name: value for name, value in given.items() if name not in bad})
        wrong += [line for line in more if _name(line) not in bad]
    return None, wrong


def _without_usable_key(clients: Iterable[Client]) -> Iterator[str]:
    from cdshooks.trust.keys import read_jwks  # noqa: PLC0415  loads cryptography

    files = {client.name: client.jwks_file for client in clients}
    for name, file in files.items():
        if file is None:
            continue
        place = f"clients.{name}.jwks_file"
        try:
            found = read_jwks(file.read_bytes())
        except (KeysUnreadable, OSError):
            yield f"{place}: is no JWK set that can be read in one way only, each key once"
        else:
            if not found.keys:
                yield f"{place}: holds no key that can be used: {'; '.join(found.refused)}"


def _is_on(value: object) -> bool:
    try:
        return TypeAdapter(bool).validate_python(value)
    except ValidationError:
        return False


def _misspelt(name: str) -> str:
    return f"{_variable(name)} is not a setting: {cure(name, NAMES, _variable)}"


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _name(line: str) -> str:
    return line.partition(":")[0]


def _told(location: tuple[int | str, ...], kind: str, message: str) -> Iterable[str]:
    """A mistake in our words: those of pydantic do not say what would be accepted."""
    lines = message.removeprefix("Value error, ").split("\n")
    if not location:
        return lines
    name = str(location[0])
    said = lines if kind == "value_error" else [WORDS.get(name, "is not a setting")]
    return [f"{name}: {line}" for line in said]
