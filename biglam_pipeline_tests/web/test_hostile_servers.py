"""Servers that mean harm."""

import gzip
import ipaddress
import socket
from pathlib import Path

import pytest

from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import ConfigError, ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.web import Web
from biglam_pipeline.web.guard import is_public
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import XML, MakeWeb


def test_h19_a_gzip_bomb_is_stopped(server: ScriptedServer, web: Web, tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    url = server.on("/a", Reply(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ObjectFailed, match="bomb") as caught:
        web.get(url, into=tmp_path)
    assert caught.value.reason == "too_large"


def test_h20_gzip_declared_but_plain_is_plain(server: ScriptedServer, web: Web) -> None:
    url = server.on("/a", Reply(XML, headers={"Content-Encoding": "gzip"}))
    assert web.get(url).content == XML


def test_h20_gzip_not_declared_is_undone_where_xml_was_due(server: ScriptedServer, web: Web) -> None:
    assert web.get(server.on("/a", Reply(gzip.compress(XML))), expect="xml").content == XML


@pytest.mark.parametrize("announced", [True, False])
def test_h22_a_body_above_the_cap_is_refused(announced: bool, server: ScriptedServer, web: Web) -> None:
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000
    url = server.on("/a", Reply(b"x" * 5000) if announced else Reply(raw=raw))
    with pytest.raises(ObjectFailed) as caught:
        web.get(url, max_bytes=1000)
    assert caught.value.reason == "too_large"


NOT_PUBLIC = """
127.0.0.1 10.1.2.3 192.168.0.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 255.255.255.255 224.0.0.1
192.0.0.192 192.88.99.1 198.18.0.1 203.0.113.9 168.63.129.16 240.0.0.1
::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 fe80::1 fc00::1 2002:7f00:1:: 64:ff9b::7f00:1 ff02::1 fec0::1 fd00:ec2::254 ::
::7f00:1 ::ffff:0:7f00:1 64:ff9b:1::7f00:1 64:ff9b:1::808:808 2001:0:7f00:1::1 2001:db8::1 3fff::1 100::1 5f00::1
2a00:1450::5efe:a00:1 2002:a9fe:a9fe::1 4000::1
"""


PUBLIC = "193.0.6.139 2a00:1450:4001:82a::200e 64:ff9b::c100:68b ::ffff:193.0.6.139 2002:c100:68b::1"


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_h29_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["193.0.6.139", "2a00:1450:4001:82a::200e", "64:ff9b::c100:68b", "::ffff:193.0.6.139", "2002:c100:68b::1"],
)
def test_h29_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_h29_a_private_host_is_refused_unless_allowed(host: str, server: ScriptedServer, make_web: MakeWeb) -> None:
    server.on("/a", Reply(b"x"))
    with pytest.raises(ConfigError, match="BIGLAM_ALLOW_PRIVATE_HOSTS"):
        make_web(allow_private=False).get(f"http://{host}:{server.port}/a")
    assert server.asked == []


def test_h29_one_private_host_can_be_allowed(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(allow_private=frozenset({f"127.0.0.1:{server.port}"}))
    assert web.get(server.on("/a", Reply(b"x"))).content == b"x"
    with scripted_server() as other:
        hop = server.on("/b", Reply(status=302, headers={"Location": other.on("/secret", Reply(b"key"))}))
        with pytest.raises(ObjectFailed, match="BIGLAM_ALLOW_PRIVATE_HOSTS") as caught:
            web.get(hop)
        assert caught.value.reason == "refused"
        assert other.asked == []


def test_h29_a_permission_for_all_private_hosts_is_none_for_those_that_a_server_names(
    server: ScriptedServer, make_web: MakeWeb
) -> None:
    """What a person names may be private; a server that names this machine's neighbours is not believed."""
    with scripted_server() as other:
        there = other.on("/secret", Reply(b"key"))
        hop = server.on("/b", Reply(status=302, headers={"Location": there}))
        with pytest.raises(ObjectFailed, match="which nobody named") as caught:
            make_web(allow_private=True).get(hop)
        assert other.asked == []
        remedy = str(caught.value).rpartition("BIGLAM_ALLOW_PRIVATE_HOSTS=")[2]
        allowed = read_environment({"BIGLAM_ALLOW_PRIVATE_HOSTS": remedy}).allow_private
        assert make_web(allow_private=allowed).get(hop).content == b"key"
        assert make_web(allow_private=True).visiting([hop, there]).get(hop).content == b"key"  # the entry names both
        rewritten = make_web(rewrite={"https://a.invalid/": f"{other.url}/"})
        assert rewritten.get(hop).content == b"key"  # the setting names it


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://[fec0::1]/a", "http://0.0.0.0/a"]
)
def test_h29_what_a_cloud_tells_its_machines_is_asked_by_nobody(target: str, server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed, match="not a public address"):
        web.get(server.on("/a", Reply(status=302, headers={"Location": target})))


def test_h30_the_connection_goes_to_the_address_that_was_checked(
    server: ScriptedServer, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    real = socket.getaddrinfo

    def count(host: str, *rest: object, **named: object) -> object:
        looked_up.append(host)
        return real(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", count)
    server.on("/a", Reply(b"x"))
    assert web.get(f"http://localhost:{server.port}/a").content == b"x"
    # The connection itself is made to the number that was found, so a second answer for the name changes nothing.
    assert looked_up.count("localhost") == 1
    assert server.asked[0].headers["Host"] == f"localhost:{server.port}"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/a", "data:text/plain,x", ""])
def test_h31_redirects_to_anything_but_the_web_are_refused(target: str, server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed) as caught:
        web.get(server.on("/a", Reply(status=302, headers={"Location": target})))
    assert caught.value.reason == "refused"


def test_h32_a_redirect_loop_ends_after_five_hops(server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed, match="redirected more than 5 times"):
        web.get(server.on("/a", Reply(status=302, headers={"Location": "/a"})))
    assert len(server.asked) == 6


def test_h33_explicit_headers_stay_with_their_host(server: ScriptedServer, make_web: MakeWeb) -> None:
    with scripted_server() as other:
        there = other.on("/b", Reply(status=302, headers={"Location": server.on("/d", Reply(b"x"))}))
        url = server.on("/a", Reply(status=302, headers={"Location": "/c"}))
        server.on("/c", Reply(status=302, headers={"Location": there}))
        web = make_web(secrets={"KEY": "secret"}).visiting([url, there], headers={"Authorization": "KEY"})
        web.get(url)
        sent = [asked.headers.get("Authorization") for asked in server.asked]
        assert sent == ["secret", "secret", None]  # not after the way back either, which the other host chose
        assert "Authorization" not in other.asked[0].headers


def test_h33_a_password_in_an_address_is_refused_unread(web: Web) -> None:
    with pytest.raises(ConfigError) as caught:
        web.get("https://me:hunter2@example.org/a")
    assert "hunter2" not in str(caught.value)


def test_h36_endless_headers_end_the_request(server: ScriptedServer, web: Web) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 90) for n in range(10_000))
    with pytest.raises(ServerBusy):
        web.get(server.on("/a", Reply(raw=raw)))


def test_h30_a_pinned_connection_is_verified_by_name(
    secure_server: ScriptedServer, make_web: MakeWeb, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "cert.pem"))
    secure_server.on("/a", Reply(b"x"))
    assert make_web().get(f"https://localhost:{secure_server.port}/a").content == b"x"
    with pytest.raises(SourceChanged, match="certificate was refused"):
        make_web().get(f"https://127.0.0.1:{secure_server.port}/a")  # the same server under another name


