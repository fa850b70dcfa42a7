"""Labelled text by lines: whatever a file looks like, no label moves to another token, and none is lost."""

import re
import time
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from biglam_pipeline.normalize.vocabularies.labels import HIPE
from biglam_pipeline.records import Read, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)

ENP = (
    "# file:\t\tF_SBB_1\n# sbb url:\thttp://z.de/?page=3\nDonnerstag O\n. . O\n# O\nworden\nWien B-LOC\n"
    "# file:\t\tF_SBB_2\n# tel url:\t???\nBonn I-LOC\n"
)
HIPE_FILE = "\t".join(HIPE) + (
    "\n# hipe2022:document_id = NZZ-1\n# hipe2022:date = 1798-12-12\n# hipe2022:language = de\n"
    "# hipe2022:license = CC-BY\n# ajmc:title = Sophokles: Aias\n"
    "Meine\tO\tO\tO\tO\tO\tO\t_\t_\t_\n"
    "verlän\tO\tO\tO\tO\tO\tO\t_\t_\tNoSpaceAfter\n"
    "¬\tO\tO\tO\tO\tO\tO\t_\t_\tNoSpaceAfter|EndOfLine\n"
    "gern\tO\tO\tO\tO\tO\tO\t_\t_\tNoSpaceAfter\n"
    ".\tO\tO\tO\tO\tO\tO\t_\t_\tEndOfSentence\n"
    '"\tO\tO\tO\tO\tO\tO\t_\t_\t\n'
    "Bonn\tB-loc\t_\tB-loc.adm\t_\t_\tO\tQ586\t_\tLED0.00\n"
    "\n# hipe2022:document_id = NZZ-2\n#\tO\tO\tO\tO\tO\tO\t_\t_\t_\n"
)
UD = (
    "# newdoc id = d1\n# sent_id = s1\n# text = vámonos al mar\n"
    "1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_\n1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_\n"
    "3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_\n3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_\n4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_\n"
    "5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No\n5.1\tnada\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
    "# sent_id = s2\n1\tNew York\tNew York\tPROPN\t_\t_\t0\troot\t_\t_\n\n"
    "# newdoc id = d2\n# sent_id = s3\n# text = # !\n"
    "1\t#\t#\tSYM\t_\t_\t0\troot\t_\tSpaceAfter=No\n2\t!\t!\tPUNCT\t_\t_\t1\tpunct\t_\t_\n"
)
SPECIMEN = Specimen(
    {
        "a.bio": b"-DOCSTART- O\n\nJan B-PER\nJansz I-PER\n\nIn O\nHoorn B-LOC\n\n-DOCSTART- O\n\nEnde O\n",
        "b.bio": ENP.encode("utf-8-sig").replace(b"\n", b"\r\n"),
        "c.bio": "Münch B-PER\nzwei\tO\ndrei O\nnoch zwei O\n".encode("cp1252"),
    },
    records=4,
    version=3,
    digest="f441a32a9ec97628",
)


def of(data: str | bytes, name: str = "a/file.tsv", **block: Any) -> list[Read]:
    raw = data.encode() if isinstance(data, str) else data
    return read_one(reader(type="annotations", files="*", **block), name, raw)


def rows(data: str | bytes, **block: Any) -> list[Record]:
    found = of(data, **block)
    assert not rejects(found), rejects(found)
    return records(found)


def only(data: str | bytes, **block: Any) -> Record:
    (row,) = rows(data, **block)
    return row


# --- IOB -----------------------------------------------------------------------------------------------------------


def test_a_file_without_borders_is_one_document() -> None:
    row = only("In O\nHoorn B-LOC\n")
    assert (row.source_record_id, row.values["text"]) == ("a/file.tsv", "In Hoorn")
    assert row.extra == {"tokens": ["In", "Hoorn"], "tags": ["O", "B-LOC"], "sentence_starts": [0]}
    assert row.values["text_unit"] == "document"


def test_sentences_of_a_document_stay_known() -> None:
    row = only("A O\nB O\n\nC O\n \t \nD O\n\n\n")
    assert (row.extra["sentence_starts"], row.values["text"]) == ([0, 2, 3], "A B\nC\nD")


def test_a_corrected_label_leaves_the_name_of_its_row() -> None:
    before, after = rows("A O\n\nB O\n", rows="sentence"), rows("A O\n\nB B-PER\n", rows="sentence")
    assert [row.source_record_id for row in before] == [row.source_record_id for row in after]


