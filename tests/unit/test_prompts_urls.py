"""Links that people type: by inspection, only the public internet."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.prompts import MAX_URL, PromptError, attachment_expiry, check_url, expired_attachment, parse, urls

PRIVATE_NETWORKS = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4"),
]

REFUSED = [
    # names
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "metadata.google.internal", "nas.home.arpa"),
    *("intranet", "router.lan", "local\u017fhost.local", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "127.0.0.1.nip.io", "localtest.me"),
    # addresses
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "0x7f000001", "0x7f.1", "0x7f.0.0.0x1", "2130706433", "017700000001"),
    *("0177.0.0.1", "0", "00", "0x", "127.0.0.1..", "1.2.3.4.5", "256.1.1.1", "1.2.3.0x4", "4294967296", "8.8", "010.8.8.8"),
    *("１２７.０.０.１", "127。0。0。1", "127｡0｡0｡1", "①②⑦.0.0.1", "١٢٧.٠.٠.١", "127.0.0.١", "127.0.0.1\ufe0f"),
    *("169.254.169.254", "255.255.255.255", "100.100.100.200"),
    # IPv6
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd12:3456::1]", "[ff02::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]"),
    *("[2001:0:4136:e378:8000:63bf:f5ff:fffe]", "[2001:db8::1]", "[3fff::1]", "[fec0::1]", "[2606:4700::5efe:a00:1]", "[::g]"),
    *("[::1", "::1]", "[]", "[1.2.3.4]", "[::1]x", "[v1.x]"),
    # tricks
    *("user@example.com", "user:pw@example.com", "@example.com", "example.com@127.0.0.1", "example.com＠127.0.0.1"),
    *("%31%32%37.0.0.1", "example%2ecom", "example.com\\.evil.com", "a b.com", "exa\u00admple.com", "exa\x00mple.com"),
    *("example.com:0", "example.com:65536", "example.com:99999999", "example.com:x", "example.com:80:80", "example.com:٨٠"),
    *("exa..mple.com", ".example.com", "-a.example.com", "exa$mple.com", "a" * 64 + ".com", "a." * 130 + "com", "..", "."),
    *("é" * 70 + ".com", "exa℀mple.com", "xn--\u0301.com.."),
]


@pytest.mark.parametrize("host", REFUSED)
def test_a_host_that_is_not_plainly_public_is_refused(host: str) -> None:
    for scheme in ("http", "https", "HTTP"):
        with pytest.raises(PromptError, match=r"[Ll]ink"):
            check_url(f"{scheme}://{host}/x.png")


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com/x.png", "//example.com/x.png", "ftp://example.com/x", "file:///etc/passwd", "javascript:alert(1)"),
        *("data:image/png;base64,AA", "http:example.com", "http:///x", "http://", "http://?x", "https://example.com/a b"),
        *("https://example.com/" + "a" * MAX_URL, "https://example.com/" + "é" * 1000, "https://example.com/\ud800"),
    ],
)
def test_what_is_no_web_link_is_refused(url: str) -> None:
    with pytest.raises(PromptError) as refusal:
        check_url(url)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("https://example.com/fox.png", "https://example.com/fox.png"),
        (" <HTTPS://Example.COM:443/Fox.png?a=1&b=%20#top> ", "https://example.com/Fox.png?a=1&b=%20"),
        ("http://example.com:8080", "http://example.com:8080"),
        ("http://example.com.:80/", "http://example.com/"),
        ("https://8.8.8.8/x.png", "https://8.8.8.8/x.png"),
        ("https://[2606:4700:4700:0::1111]:8443/x", "https://[2606:4700:4700::1111]:8443/x"),
        ("https://bücher.example/füchse.png", "https://xn--bcher-kva.example/f%C3%BCchse.png"),
        ("https://ｅｘａｍｐｌｅ。com/x", "https://example.com/x"),
        ("https://localhost.example.com/x", "https://localhost.example.com/x"),
        ("https://10.example.com/x", "https://10.example.com/x"),
        (
            "https://cdn.discordapp.com/attachments/1/2/x.png?ex=1&is=2&hm=3&",
            "https://cdn.discordapp.com/attachments/1/2/x.png?ex=1&is=2&hm=3&",
        ),
    ],
)
def test_a_public_link_is_brought_into_a_normal_form(typed: str, normal: str) -> None:
    assert check_url(typed) == normal
    assert check_url(normal) == normal


def test_a_literal_that_an_older_python_lets_through_is_refused() -> None:
    with pytest.raises(PromptError, match="no valid host"):
        urls._check_v6("1::2::3", "http://[1::2::3]")


@st.composite
def private_v4(draw: st.DrawFn) -> IPv4Address:
    network = ipaddress.IPv4Network(draw(st.sampled_from(PRIVATE_NETWORKS)))
    return network[draw(st.integers(0, network.num_addresses - 1))]


def spellings(address: IPv4Address) -> list[str]:
    """Every way in which some reader of addresses lets one be written."""
    number = int(address)
    parts = [number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255]
    short = [[number], [parts[0], number & 0xFFFFFF], [parts[0], parts[1], number & 0xFFFF], parts]
    plain = [
        ".".join(form(each) for each in some) for some in short for form in (str, hex, lambda n: f"0{n:o}", lambda n: f"{n:05}")
    ]
    mixed = f"{hex(parts[0])}.0{parts[1]:o}.{number & 0xFFFF}"
    wide = str(address).translate({ord("0") + n: ord("０") + n for n in range(10)})
    arabic = str(address).translate({ord("0") + n: 0x660 + n for n in range(10)})
    low = f"{number >> 16:x}:{number & 0xFFFF:x}"
    wrapped = [f"::ffff:{address}", f"::ffff:{low}", f"::{address}", f"64:ff9b::{low}", f"64:ff9b::{address}", f"2002:{low}::1"]
    teredo = IPv6Address((0x20010000 << 96) | (0xFFFFFFFF ^ number))
    isatap = f"2606:4700::5efe:{low}"
    hosts = [*plain, mixed, wide, wide.replace(".", "。"), arabic, f"{address}.", f"a@{address}", f"{address}:8080"]
    hosts += ["".join(f"%{ord(each):02x}" for each in str(address)), f"{address}.nip.io", *(f"[{each}]" for each in wrapped)]
    return [*hosts, f"[{teredo}]", f"[{isatap}]"]


@given(private_v4())
@settings(deadline=None)  # a busy machine is no failure
def test_no_spelling_of_a_private_address_passes(address: IPv4Address) -> None:
    for host in spellings(address):
        with pytest.raises(PromptError):
            check_url(f"http://{host}/x.png")
        with pytest.raises(PromptError):
            parse(f"http://{host}/x.png a fox")


@given(st.ip_addresses(v=4).filter(lambda each: not any(each in ipaddress.IPv4Network(net) for net in PRIVATE_NETWORKS)))
@settings(deadline=None)  # a busy machine is no failure
def test_a_public_address_passes_in_its_plain_spelling_only(address: IPv4Address) -> None:
    assert check_url(f"http://{address}/x.png") == f"http://{address}/x.png"
    for odd in (str(int(address)), hex(int(address)), f"[::ffff:{address}]"):
        with pytest.raises(PromptError):
            check_url(f"http://{odd}/x.png")


@given(st.ip_addresses(network="2600::/8"))
@settings(deadline=None)  # a busy machine is no failure
def test_a_public_address_of_the_new_kind_passes(address: IPv6Address) -> None:
    assert check_url(f"http://[{address.exploded}]/x.png") == f"http://[{address}]/x.png"


@given(st.ip_addresses(v=6).filter(lambda each: each not in ipaddress.IPv6Network("2000::/3")))
@settings(deadline=None)  # a busy machine is no failure
def test_what_is_not_handed_out_is_refused(address: IPv6Address) -> None:
    with pytest.raises(PromptError):
        check_url(f"http://[{address}]/x.png")


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "http://[", "https://example.com/", "http://a@"]))
@settings(deadline=None)  # a busy machine is no failure
def test_any_text_is_refused_or_stays_as_it_is(text: str, start: str) -> None:
    try:
        normal = check_url(start + text)
    except PromptError:
        return
    assert check_url(normal) == normal
    assert normal.isascii()


SIGNED = "https://cdn.example.com/attachments/1/2/fox.png?ex=66f0a1b2&is=66ef5032&hm=abcdef&"


def test_a_signed_link_says_when_it_dies() -> None:
    assert attachment_expiry(SIGNED) == float(0x66F0A1B2)


@pytest.mark.parametrize(
    "url", ["https://example.com/x.png", "https://example.com/?ex=zz", "https://example.com/?ex=1", "http://[x?ex=66f0a1b2", ""]
)
def test_another_link_says_nothing_about_that(url: str) -> None:
    assert attachment_expiry(url) is None


def test_a_dead_attachment_in_a_prompt_is_noticed() -> None:
    dies = float(0x66F0A1B2)
    for prompt in (f"{SIGNED} a fox", f"https://example.com/x.png {SIGNED} a fox", f"a fox --sref {SIGNED}"):
        assert not expired_attachment(prompt, dies - 1)
        assert expired_attachment(prompt, dies)
    assert not expired_attachment("a fox https://example.com/x.png", dies)
