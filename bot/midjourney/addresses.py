"""Which hosts may be asked for a result: those on the public internet, by the address that is then connected to.

A link or a redirect could lead into the operator's own network, and what is there would be posted to a channel. Where a
proxy looks the names up, only what is written out can be checked.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

Address = IPv4Address | IPv6Address
Reachable = Callable[[Address], bool]

# What Python 3.11's `is_global` lets through and is still nobody's web server.
_SPECIAL_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv4Network("224.0.0.0/4"))
# Addresses that are handed out; all that wraps an IPv4 address lies outside, or in the exceptions: 2001::/23 holds
# Teredo, 2002::/16 is 6to4. 3fff::/20 and 2001:db8::/32 are for documents.
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")))
# Names that mean nothing on the public internet.
_INNER = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")


class AddressRefused(OSError):
    """A host is not on the public internet, or not only."""


def is_public(address: Address) -> bool:
    """Whether an address is one that a web server on the public internet can have."""
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)
    return address.is_global and not any(address in network for network in _SPECIAL_V4)


def check_literal(host: str, reachable: Reachable) -> None:
    """Raise AddressRefused for an address that is written out and may not be asked: aiohttp asks no resolver for it."""
    try:
        address = ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return  # a name
    if "%" in host or not reachable(address):
        raise AddressRefused(f"{host} is no public address")


def check_unresolved(host: str, reachable: Reachable) -> None:
    """Raise AddressRefused for all that can be seen to lead nowhere public, where it is a proxy that looks the name up.

    That is an address in any form that a resolver takes (127.1, 0x7f000001), a name without a dot, and one that is known
    to be of inner networks. What other names lead to, only the proxy knows.
    """
    check_literal(host, reachable)
    name = host.rstrip(".").lower()
    try:
        address = IPv4Address(socket.inet_aton(name))
    except OSError:
        if ":" not in name and ("." not in name or name.endswith(_INNER)):
            raise AddressRefused(f"{host} is no public name") from None
    else:
        if not reachable(address):
            raise AddressRefused(f"{host} is no public address")


class CheckedResolver(AbstractResolver):
    """Resolves names to the addresses that may be asked, which are those that aiohttp then connects to."""

    def __init__(self, resolver: AbstractResolver, reachable: Reachable) -> None:
        self._resolver = resolver
        self._reachable = reachable

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Look a name up; raises AddressRefused if any of its addresses may not be asked."""
        found = await self._resolver.resolve(host, port, family)
        if not all(self._reachable(ip_address(each["host"].partition("%")[0])) for each in found):
            raise AddressRefused(f"{host} has an address that is not public")
        return found

    async def close(self) -> None:
        """Close what it asks."""
        await self._resolver.close()
