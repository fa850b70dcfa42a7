"""Addresses in METS: as libraries write them, to the one file they mean, and never to one that is not there."""

import pytest

from biglam_pipeline.normalize.deliveries.addresses import Addresses
from biglam_pipeline.normalize.deliveries.issues import group_issues
from biglam_pipeline.normalize.deliveries.outline import is_media, root_of_bytes

NAMES = {
    *("c/i/m.xml", "c/i/1.xml", "c/i/alto/0001.xml", "c/i/alto/Ä b.XML", "c/alto/x/0002.xml", "c/i/text/a#1.xml"),
    *("c/i/same/A.xml", "c/i/same/a.xml", "c/i/www.example.org/dms/7/0007.xml", "c/i/q.xml"),
}


@pytest.mark.parametrize(
    ("href", "wanted"),
    [
        ("alto/0001.xml", "c/i/alto/0001.xml"),
        ("./alto/0001.xml", "c/i/alto/0001.xml"),
        ("file://./alto/0001.xml", "c/i/alto/0001.xml"),  # docWorks: BnL, SBB, the National Library of Finland
        ("FILE://./ALTO/0001.XML", "c/i/alto/0001.xml"),  # the National Library of New Zealand writes ALTO/
        ("file:alto/0001.xml", "c/i/alto/0001.xml"),
        ("file://alto/0001.xml", "c/i/alto/0001.xml"),
        (r"alto\0001.xml", "c/i/alto/0001.xml"),
        (r".\alto\0001.xml", "c/i/alto/0001.xml"),
        ("alto%2F0001.xml", "c/i/alto/0001.xml"),
        ("alto/%c3%84%20b.xml", "c/i/alto/Ä b.XML"),
        ("alto/A\u0308 B.xml", "c/i/alto/Ä b.XML"),  # decomposed, as macOS writes names into archives
        ("../alto/x/0002.xml", "c/alto/x/0002.xml"),
        ("alto/x/0002.xml", "c/alto/x/0002.xml"),  # written from the package's root
        ("file:///X:/job/77/i/alto/0001.xml", "c/i/alto/0001.xml"),
        ("file:///srv/scan/i/alto/0001.xml", "c/i/alto/0001.xml"),
        ("file://localhost/srv/alto/x/0002.xml", "c/alto/x/0002.xml"),
        (r"D:\job\77\alto\0001.xml", "c/i/alto/0001.xml"),
        (r"\\server\share\job\alto\0001.xml", "c/i/alto/0001.xml"),
        ("/files/1.xml", "c/i/1.xml"),
        ("text/a#1.xml", "c/i/text/a#1.xml"),
        ("q.xml?download=1", "c/i/q.xml"),
        ("1.xml#P1", "c/i/1.xml"),
        ("https://www.example.org/dms/7/0007.xml", "c/i/www.example.org/dms/7/0007.xml"),  # as a mirror lays it
        ("https://example.org/dms/8?id=1.xml", "c/i/1.xml"),  # fetched from there
        ("same/A.xml", "c/i/same/A.xml"),
        ("same/a.xml", "c/i/same/a.xml"),
        ("SAME/a.xml", None),  # two files that differ in case alone
        ("0001.xml", None),  # a bare name means a file beside the METS
        ("alto/0003.xml", None),
        ("https://example.org/i/alto/0001.xml", None),  # it may be another
        ("https://example.org/1.xml", None),
        ("//example.org/1.xml", None),
        ("urn:nbn:de:1-2", None),
        ("info:lc/1.xml", None),
        ("http://[::1/1.xml", None),
        ("../../../etc/passwd", None),
        ("", None),
        (".", None),
        ("%", None),
    ],
)
def test_an_address_means_one_file_that_is_there(href: str, wanted: str | None) -> None:
    there = Addresses(NAMES, {"c/i/1.xml": "https://example.org/dms/8?id=1.xml"})
    assert there.find(href, "c/i/m.xml") == wanted