def test_h31_a_redirect_from_https_to_http_is_refused(
    secure_server: ScriptedServer,
    server: ScriptedServer,
    make_web: MakeWeb,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "cert.pem"))
    secure_server.on("/a", Reply(status=301, headers={"Location": server.on("/b", Reply(b"x"))}))
    with pytest.raises(ObjectFailed, match="from https to http") as caught:
        make_web().get(f"https://localhost:{secure_server.port}/a")
    assert caught.value.reason == "refused"
    assert server.asked == []


NO_HOSTS = ["http://xn--/", "http://xn--a/", "http://a..b/", f"http://{'a' * 64}/", "http://a:0/", "http://a:-1/"]


@pytest.mark.parametrize("target", [*NO_HOSTS, "http://127.0.0.1:{wrapped}/a"])
def test_a_redirect_to_what_is_no_host_is_the_fault_of_one_object(
    target: str, server: ScriptedServer, web: Web
) -> None:
    """No name in punycode, a label too long, a port that the system would take for another one."""
    target = target.format(wrapped=server.port + 65536)
    with pytest.raises((ObjectFailed, SourceChanged)) as caught:
        web.get(server.on("/a", Reply(status=302, headers={"Location": target})))
    assert ("redirected to" in str(caught.value)) or "there is no such host" in str(caught.value)