def test_rows_may_be_sentences() -> None:
    found = rows("-DOCSTART- -X- O\n\nA O\nB O\n\nC O\n\nA O\nB O\n", rows="sentence")
    assert [row.values["text"] for row in found] == ["A B", "C", "A B"]
    assert [row.values["seq"] for row in found] == [1, 2, 3]
    assert [row.values["seq"] for row in rows(HIPE_FILE, dialect="hipe", rows="sentence")] == [1, 2, 1]
    assert {row.values["text_unit"] for row in found} == {"sentence"}
    assert found[2].source_record_id == f"{found[0].source_record_id}-2", "the same words twice are two"
    assert "sentence_starts" not in found[0].extra


def test_docstart_begins_a_document_and_is_no_token() -> None:
    found = rows(
        "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n\n-DOCSTART- (2)\n\nA DT O O\n",
        columns=["token", "pos", "chunk", "ner"],
    )
    assert [row.extra["tokens"] for row in found] == [["EU"], ["A"]]
    assert found[0].extra["pos"] == ["NNP"]
    assert found[0].extra["ner"] == ["B-ORG"]


def test_comments_begin_documents_where_the_entry_says_so() -> None:
    """Europeana's newspapers: no border at all, `# file: ...` before each page (EuropeanaNewspapers/ner-corpora)."""
    first, second = rows(ENP, document="file", map={"title": "file", "source_url": "sbb url"})
    assert first.source_record_id == "a/file.tsv#F_SBB_1"
    assert first.values["source_url"] == "http://z.de/?page=3"
    assert first.extra["tokens"] == ["Donnerstag", ". .", "#", "worden", "Wien"]
    assert first.extra["tags"] == ["O", "O", "O", None, "B-LOC"]
    assert first.problems == ("tags: a token without a label", "tokens: one with blanks in it")
    assert (second.extra["tokens"], second.problems) == (["Bonn"], ("tags: I- without B- before it",))
    assert len(rows(ENP)) == 1, "which comments begin a document, nobody guesses"


@pytest.mark.parametrize(
    "line", ["# newspaper = Mercury", "# newspaper: Mercury", "#newspaper = Mercury", "## newspaper = Mercury"]
)
def test_what_comments_say_can_be_mapped(line: str) -> None:
    assert only(f"{line}\n# a remark\nA O\n", map={"title": "newspaper"}).values["title"] == "Mercury"
    assert unmapped(of(f"{line}\n# a remark\nA O\n"))[-1].filled["comments without a key"] == 1


@pytest.mark.parametrize("key", ["License", "licence", "dc.rights", "copyright", "hipe2022:applicable-license"])
@pytest.mark.parametrize("unit", ["document", "sentence"])
@pytest.mark.parametrize("between", ["", "\n", "\n-DOCSTART- O\n\n", "# document_id = 1\n"])
def test_rights_at_the_head_of_a_file_are_said_of_each_of_its_rows(key: str, unit: str, between: str) -> None:
    """Before the first document is marked, comments speak of all of them: another row would stand under the entry's."""
    data = f"# {key}: CC BY-NC\n{between}A O\n\nB O\n\n# document_id = 2\nC O\n"
    found = rows(data, rows=unit)
    assert [row.values.get("rights_raw") for row in found] == ([["CC BY-NC"]] * (2 if unit == "document" else 3))


def test_rights_of_one_document_are_said_of_its_sentences_and_of_no_other() -> None:
    own = "# license: CC0\n\n# document_id = 1\n# rights: CC BY-NC\nA O\n\nB O\n\n# document_id = 2\nC O\n"
    said = [row.values["rights_raw"] for row in rows(own, rows="sentence")]
    assert said == [["CC0", "CC BY-NC"], ["CC0", "CC BY-NC"], ["CC0"]]
    line = "1\tA" + "\t_" * 8 + "\n\n"
    two = f"# newdoc id = d\n# license = CC BY-NC\n# sent_id = 1\n{line}{line}# newdoc id = e\n{line}"
    found = rows(two, rows="sentence", dialect="conll_u")
    assert [row.values.get("rights_raw") for row in found] == [["CC BY-NC"], ["CC BY-NC"], None]