def test_a_bundle_is_a_mets_and_what_it_names_wherever_that_lies() -> None:
    names = [
        *("flat/a.xml", "flat/a_1.xml", "flat/b.xml", "flat/b_1.xml", "flat/other.xml"),
        *("mets/1900/x.xml", "alto/1900/x_1.xml", "reel/r.xml", "reel/9/i.xml", "reel/9/1.xml", "alone.xml"),
    ]
    pointing = {
        "flat/a.xml": ["a_1.xml", "missing.xml"],
        "flat/b.xml": ["b_1.xml"],
        "mets/1900/x.xml": ["../../alto/1900/x_1.xml"],
        "reel/r.xml": ["9/1.xml", "9/i.xml"],
        "reel/9/i.xml": ["1.xml"],
    }
    assert group_issues(names, pointing, {}) == {
        "alone.xml": ["alone.xml"],
        "flat/a.xml": ["flat/a.xml", "flat/a_1.xml"],
        "flat/b.xml": ["flat/b.xml", "flat/b_1.xml"],
        "flat/other.xml": ["flat/other.xml"],
        "mets/1900/x.xml": ["alto/1900/x_1.xml", "mets/1900/x.xml"],
        "reel/9/i.xml": ["reel/9/1.xml", "reel/9/i.xml", "reel/r.xml"],
    }


def test_a_chain_of_shared_pages_is_one_bundle_in_any_order() -> None:
    pointing = {"c.xml": ["1.x", "2.x"], "a.xml": ["2.x", "3.x"], "b.xml": ["3.x", "4.x"], "z.xml": ["9.x"]}
    names = [*pointing, "1.x", "2.x", "3.x", "4.x", "9.x"]
    wanted = {"a.xml": sorted([*names[:3], "1.x", "2.x", "3.x", "4.x"]), "z.xml": ["9.x", "z.xml"]}
    assert group_issues(names, pointing, {}) == wanted
    assert group_issues(names[::-1], dict(reversed(pointing.items())), {}) == wanted


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<alto/>", "alto"),
        (b"<METS:mets x='y'>", "mets"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <a/> --><!DOCTYPE mets [<!ENTITY a '>'>]><?pi <b> ?><m:mets>",
            "mets",
        ),
        (b"Notice: x in <b>y</b>\n<?xml version='1.0'?><alto>", "alto"),
        ("<?xml version='1.0' encoding='UTF-16'?><alto/>".encode("utf-16"), "alto"),
        ("<alto/>".encode("utf-16-le"), "alto"),
        (b"<html>", "html"),
        (b"no XML", ""),
        (b"", ""),
        (b"<", ""),
    ],
)
def test_the_root_is_read_from_the_head(head: bytes, root: str) -> None:
    assert root_of_bytes(head) == root


def test_only_pictures_and_the_like_are_reported_by_name() -> None:
    assert all(map(is_media, ("a.TIF", "b.jp2", "c.pdf", "d.wav", "e.zip", "f.jpeg")))
    assert not any(map(is_media, ("a.xml", "b.XML", "c", "d.alto", "e.mets", "f.0001", "g.txt")))


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("alto/1.xml.gz", "z.zip/alto/1.xml.gz/1.xml"),
        ("alto/1.xml", "z.zip/alto/1.xml.gz/1.xml"),
        ("./ALTO/2.xml", "z.zip/alto/2.xml.bz2/2.xml"),
        ("alto/3.xml", "z.zip/alto/3.xml"),
        ("alto/4.xml", None),
    ],
)
def test_a_page_that_is_compressed_is_found_by_its_name_with_or_without(href: str, name: str | None) -> None:
    """A compressed file is a folder of one: `1.xml.gz/1.xml`. RERO delivers pages as `.xml.bz2`, and names `.xml`."""
    there = [
        "z.zip/mets.xml.gz/mets.xml",
        "z.zip/alto/1.xml.gz/1.xml",
        "z.zip/alto/2.xml.bz2/2.xml",
        "z.zip/alto/3.xml",
    ]
    assert Addresses(there).find(href, "z.zip/mets.xml.gz/mets.xml") == name
