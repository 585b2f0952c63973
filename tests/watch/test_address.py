"""Which addresses may be fetched."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import pytest

from whowhom.watch.address import Gate, NotFetched, is_public, shown

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "127.000.000.001",
    "127.0.0.1.",
    "localhost",
    "LOCALHOST.",
    "127.0.0.53",
    "0.0.0.0",  # noqa: S104 - to be refused
    "0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:0:0:0:0:80ff:fffe]",
    "[fe80::1%25lo]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "local.example",
    "mapped.example",
]


def names(host: str, port: int) -> Sequence[str]:
    """A name server; numbers in odd spellings lead home, as the system's own has them."""
    known = {"local.example": "127.0.0.1", "mapped.example": "::ffff:10.0.0.1"}
    known["news.example"] = "93.184.216.34"
    return [known.get(host.rstrip("."), "127.0.0.1")]


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_refused_however_it_is_spelt(host: str, scheme: str) -> None:
    gate = Gate.of(resolve=names)
    with pytest.raises(NotFetched) as refused:
        gate.reach(gate.address(f"{scheme}://{host}/latest"), 5)
    assert refused.value.reason in ("refused_address", "bad_address")


def test_a_public_name_passes_with_the_addresses_that_are_public() -> None:
    def mixed(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.1", "93.184.216.34", "::1", "2606:4700::1111"]

    gate = Gate.of(resolve=mixed)
    address = gate.address("https://News.Example:443/a?b=c#d")
    assert gate.reach(address, 5) == ["93.184.216.34", "2606:4700::1111"]
    assert (address.host, address.url) == ("news.example", "https://news.example/a?b=c")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.0.9", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("fc00::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("2001:db8::1", False),
        ("2002:808:808::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://news.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "gopher://news.example/",
        "//news.example/",
        "http:news.example/",
        "http://",
        "http:///a",
        "http://user@news.example/",
        "http://user:secret@news.example/",
        "http://@news.example/",
        "http://news.example@127.0.0.1/",
        "http://127.0.0.1\\@news.example/",
        "http://news.example/a b",
        "http://news.example/\r\nX: y",
        "http://news.example\t.evil/",
        "http://news.example:22/",
        "http://news.example:8080/",
        "http://news.example:99999/",
        "http://news.example/" + "a" * 2_000,
        "http://[::1/",
        "http://ne%00ws.example/",
    ],
)
def test_addresses_that_are_not_fetched(url: str) -> None:
    with pytest.raises(NotFetched) as refused:
        Gate.of(resolve=names).address(url)
    assert refused.value.reason in ("refused_address", "bad_address")
    assert "secret" not in str(refused.value)


def test_a_host_and_a_port_of_ones_own() -> None:
    gate = Gate.of(["127.0.0.1", "LOCAL.example."], [8080], resolve=names)
    assert gate.reach(gate.address("http://127.0.0.1:8080/"), 5) == ["127.0.0.1"]
    assert gate.reach(gate.address("http://local.example:8080/"), 5) == ["127.0.0.1"]
    for other in ("http://127.0.0.2/", "http://localhost/", "http://127.1/"):
        with pytest.raises(NotFetched):
            gate.reach(gate.address(other), 5)


def test_names_beyond_ascii_are_asked_for_in_their_wire_form() -> None:
    asked = []

    def server(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.216.34"]

    gate = Gate.of(resolve=server)
    gate.reach(gate.address("https://zürich.example/über"), 5)
    assert asked == ["xn--zrich-kva.example"]
    assert gate.address("https://zürich.example/über").target == "/%C3%BCber"


def test_a_name_server_that_does_not_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        never.wait()
        return []

    gate = Gate.of(resolve=hang)
    with pytest.raises(NotFetched) as slow:
        gate.reach(gate.address("http://news.example/"), 0.1)
    never.set()
    assert slow.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://u:p@news.example/a?token=secret#f", "https://news.example/a"),
        ("http://news.example/a", "http://news.example/a"),
        ("//u:p@news.example/a", "//news.example/a"),
        ("feed?token=secret", "feed"),
    ],
)
def test_a_log_has_neither_users_nor_queries(url: str, seen: str) -> None:
    assert shown(url) == seen