@pytest.mark.parametrize("line", ["# id 52a9\tdomain=en", "# url:\thttp://n.de", "#url:\thttp://n.de B"])
def test_a_comment_with_a_tab_in_it_is_no_token(line: str) -> None:
    row = only(f"{line}\nA\tO\n#\tO\n#Bonn 1\tB-x\n")
    assert row.extra["tokens"][-3:] == ["A", "#", "#Bonn 1"]
    assert len(row.extra["tokens"]) == (3 if " " in line.partition("\t")[0] else 4), "a hashtag has no blanks"
    numbered = only("#\thttp://n.de\t[2009]\n1\tBonn\tB-x\n#\tA\tO\n", columns=["_", "token", "ner"])
    assert numbered.extra["tokens"] == ["Bonn", "A"]


def test_the_part_of_speech_of_a_number_sign() -> None:
    row = only("# #\n# # # #\n5 CD\n", columns=["token", "pos"])
    assert (row.extra["tokens"], row.extra["pos"]) == (["#", "5"], ["#", "CD"])


def test_files_put_one_behind_another_each_with_a_byte_order_mark() -> None:
    one = "\ufeff-DOCSTART- O\n\nA O\n\n"
    assert [row.extra["tokens"] for row in rows(one * 2)] == [["A"], ["A"]]
    assert only("A O\n\ufeffB O\n\ufeff O\n").extra["tokens"] == ["A", "\ufeffB", "\ufeff"], "none where it is text"


@pytest.mark.parametrize(("line", "token"), [("# O", "#"), ("#\tO", "#"), ("#1848 B-MISC", "#1848"), ("# # O", "# #")])
def test_a_number_sign_with_a_label_is_a_token(line: str, token: str) -> None:
    separator = "\t" if "\t" in line else " "
    row = only(f"A{separator}O\n{line}\n")
    assert row.extra["tokens"] == ["A", token]


def test_a_header_names_columns_and_is_no_token() -> None:
    """The case t06, and two lines of the archives' own export."""
    assert only("TOKEN\tTAG\n# newspaper = Mercury\nHe\tO\nsaid\tO\n\nking\tB-PER\n").extra["tags"] == [
        "O",
        "O",
        "B-PER",
    ]
    data = "TOKEN\tNE-MAIN\tNE-PER\tMISC\n\t\t\t\n# document_path = ..\\a.txt\t\t\t\n"
    data += "Ed:s\tO\tB-x\tNoSpaceAfter\n.\tO\tO\t_\n"
    row = only(data, columns=["token", "NE-PER", "NE-LOC"])
    assert (row.extra["NE-PER"], row.extra["NE-LOC"]) == (["B-x", "O"], None)
    assert "NE-LOC: the file has no such column" in row.problems
    assert row.values["text"] == "Ed:s ."
    assert only(data, columns=["token", "MISC"]).values["text"] == "Ed:s."
    assert only("Word O\nB O\n").extra["tokens"] == ["Word", "B"], "a token that is called so is one"


def test_columns_that_nobody_named_are_no_labels() -> None:
    (one,) = rejects(of("EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n"))
    assert (one.reason, one.detail.count("columns: [NAME, NAME, NAME, NAME]")) == ("row_width", 1)
    (one,) = rejects(of("TOKEN\tPOS\tNER\nA\tDT\tO\n"))
    assert (one.reason, "TOKEN, POS, NER" in one.detail) == ("columns_unnamed", True)
    assert reasons(of("A O\nB O\n", columns=["token", "pos", "ner"])) == ["row_width"]
    assert only("A O x\nB O x\n", columns=["token", "ner", "_"]).extra.keys() == {"tokens", "ner", "sentence_starts"}


def test_no_label_moves_to_the_place_of_another() -> None:
    """A line of another width costs its row, not its neighbours; the reject names it."""
    good = "A DT O\nB NN B-LOC\n"
    found = of(f"{good}\nC O\nD DT O\n\n{good}New York NNP B-LOC\n", columns=["token", "pos", "ner"], rows="sentence")
    assert [row.extra["tokens"] for row in records(found)] == [["A", "B"], ["A", "B", "New York"]]
    (one,) = rejects(found)
    assert (one.reason, one.position) == ("row_width", "line 4")
    assert unmapped(found)[-1].filled["lines of tokens in rows that are rejects"] == 2
    assert reasons(of(f"{good}\nC O\n{good}", columns=["token", "pos", "ner"])) == ["row_width"], "so for a document"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("separator", [" ", "\t", "   ", " \t "])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_separators_and_marks(end: str, separator: str, mark: bytes) -> None:
    data = mark + end.join([f"A{separator}O", f'"{separator}B-PER', "", f"C{separator}O", ""]).encode()
    assert only(data).extra == {"tokens": ["A", '"', "C"], "tags": ["O", "B-PER", "O"], "sentence_starts": [0, 2]}


def test_signs_that_end_lines_elsewhere_stand_in_tokens() -> None:
    """U+0085, U+2028 and form feeds are what OCR makes of stains; a no-break space may be a token."""
    row = only("a\x85b O\n\u2028 O\n\xa0 O\n\x0c O\n")
    assert row.extra["tokens"] == ["a\x85b", "\u2028", "\xa0", "\x0c"]
    assert only("\ud835\udc82".encode("utf-16", "surrogatepass").decode("utf-16") + " O\n").extra["tokens"] == ["𝒂"]


def test_an_empty_token_is_kept_and_counted() -> None:
    for data in ("A\tO\n\tB-PER\n", "A O\n B-PER\n"):
        row = only(data)
        assert (row.extra["tokens"], row.extra["tags"]) == (["A", ""], ["O", "B-PER"])
        assert "tokens: an empty one" in row.problems


def test_odd_labels_are_counted_and_stay() -> None:
    row = only("A O\n" * 20 + "B I-PER\nC I-PER\nD B-PEr\nE I_ORG\nF B-LOC\nG I-PER\n")
    assert row.extra["tags"][-6:] == ["I-PER", "I-PER", "B-PEr", "I_ORG", "B-LOC", "I-PER"]
    assert row.problems == ("tags: neither O nor such as B-PER", "tags: I- without B- before it")
    assert only("A B-X\nB I-X\nC O\n").problems == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_tokens"),
        (b"\n\n# a = b\n", "no_tokens"),
        (b"A O\n\0\0\0 O\n", "not_text"),
        (b"A O\n" + b"x" * (1 << 21), "line_too_long"),
        (b"TOKEN\tNER\n", "no_tokens"),
    ],
)
def test_what_is_no_file_of_tokens_says_so(data: bytes, reason: str) -> None:
    assert reasons(of(data)) == [reason]


def test_a_sentence_that_is_none_is_counted() -> None:
    row = only("A O\n" * 1001, rows="sentence")
    assert row.problems == ("text: no border between sentences, read as one",)


SIBLINGS = [
    # MultiCoNER: what is no column is written `_ _`
    ("# id 52a9\tdomain=en\nhe _ _ O\nBonn _ _ B-LOC\n", ["token", "_", "_", "ner"], [["he", "Bonn"]], ["O", "B-LOC"]),
    # GermEval 2014: a number first, a comment with an address, `#` as a token behind it
    (
        "#\thttp://n.de\t[2009-10-17]\n1\tBonn\tB-LOC\tO\n2\t#\tO\tO\n",
        ["_", "token", "ner", "inner"],
        [["Bonn", "#"]],
        ["B-LOC", "O"],
    ),
    # CoNLL-2012
    (
        "#begin document (a/1); part 000\nx 0 A NN *\n\n#end document\n#begin document (a/2); part 000\nx 0 B NN *\n",
        ["doc", "part", "word", "pos", "ner"],
        [["A"], ["B"]],
        ["*"],
    ),
    # files put one behind another, each with its header
    ("TOKEN\tNER\nA\tO\nTOKEN\tNER\nB\tO\n", ["token", "ner"], [["A", "B"]], ["O", "O"]),
    # WNUT: the border is a tab, hashtags are tokens
    ("#Bonn\tB-x\n\t\nis\tO\n", ["token", "ner"], [["#Bonn", "is"]], ["B-x", "O"]),
    # Kaggle: the token in the second column, headers of its own
    ("Sentence #\tWord\tNER\ns1\tBonn\tB-LOC\n", ["sentence", "word", "ner"], [["Bonn"]], ["B-LOC"]),
    # parts of speech alone: a first token that is called as a column is one
    ("Word NN\nform VB\n", ["token", "ner"], [["Word", "form"]], ["NN", "VB"]),
    # a header in the words of the entry
    ("mot\tclasse\nBonn\tB-LOC\n", ["mot", "classe"], [["Bonn"]], ["B-LOC"]),
]


@pytest.mark.parametrize(("data", "columns", "tokens", "labels"), SIBLINGS)
def test_as_other_corpora_write_it(data: str, columns: list[str], tokens: list[list[str]], labels: list[str]) -> None:
    found = rows(data, columns=columns)
    assert [row.extra["tokens"] for row in found] == tokens
    assert found[0].extra["classe" if "classe" in columns else "ner"] == labels


def test_a_document_without_a_token_lends_its_name_to_no_other() -> None:
    data = "# document_id = a\n# title = A\n\n# document_id = b\nx O\n"
    found = of(data, map={"title": "title"})
    assert [(row.source_record_id, row.values.get("title")) for row in records(found)] == [("a/file.tsv#b", None)]
    assert unmapped(found)[-1].filled["documents without a token"] == 1


def test_many_comments_do_not_hide_how_a_file_is_laid_out() -> None:
    row = only("# a = b\n" * 5_000 + "New York\tB-LOC\nA\tO\n")
    assert row.extra["tokens"] == ["New York", "A"]


def test_tokens_with_blanks_are_counted() -> None:
    assert only("A O\nB O\n. . O\n").problems == ("tokens: one with blanks in it",)


@pytest.mark.parametrize(
    "line", ["#" + " " * 500_000 + "x", "# " + "a:" * 400_000, "# " + "=" * 500_000, "# a" + " =" * 300_000]
)
def test_a_comment_of_any_shape_costs_little(line: str) -> None:
    began = time.process_time()
    assert only(f"{line}\nA O\n").extra["tokens"] == ["A"]
    assert time.process_time() - began < 2


# --- HIPE and CoNLL-U ---


def test_hipe() -> None:
    first, second = rows(HIPE_FILE, dialect="hipe", map={"title": "ajmc:title"})
    assert first.source_record_id == "a/file.tsv#NZZ-1"
    assert first.values["text"] == 'Meine verlän¬\ngern. " Bonn'
    assert first.extra["tokens"] == ["Meine", "verlän", "¬", "gern", ".", '"', "Bonn"]
    assert first.extra["NEL-LIT"] == ["_"] * 6 + ["Q586"]
    assert first.extra["MISC"][5] == ""
    assert first.extra["sentence_starts"] == [0, 5]
    assert (first.values["date_raw"], first.values["languages"]) == (["1798-12-12"], ["de"])
    assert (first.values["rights_raw"], first.values["title"]) == (["CC-BY"], "Sophokles: Aias")
    assert (second.source_record_id, second.extra["tokens"]) == ("a/file.tsv#NZZ-2", ["#"])


def test_sentences_of_hipe_know_their_document() -> None:
    found = rows(HIPE_FILE, dialect="hipe", rows="sentence", map={"title": "ajmc:title"})
    assert [row.values["parent_id"][-5:] for row in found] == ["NZZ-1", "NZZ-1", "NZZ-2"]
    assert [row.values.get("title") for row in found] == ["Sophokles: Aias", "Sophokles: Aias", None]
    assert found[1].values["date_raw"] == ["1798-12-12"]


def test_conll_u() -> None:
    """Words of several tokens are written once, empty nodes not at all; lists keep every line, `ID` says which."""
    first, second = rows(UD, dialect="conll_u")
    assert first.source_record_id == "a/file.tsv#d1"
    assert first.values["text"] == "vámonos al marNew York"
    assert first.extra["ID"] == ["1-2", "1", "2", "3-4", "3", "4", "5", "5.1", "1"]
    assert first.extra["tokens"][-1] == "New York"
    assert (second.values["text"], second.problems) == (
        "# !",
        ("text: not what the tokens make; as the comment has it",),
    )
    found = rows(UD, dialect="conll_u", rows="sentence")
    assert [row.source_record_id for row in found] == ["a/file.tsv#d1#s1", "a/file.tsv#d1#s2", "a/file.tsv#d2#s3"]
    assert found[1].values["text"] == "New York", "the comment `text` of the sentence before is not its"


