"""Which URLs, hosts and origins a config file may name.

Each function says what is wrong in a few words, without the value, and None where nothing is.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

# Whatever ends in a number is an address, and only its usual spelling is one to us: some resolvers
# read 0x7f.1 and 2130706433 as 127.0.0.1.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?")
_PORTS = {"https": 443, "http": 80}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_PRINTED = re.compile(r"[!#-;=?-\[\]_a-z~]{1,2000}")  # RFC 3986, and so ASCII


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def may_overlap(host: str, other: str) -> bool:
    """Whether a port of one may be a port of the other: surely not of two addresses that differ.

    What a name stands for is only known where it is looked up, and may change.
    """
    one, two = _address(host), _address(other)
    if one is None or two is None:
        return True
    return one == two or one.is_unspecified or two.is_unspecified


def _address(host: str) -> _Address | None:
    try:
        return _itself(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def _itself(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address may stand for, else the address."""
    return getattr(address, "ipv4_mapped", None) or address


def url_problem(url: str, *, query: bool = False, http: bool = False) -> str | None:
    """What keeps `url` from being registered: https is due, unless `http`; to this machine both."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("https", "http"):
        return "is no URL: https://host[:port]/path"
    if parts.username is not None or parts.password is not None:
        return "holds a user or password: leave them out"
    if "#" in url or ("?" in url and not query):
        return f"holds a {'fragment' if query else 'query or fragment'}: leave it out"
    if any(part in (".", "..") for part in parts.path.split("/")):
        return "holds . or .. in its path: write the path out"
    host = parts.hostname or ""
    if parts.scheme == "http" and not http and not is_loopback(host):
        return "is http: use https; http is for this machine only (127.0.0.1, ::1, localhost)"
    return host_problem(host)


def proxy_problem(url: str) -> str | None:
    """What keeps `url` from being a proxy. Plain http will do: TLS goes through it unbroken."""
    problem = url_problem(url, http=True)
    parts = urlsplit(url) if problem is None else None
    if parts is not None and (parts.scheme != "http" or parts.path not in ("", "/")):
        return "is no proxy: http://host:port"
    return problem


def origin_problem(origin: str) -> str | None:
    """What keeps `origin` from being one that a browser sends."""
    if origin == "*":
        return "is *, which lets every page in: name the origins"
    if problem := url_problem(origin):
        return problem
    parts = urlsplit(origin)
    plain = origin == f"{parts.scheme}://{parts.netloc}".lower()
    if not plain or parts.port == _PORTS[parts.scheme]:
        return "is no origin: scheme://host[:port] in small letters, without path or usual port"
    return None


def host_problem(host: str) -> str | None:
    """What keeps `host` from being the name or address of a host, without a port."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        named = _NAME.fullmatch(host) and len(host) < 254
        return None if named else "has no host: a name such as www.example.org, or an address"
    inner = _itself(address)
    if address.compressed != host.lower() or inner.is_unspecified:
        return "has an address as its host that is not written as usual"
    # The metadata of clouds live at link-local addresses.
    never = inner.is_link_local or inner.is_multicast or (inner.is_reserved and inner.version == 4)
    return "has an address as its host that nothing may be asked of" if never else None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        sound = _PRINTED.fullmatch(url) and parts.port != 0
    except ValueError:
        return None
    return parts if sound else None
