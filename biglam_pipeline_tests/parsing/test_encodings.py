"""Text encodings: the order in which they are believed, and that no byte is lost whatever they are."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import Found, find_encoding, keeps_ascii, mend, open_text
from biglam_pipeline_tests.examples import examples

GERMAN = "1;Übersicht über die Gemälde;Größe und Höhe für Köln\n2;Straße in München;schöne Frauen mit Hüten\n"
FRENCH = "1,Café de la Régence,huile sur toile signée à gauche\n2,Façade à Besançon,musée des beaux-arts\n"
RUSSIAN = "1,Портрет неизвестного,холст масло\n2,Вид на реку,картина художника\n3,Церковь Покрова,дерево\n"


def _text(data: bytes, found: Found) -> str:
    with open_text(io.BytesIO(data), found) as text:
        return mend(text.read())


def _read(data: bytes, declared: str | None = None, server: str = "") -> tuple[str, str, str]:
    found = find_encoding(io.BytesIO(data), declared=declared, server_charset=server)
    return _text(data, found), found.how, found.problem


# --- the order: entry, mark, UTF-8, UTF-8 with bad bytes, server, Windows-1252 unless the guess is sure ----------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_no_guess(encoding: str) -> None:
    assert _read(GERMAN.encode(encoding), server="cp1251") == (GERMAN, "utf-8" if "8" in encoding else "mark", "")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE])
def test_big_endian_marks(mark: bytes) -> None:
    name = "utf-16-be" if len(mark) == 2 else "utf-32-be"
    assert _read(mark + GERMAN.encode(name))[0] == GERMAN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("sample", [GERMAN, RUSSIAN, "id,name\n1,北斎\n2,歌麿\n"])
def test_utf_16_and_utf_32_without_a_mark_are_seen_by_their_zeros_and_counted(encoding: str, sample: str) -> None:
    text, how, problem = _read(sample.encode(encoding))
    assert (text, how) == (sample, "wide")
    assert f"say `encoding: {encoding}`" in problem


def test_what_the_entry_says_comes_first_and_a_mark_against_it_is_counted() -> None:
    data = codecs.BOM_UTF8 + "é".encode()
    text, how, problem = _read(data, declared="cp1252")
    assert (text, how) == ("ï»¿Ã©", "declared")
    assert problem == "encoding: it begins as UTF-8 does, and the entry says cp1252"
    assert _read(data, declared="utf-8") == ("é", "declared", "")


@pytest.mark.parametrize("server", ["iso-8859-1", "shift_jis", "nonsense"])
def test_a_text_that_is_utf_8_as_a_whole_is_utf_8_whatever_the_server_says(server: str) -> None:
    assert _read(GERMAN.encode(), server=server) == (GERMAN, "utf-8", "")


def test_a_bad_byte_among_good_letters_is_read_as_windows_1252_and_counted() -> None:
    data = GERMAN.encode() + b"caf\xe9 \x93Map\x94\n"
    text, how, problem = _read(data, server="shift_jis")
    assert (text, how) == (GERMAN + "café “Map”\n", "mixed")
    assert problem == "encoding: 3 bytes are not UTF-8, read as Windows-1252"


def test_good_letters_must_outnumber_bad_bytes() -> None:
    assert _read("é".encode() + b"\xe9\n")[1] == "fallback"
    assert _read("éé".encode() + b"\xe9\n")[1] == "mixed"


def test_what_the_server_says_of_its_bytes_is_believed_where_they_are_not_utf_8() -> None:
    data = "id,title\n1,Köln\n".encode("latin-1")
    text, how, problem = _read(data, server="ISO-8859-1")
    assert (text, how) == ("id,title\n1,Köln\n", "server")
    assert problem == "encoding: not UTF-8, read as Windows-1252, since the server says ISO-8859-1"
    assert _read(RUSSIAN.encode("koi8-r"), server="KOI8-R")[0] == RUSSIAN


NO_TEXTS = ("hex", "undefined", "idna", "unicode_escape")
"""Python's codecs that no document is written in; `undefined` refuses even an empty text."""


@pytest.mark.parametrize("server", ["utf-8", "shift_jis", "us-ascii", "no-such", *NO_TEXTS])
def test_a_server_that_is_wrong_is_not_followed(server: str) -> None:
    text, _, problem = _read(FRENCH.encode("cp1252"), server=server)
    assert text == FRENCH
    assert (
        server == "us-ascii"
        or f"(nor {'is there an encoding ' * (server in ('no-such', *NO_TEXTS))}{server}" in problem
    )