def test_conll_u_plus_names_its_columns() -> None:
    """https://universaldependencies.org/ext-format.html"""
    data = "# global.columns = ID FORM PARSEME:MWE UPOS\n1\tA\t*\tDET\n2\tB\t1\tNOUN\n"
    row = only(data, dialect="conll_u", columns=["ID", "FORM", "PARSEME:MWE"])
    assert (row.extra["PARSEME:MWE"], row.extra["tokens"]) == (["*", "1"], ["A", "B"])


def test_other_columns_are_no_conll_u() -> None:
    assert reasons(of("1\tA\tO\n2\tB\tO\n", dialect="conll_u")) == ["row_width"]
    assert reasons(of(UD.replace("\n2\t!", "\nx\t!"), dialect="conll_u")) == ["row_width"]


# --- the entry ---


def test_own_columns_follow_from_the_entry_alone() -> None:
    strings, starts = pa.list_(pa.string()), pa.list_(pa.int32())
    iob = reader(type="annotations", columns=["pos", "Token", "_"], map={"extra": {"part": {"const": "a"}}})
    assert iob.extras == {"tokens": strings, "pos": strings, "sentence_starts": starts, "part": pa.string()}
    assert [*reader(type="annotations", dialect="hipe", rows="sentence").extras] == ["tokens", *HIPE[1:]]
    assert [*reader(type="annotations", files="*.conllu").extras][:3] == ["tokens", "ID", "LEMMA"]
    assert next(iter(reader(type="annotations", files="a/*.ann").extras)) == "spans"
    assert [*reader(type="annotations", files=["*.ann", "*.conllu"]).extras] == ["tokens", "tags", "sentence_starts"]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"columns": ["token"]}, "two or more"),
        ({"columns": ["token", "a", "a"]}, "different names"),
        ({"columns": ["token", "labels"]}, "canonical column"),
        ({"columns": ["a", "tokens", "text"]}, "canonical column"),
        ({"columns": ["word", "tokens"]}, "what the reader fills"),
        ({"dialect": "brat", "document": "file"}, "each file is a document"),
        ({"dialect": "hipe", "columns": ["a", "b"]}, "columns of its own"),
        ({"dialect": "brat", "rows": "sentence"}, "knows no sentences"),
        ({"map": {"extra": {"tags": {"const": "x"}}}}, "give yours another"),
        ({"rows": "line"}, "document"),
    ],
)
def test_what_the_entry_cannot_say(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        reader(type="annotations", **block)


# --- counted another way ---

_TOKENS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" \t#\ufeff"), min_size=1, max_size=5
)
_TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "S-X", "_"])


@given(st.lists(st.lists(st.tuples(_TOKENS, _TAGS, _TAGS), min_size=1, max_size=6), min_size=1, max_size=6))
def test_every_line_is_a_token_in_its_place(sentences: list[list[tuple[str, str, str]]]) -> None:
    header = "token\tpos\tner\n"
    data = header + "\n".join("".join("\t".join(cells) + "\n" for cells in one) for one in sentences)
    row = only(data, columns=["token", "pos", "ner"])
    got = zip(row.extra["tokens"], row.extra["pos"], row.extra["ner"], strict=True)
    assert [*got] == [cells for one in sentences for cells in one]
    assert len(row.extra["sentence_starts"]) == len(sentences)


def test_real_newspapers_counted_by_lines() -> None:
    files = real_folder("ner/europeana-newspapers", "**/*.bio")
    found = read(reader(type="annotations", document="file"), files)
    texts = [one.open().read().decode() for one in files.values()]
    due = sum(1 for text in texts for line in text.split("\n") if line.strip() and not re.match(r"# \w.*:", line))
    assert (sum(len(row.extra["tokens"]) for row in records(found)), rejects(found)) == (due, [])
    assert len(records(found)) == 1 + sum(text.count("# file:") for text in texts)
    last = Counter(line.split()[-1] for text in texts for line in text.split("\n") if " " in line)
    tags = Counter(tag for row in records(found) for tag in row.extra["tags"])
    assert {tag: tags[tag] for tag in ("O", "B-LOC", "I-PER", "B-PEr", "I_ORG")} == {
        tag: last[tag] for tag in ("O", "B-LOC", "I-PER", "B-PEr", "I_ORG")
    }


def test_several_files_are_several_documents() -> None:
    files = {name: item(name, b"A O\n") for name in ("a.bio", "b.iob", "c.txt")}
    assert [row.source_record_id for row in records(read(reader(type="annotations"), files))] == ["a.bio", "b.iob"]
