"""The way out of this machine, if it leads through a proxy: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as everywhere.

aiohttp's own `trust_env` would not do: whoever checks the address behind a name must know before it connects whether it is
the proxy that looks the name up, and discord.py opens its session without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib import request

from pydantic import SecretStr
from yarl import URL

from bot.errors import ConfigError
from bot.values import check_url

_SAME = {"ws": "http", "wss": "https"}  # a WebSocket begins as a request
_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Proxies:
    """`urls` has a proxy for each scheme that has one, and under `no` the hosts that need none.

    What runs on this very machine is never asked for through a proxy.
    """

    urls: Mapping[str, str] = field(default_factory=dict, repr=False)  # with passwords perhaps

    def of(self, url: URL | str) -> str | None:
        """The proxy that a URL is asked for through; None if there is none between."""
        url = URL(url)
        proxy = self.urls.get(_SAME.get(url.scheme, url.scheme))
        return None if proxy is None or _needs_none(url, self.urls) else proxy

    def shared(self, *urls: str) -> str | None:
        """The proxy of all these URLs, for who can use but one; raises ConfigError if they have different ones."""
        ways = {self.of(each) for each in urls}
        if len(ways) > 1:
            raise ConfigError(
                f"HTTP_PROXY, HTTPS_PROXY, NO_PROXY: {' and '.join(urls)} must be reached in the same way, both through one "
                "proxy or both without any."
            )
        return ways.pop()

    def secrets(self) -> tuple[SecretStr, ...]:
        """Their passwords, to be kept out of what is written."""
        found: list[str] = []
        for proxy in (URL(self.urls[scheme]) for scheme in _SCHEMES if scheme in self.urls):
            if proxy.password:
                # aiohttp's errors show the whole URL, in which a password may be too short to be blotted out by itself.
                found += [f"//{proxy.raw_user}:{proxy.raw_password}@", proxy.password]
        return tuple(map(SecretStr, found))


def from_environment(*services: str) -> Proxies:
    """The proxies that the environment names, in capitals or not; raises ConfigError for those that can't be used.

    If none of the `services`, which are URLs, needs a proxy, then what can't be used counts for nothing.
    """
    urls = request.getproxies_environment()
    found = {"no": urls["no"]} if "no" in urls else {}
    faults = []
    for scheme in _SCHEMES:
        try:
            if proxy := urls.get(scheme, "").strip():
                found[scheme] = _usable(proxy)
        except ValueError:
            # It may hold a password.
            faults.append(f"{scheme.upper()}_PROXY: it must start with http:// or https:// and name a host.")
    if faults and not (services and all(_needs_none(URL(each), urls) for each in services)):
        raise ConfigError("\n".join(faults))
    return Proxies(found)


def _usable(proxy: str) -> str:
    """A proxy's URL, which is often written without `http://`; raises ValueError."""
    url = check_url(proxy if "://" in proxy else f"http://{proxy}", *_SCHEMES)
    f"{url.user}{url.password}".encode("latin-1")  # as they are sent
    if ":" in (url.user or ""):
        raise ValueError("a name with a colon can't be told from its password")
    return str(url.with_path("/")).rstrip("/")


def _needs_none(url: URL, urls: Mapping[str, str]) -> bool:
    """Whether a URL leads to this machine, or NO_PROXY says so: `example.com` and all that ends in it, `host:80`, or `*`."""
    host = (url.raw_host or "").rstrip(".")
    excepted = request.proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed has it for macOS only
    return _is_here(host) or any(excepted(each, dict(urls)) for each in (host, f"{host}:{url.port}"))


def _is_here(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified
