"""Which addresses a name may lead to: a name that resolves into our own network is an attack.

The default is public unicast only. What the config registers as private may also lead into private
networks, and nothing at all may lead to link-local (there live the metadata services of clouds),
multicast, unspecified or reserved addresses.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from cdshooks.outbound.target import Target

Address = IPv4Address | IPv6Address

_PUBLIC_V6 = ip_network("2000::/3")
_PRIVATE = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # shared by providers (RFC 6598), and by overlay networks
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_LOW_32 = 0xFFFF_FFFF


def may_reach(address: str, *, private: bool) -> bool:
    """Whether a connection may go to `address`, which a resolver gave.

    >>> may_reach("10.0.0.7", private=False), may_reach("10.0.0.7", private=True)
    (False, True)
    >>> may_reach("::ffff:169.254.169.254", private=True)
    False
    """
    try:
        found = _inner(ip_address(address))
    except ValueError:
        return False
    return _is_public(found) or (private and any(found in network for network in _PRIVATE))


def registered_as_private(target: Target) -> bool:
    """Whether the config says that `target` is private: in words, or by how its host is written."""
    host = urlsplit(target.url).hostname or ""
    return target.private or host == "localhost" or _is_private_literal(host)


def _is_private_literal(host: str) -> bool:
    try:
        literal = ip_address(host)
    except ValueError:
        return False
    return any(literal in network for network in _PRIVATE)


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & _LOW_32)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _PUBLIC_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
