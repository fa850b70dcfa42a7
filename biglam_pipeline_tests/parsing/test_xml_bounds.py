"""XML that is made to take for ever, or to fill the memory: time grows with the bytes, and a tree has a cap."""

import contextlib
import io
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.envelopes import OAI, records_of
from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, read_xml, tree_bytes
from biglam_pipeline.parsing.xml.searching import last_text
from biglam_pipeline.parsing.xml.streaming import Pieces

UNITS = [
    *(b"<!---->", b"<!--", b"-->", b"<!-- - ", b"<?a?>", b"<?", b"<?xml ", b"<![CDATA[]]>", b"<![CDATA[", b"]]>"),
    *(b"<", b"<a ", b"<a b='", b'<a b="', b"<a>", b"</a>", b"<a/>", b"<a b='1' ", b"<a xmlns:b='u'>", b"<a xmlns:b='"),
    *(b"&", b"&a", b"&a;", b"&#", b"&#55357;", b"&#xD800;", b'"', b"'", b"=", b"a=", b"a:", b"xmlns:", b" ", b"a"),
    *(b"<!DOCTYPE ", b"<!DOCTYPE [", b"<!DOCTYPE a>", b"<!DOCTYPE [<!--", b"[", b"<!ENTITY ", b"<!ATTLIST "),
    *(b"<record>", b"<record><header>", b"</record>", b"<resumptionToken>", b"<br>", b"<b>", b"\xed\xa0\x80", b"\xff"),
]
AROUND = [
    *((b"", b""), (b"<a>", b"</a>"), (b"<a ", b"/>"), (b"<a b='", b"'/>"), (b"<!DOCTYPE a [", b"]><a/>")),
    (b"<OAI-PMH><ListRecords><record><header/><x>", b"</x></record></ListRecords></OAI-PMH>"),
]


def walk(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        for _ in Pieces(io.BytesIO(data), records_of(frozenset({"dc"}))):
            pass


def whole(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read_xml(data)


def seconds(work: Callable[[bytes], object], data: bytes) -> float:
    start = time.process_time()
    work(data)
    return time.process_time() - start


@pytest.mark.representative(3)  # further signs
@pytest.mark.parametrize("around", AROUND, ids=lambda pair: pair[0].decode()[:20])
def test_x03_no_run_of_anything_takes_longer_than_its_bytes(around: tuple[bytes, bytes]) -> None:
    """500 bytes of comments hung for days in a pattern with nested repeats; 4 kB take some thousandths of a second."""
    for unit in UNITS:
        data = around[0] + unit * (4_000 // len(unit)) + around[1]
        for work in (whole, walk, lambda data: last_text(data, "resumptionToken")):
            taken = seconds(work, data)
            assert taken < 5, f"{taken:.1f} s for {unit!r}"


RUNS = [
    *(b"<!---->", b"<!--", b"<?", b"<![CDATA[", b"<", b"&", b"&a;", b"<a b='", b"<a xmlns:b='u'>", b"<!DOCTYPE [<!--"),
    *(b"<record><header>", b"<record>", b'"', b"a='1' ", b"<b>", b"xmlns:"),
]


@pytest.mark.representative(6)  # further signs
@pytest.mark.parametrize("unit", RUNS)
@pytest.mark.parametrize("around", [(b"<a>", b"</a>"), (b"", b"")])
def test_x03_a_tenth_of_a_megabyte_ends_too(unit: bytes, around: tuple[bytes, bytes]) -> None:
    """A tenth of a second; a quadratic step would take ten."""
    data = around[0] + unit * (100_000 // len(unit)) + around[1]
    assert seconds(whole, data) + seconds(walk, data) < 4


def test_x04_the_cap_is_on_what_a_tree_costs_and_not_on_its_bytes() -> None:
    """20 MB of `<a/>` make a tree of 620 MB; 20 MB of text make one of 20 MB."""
    assert tree_bytes(b"<a/>" * 5_000_000) > MAX_TREE_BYTES
    assert tree_bytes(b"<a>" + b"x" * 20_000_000 + b"</a>") < 30_000_000
    with pytest.raises(Unreadable) as caught:
        read_xml(b"<r>" + b"<a/>" * 5_000_000 + b"</r>")
    assert caught.value.reason == "too_large"


@pytest.mark.representative(2)  # further kinds of siblings
@pytest.mark.parametrize(
    "make",
    [
        lambda: b"<r>" + b"<a>x</a>\n" * 2_000_000 + b"</r>",
        lambda: b"<r>" + b"<a b='1' c='2' d=''/>" * 1_500_000 + b"</r>",
        lambda: b"<r " + b"".join(b"a%d='' " % number for number in range(3_000_000)) + b"/>",
        lambda: b"<!DOCTYPE r [<!ATTLIST a " + b"".join(b"b%d CDATA 'x' " % n for n in range(500)) + b">]><r>"
        + b"<a/>" * 200_000 + b"</r>",
    ],
    ids=["texts", "attributes", "attributes of one element", "attributes of the DTD"],
)  # fmt: skip
def test_x04_siblings(make: Callable[[], bytes]) -> None:
    data = make()
    with pytest.raises(Unreadable) as caught:
        read_xml(data)
    assert caught.value.reason == "too_large"


@pytest.mark.slow  # a measurement of memory; the cap itself is met above
def test_x04_the_cap_is_never_below_what_a_tree_takes() -> None:
    """Measured in a process of its own: the largest trees that are let through, of the dearest kinds."""
    script = (
        "import sys\n"
        "from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, read_xml, tree_bytes\n"
        "unit = {'a': b'<a/>', 'b': b'<a>x</a>\\n', 'c': b\"<a b='1'/>\"}[sys.argv[1]]\n"
        "count = int(MAX_TREE_BYTES * 0.98 / (tree_bytes(unit * 1000) / 1000))\n"
        "root = read_xml(b'<r>' + unit * count + b'</r>').root\n"
        # What getrusage says begins with the peak of the process that started this one.
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    for kind in "abc":
        done = subprocess.run([sys.executable, "-c", script, kind], capture_output=True, text=True, check=True)
        assert int(done.stdout) * 1024 < 1_000_000_000


TAIL = b"</metadata></record>"


class Dump(io.RawIOBase):
    """A list of records that is nowhere whole."""

    def __init__(self, count: int, record: bytes) -> None:
        self._blocks: Iterator[bytes] = self._write(count, record)
        self._left = b""

    @staticmethod
    def _write(count: int, record: bytes) -> Iterator[bytes]:
        yield b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>"
        for number in range(count):
            yield record % number
        yield b"</ListRecords></OAI-PMH>"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._left = self._left or next(self._blocks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


@pytest.mark.slow  # a measurement of memory
def test_a_dump_is_read_in_the_memory_of_one_record() -> None:
    """40 MB here; 400 MB take as much memory. A tree of it would take four times its size."""
    record = (
        b"<record><header><identifier>%d</identifier></header><metadata>"
        + b"<t>word</t>" * 400
        + b"</metadata></record>"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pieces = Pieces(io.BufferedReader(Dump(9_000, record), 1 << 20), OAI)
    numbers = [int("".join(piece.element[0].itertext())) for piece in pieces if piece.element is not None]
    assert numbers == list(range(9_000))
    assert pieces.whole
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 30_000_000


def test_a_record_that_is_too_large_costs_no_other() -> None:
    class Mixed(Dump):
        @staticmethod
        def _write(count: int, record: bytes) -> Iterator[bytes]:
            yield b"<ListRecords>"
            for number in range(3):
                yield b"<record><header><identifier>%d</identifier></header><x>" % number
                for _ in range(90 if number == 1 else 1):
                    yield b"<y>word</y>" * 100_000
                yield b"</x></record>"
            yield b"<resumptionToken>t</resumptionToken></ListRecords>"

    found = [
        (piece.name, piece.trouble.reason if piece.trouble else "")
        for piece in Pieces(io.BufferedReader(Mixed(0, b""), 1 << 20), OAI)
    ]
    assert found == [("record", ""), ("record", "too_large"), ("record", ""), ("resumptionToken", "")]
