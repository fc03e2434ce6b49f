"""A forward proxy for plain HTTP and what begins with it: it sends each host's requests to a port of 127.0.0.1.

What is asked for with CONNECT it refuses, as all that it does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from yarl import URL


class ForwardProxy:
    """Remembers the hosts that were asked for, and as whom; `ports` says where each is."""

    def __init__(self, ports: Mapping[str, int], refusal: int) -> None:
        self.asked: list[str] = []
        self.credentials: set[str] = set()
        self._refusal = refusal
        self._ports = ports
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, all of whose requests are for one host, as aiohttp's are."""
        method, target, version = (await reader.readline()).split()
        head = await reader.readuntil(b"\r\n\r\n")
        self.credentials |= {line[21:] for line in head.decode().splitlines() if line.startswith("Proxy-Authorization: ")}
        url = URL(target.decode() if method != b"CONNECT" else f"https://{target.decode()}")
        host = url.host or ""
        self.asked.append(host)
        if method == b"CONNECT" or host not in self._ports:
            writer.write(f"HTTP/1.1 {self._refusal} No\r\nContent-Length: 0\r\n\r\n".encode())
            writer.close()
            return
        there, to = await asyncio.open_connection("127.0.0.1", self._ports[host])
        to.write(b" ".join((method, url.raw_path_qs.encode(), version)) + b"\r\n" + head)
        await asyncio.gather(_pipe(reader, to), _pipe(there, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def forwarding(refusal: int = 502, **ports: int) -> AsyncIterator[ForwardProxy]:
    """A proxy that knows the hosts `<name>.example`, and answers with `refusal` for all others."""
    proxy = ForwardProxy({f"{name}.example": port for name, port in ports.items()}, refusal)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
