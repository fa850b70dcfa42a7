"""What a file is called: by its address, by Content-Disposition (RFC 6266, RFC 8187), by its query."""

import pytest

from biglam_pipeline.web.naming import disposition_name, name_of

HOST = "https://example.org"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="objects.csv"', "objects.csv"),
        ("attachment; filename=objects.csv", "objects.csv"),
        ("attachment; filename=objects.csv; size=12", "objects.csv"),
        ("ATTACHMENT; FileName = 'x y.csv'", "'x y.csv'"),
        ('inline; filename="a \\"b\\".csv"', 'a "b".csv'),
        ("attachment; filename=\"fallback.csv\"; filename*=UTF-8''na%C3%AFve.csv", "naïve.csv"),
        ("attachment; filename*=utf-8'en'%e2%82%ac.csv; filename=\"euro.csv\"", "€.csv"),
        ("attachment; filename*=ISO-8859-1''Z%FCrich.csv", "Zürich.csv"),
        ("attachment; filename*=no-such''%ff.csv; filename=a.csv", "a.csv"),
        ("attachment; filename*=undefined''%ff.csv; filename=a.csv", "a.csv"),
        ("attachment; filename*=idna''xn--.csv; filename=a.csv", "a.csv"),
        ("attachment; filename*=unicode_escape''%5Cx41.csv; filename=a.csv", "a.csv"),
        ('attachment; filename="Z\xc3\xbcrich.csv"', "Zürich.csv"),
        ('attachment; filename="Z\xfcrich.csv"', "Zürich.csv"),
        ('attachment; filename="=?UTF-8?B?WsO8cmljaC5jc3Y=?="', "Zürich.csv"),
        ('attachment; filename="Z%C3%BCrich.csv"', "Zürich.csv"),
        ("attachment", ""),
        ("", ""),
        ('form-data; name="filename"; filename="x.csv"', "x.csv"),
    ],
)
def test_the_name_that_a_server_says(header: str, name: str) -> None:
    assert disposition_name(header) == name


@pytest.mark.parametrize(
    ("url", "header", "name"),
    [
        ("/files/12345", 'attachment; filename="objects.csv"', "objects.csv"),
        ("/get?file=a.csv", "", "a.csv"),
        ("/get?path=/dumps/2026/a.csv", "", "a.csv"),
        ("/get?file=a.csv", "attachment; filename=b.tsv", "b.tsv"),
        ("/download.php?id=7", "attachment; filename=dump.zip", "dump.zip"),
        ("/handler.ashx?f=x.jsonl", "", "x.jsonl"),
        ("/a.csv", "attachment; filename=export-2026-11-25.csv", ""),
        ("/a.csv?download=1", "", ""),
        ("/files/7", 'attachment; filename="../../etc/x.csv"', "x.csv"),
        ("/files/7", 'attachment; filename="C:\\\\data\\\\x.csv"', "x.csv"),
        ("/files/7", 'attachment; filename="a\n.csv"', "a.csv"),
        ("/files/7", 'attachment; filename="README"', ""),
        ("/files/7", "", ""),
        ("/api?token=abc.def&v=1.2", "", ""),
        ("/api?q=St.%20Paul", "", ""),
        ("/records/1.2", "attachment; filename=data.csv", "data.csv"),
    ],
)
def test_a_name_is_looked_for_where_one_can_stand(url: str, header: str, name: str) -> None:
    assert name_of(HOST + url, header) == name