def test_t03_two_rows_of_latin_1_behind_the_first_quarter_of_a_megabyte() -> None:
    plain = "".join(f"{number},Plain title,1850\n" for number in range(30_000))
    assert len(plain) > 2 * 256 * 1024
    text, how, problem = _read(plain.encode() + "9001,Café de la Régence,1851\n".encode("latin-1"))
    assert text == plain + "9001,Café de la Régence,1851\n"
    assert how == "fallback"
    assert "read as Windows-1252, a guess; say `encoding: cp1252`" in problem


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        FRENCH,
        "1,Ångbåt på sjön,målning av okänd konstnär\n",
        "1,Señora con niño,óleo sobre lienzo, España\n",
        "1,Paixão de São João,coleção do município\n",
        "1,Gården på øen,Ærø kirke og færge\n",
        "1,Järvimaisema,öljymaalaus kankaalle\n",
        "1,Frühdyn. Statuetten,x\n2,Müller,y\n",
        "1,“Œuvre” – 5 €\n",
        "K\xf6ln\n",
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_western_text_is_never_taken_for_another_encoding_of_latin_letters(text: str, times: int) -> None:
    """charset-normalizer says cp1250, cp775, mac_iceland or Big5 of these (its issues 358, 371, 477)."""
    assert _read((text * times).encode("cp1252"))[0] == text * times


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", RUSSIAN),
        ("koi8-r", RUSSIAN),
        ("cp1253", "1,Εικόνα της Παναγίας,ξύλο και χρώμα\n2,Αγγείο με παράσταση,πηλός\n"),
        ("cp1255", "1,תמונה של ירושלים,שמן על בד\n2,כתב יד עתיק,קלף\n"),
        ("shift_jis", "1,富士山の景色,木版画 江戸時代\n2,美人画,浮世絵 歌麿\n"),
        ("big5", "1,山水圖,絹本設色 明代\n2,花鳥畫冊,紙本水墨 清代\n"),
        ("gb18030", "1,山水图,绢本设色 明代\n2,花鸟画册,纸本水墨 清代\n"),
        ("euc-kr", "1,산수화,비단에 채색 조선시대\n2,초상화,종이에 먹\n"),
    ],
)
def test_another_script_is_a_sure_guess_and_counted(encoding: str, text: str) -> None:
    found, how, problem = _read((text * 20).encode(encoding))
    assert (found, how) == (text * 20, "guess")
    assert "a guess; say `encoding: " in problem


# --- no byte is lost -----------------------------------------------------------------------------------------


def test_a_replacement_character_of_the_source_itself_is_kept() -> None:
    assert _read("K\ufffdln, Köln".encode()) == ("K\ufffdln, Köln", "utf-8", "")


def test_bytes_that_windows_1252_leaves_undefined_become_controls_as_on_the_web() -> None:
    assert _read(b"\x81\x8d\x8f\x90\x9d\xe9", declared="cp1252")[0] == "\x81\x8d\x8f\x90\x9dé"


@examples(150)
@given(
    st.binary(max_size=200),
    st.sampled_from([None, "utf-8", "cp1252", "shift_jis", "utf-16", "utf-16-be", "gb18030", "iso2022_jp", "cp037"]),
    st.sampled_from(["", "latin-1", "big5", "utf-16-le"]),
)
def test_no_bytes_become_the_replacement_character(data: bytes, declared: str | None, server: str) -> None:
    found = find_encoding(io.BytesIO(data), declared=declared, server_charset=server)
    text = _text(data, found)
    own = data.decode(found.encoding, "ignore").count("\ufffd")
    assert text.count("\ufffd") == own
    assert find_encoding(data, declared=declared, server_charset=server) == found


@examples(100)
@given(st.text(st.characters(codec="utf-8"), max_size=50), st.integers(0, 4))
def test_utf_8_is_counted_the_same_wherever_blocks_end(text: str, rest: int) -> None:
    """A character may lie over the border of two blocks."""
    data = b"a" * ((1 << 20) - rest) + text.encode()
    found = find_encoding(io.BytesIO(data))
    assert (found.how, found.problem) == (("wide", found.problem) if found.how == "wide" else ("utf-8", ""))


def test_what_watches_sees_every_byte_once() -> None:
    data = GERMAN.encode() * 40_000
    for declared in (None, "cp1252"):
        seen = bytearray()
        find_encoding(io.BytesIO(data), declared=declared, watch=seen.extend)
        assert bytes(seen) == data


@pytest.mark.parametrize(
    ("said", "charset"),
    [
        ("text/csv; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/csv;header=present;charset="utf-8"', "utf-8"),
        ("text/csv; Charset = 'cp1252' ", "cp1252"),
        ("text/csv", ""),
        ("", ""),
        ("text/csv; charset=", ""),
    ],
)
def test_the_charset_of_a_content_type(said: str, charset: str) -> None:
    assert charset_of(said) == charset


def test_encodings_in_which_ascii_is_not_itself() -> None:
    assert [
        name for name in ("utf-8", "cp1252", "shift_jis", "gb18030", "big5", "euc-kr") if not keeps_ascii(name)
    ] == []
    assert [name for name in ("utf-16", "utf-32-le", "cp037", "utf-7", "iso2022_jp", "hz") if keeps_ascii(name)] == []
