"""Names of encodings are written by strangers: what is no encoding of texts in Python's list is nobody's."""

import pytest

from biglam_pipeline.parsing.charsets import codec_of
from biglam_pipeline.parsing.encodings import find_encoding
from biglam_pipeline.parsing.xml.encoding import find_encoding as find_in_xml

NO_TEXT = [
    "undefined",
    "unicode_escape",
    "Unicode-Escape",
    "raw_unicode_escape",
    "idna",
    "punycode",
    "rot13",
    "base64",
    "zlib",
    "charmap",
]


@pytest.mark.parametrize("name", [*NO_TEXT, "no-such", ""])
def test_what_is_no_encoding_of_texts_is_nobodys(name: str) -> None:
    assert codec_of(name) == ""


@pytest.mark.parametrize(("name", "codec"), [("Latin1", "iso8859-1"), ("UTF8", "utf-8"), ("windows-1252", "cp1252")])
def test_labels_are_folded_as_python_folds_them(name: str, codec: str) -> None:
    assert codec_of(name) == codec


@pytest.mark.parametrize("name", NO_TEXT)
def test_a_server_that_names_one_is_not_heard(name: str) -> None:
    """`unicode_escape` would turn a backslash in a cell into another character; `undefined` raises at every byte."""
    data = "Köln;C:\\x41\n".encode("cp1252")
    assert find_encoding(data, server_charset=name).encoding == "cp1252"


@pytest.mark.parametrize("name", NO_TEXT)
def test_a_declaration_that_names_one_is_counted(name: str) -> None:
    found = find_in_xml(f'<?xml version="1.0" encoding="{name}"?><a/>'.encode())
    assert (found.declared, found.repairs) == ("", ("encoding declared that nobody knows",))
