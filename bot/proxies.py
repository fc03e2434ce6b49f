"""The way out of this machine, if it leads through a proxy: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib import request

from yarl import URL

from bot.errors import ConfigError
from bot.values import check_url

_SAME = {"ws": "http", "wss": "https"}  # a WebSocket begins as a request


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
        host = url.host or ""
        if proxy is None or _is_here(host) or _is_excepted(host, self.urls):
            return None
        return proxy


def from_environment() -> Proxies:
    """The proxies that the environment names, in capitals or not; raises ConfigError for one that can't be used."""
    urls = request.getproxies_environment()
    for scheme in ("http", "https"):
        if (proxy := urls.get(scheme)) is not None and not _is_usable(proxy):
            # It may hold a password.
            raise ConfigError(f"{scheme.upper()}_PROXY: it must start with http:// or https:// and name a host.")
    return Proxies({name: url for name, url in urls.items() if name in ("http", "https", "no")})


def _is_usable(proxy: str) -> bool:
    try:
        check_url(proxy, "http", "https")
    except ValueError:
        return False
    return True


def _is_excepted(host: str, urls: Mapping[str, str]) -> bool:
    """As NO_PROXY says: `example.com` and all that ends in it, or `*`."""
    # typeshed has it for macOS only.
    return bool(request.proxy_bypass_environment(host, dict(urls)))  # type: ignore[attr-defined]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
