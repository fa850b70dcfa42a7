"""What people labelled is told from what only looks like it."""

import pytest

from biglam_pipeline.proposing.choosing import choose_files
from biglam_pipeline.proposing.contents import HEAD_BYTES, kind_of, text_at
from biglam_pipeline.proposing.labelled import dialect_of, is_coco
from biglam_pipeline_tests.normalize.bundles import real_folder

WORD = "1\tAd\tad\tADP\t_\t_\t2\tcase\t_\t_\n"


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("a O\nb B-PER\nc I-PER\n\nd O\n", "x.txt", {"dialect": "iob"}),
        ("a\tX\tO\nb\tY\tB-NP\nc\tZ\tI-NP\n\nd\tX\tO\n", "x", {"dialect": "iob", "columns": ["token", "pos", "tags"]}),
        (f"# text = Ad\n{WORD}\n{WORD}\n", "x.conllu", {"dialect": "conll_u"}),
        (f"{WORD}1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n\n", "x", {"dialect": "conll_u"}),
        ("T1\tPer 0 4;6 8\tAnna B\n#1\tAnnotatorNotes T1\tsure\n", "x.ann", {"dialect": "brat"}),
        ("a O\nb O\nc O\n\nd O\n", "verse.txt", None),
        ("Blood type\nis B-\nor is it O\n\nor A-\n", "prose.txt", None),
        ("a B-X\nb O\nc O\nd O\n", "no-sentences.txt", {"dialect": "iob"}),
        ("a O\nb B-X Y\nc O\n\nd O\n", "widths.txt", None),
        ("1\tx\ty\tz w\t5\t6\t7\t8\t9\t10\n\n", "ten-columns.tsv", None),
        ("; AutoCAD annotation\n0\nSECTION\n", "x.ann", None),
        ("T1\tPer 0 4\tAnna\n", "x.txt", None),
        ("", "x.conllu", None),
    ],
)
def test_words_with_labels_and_marks_beside_a_text(text: str, name: str, wanted: object) -> None:
    assert dialect_of(text, name) == wanted


COCO = {"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1}], "categories": [{"id": 1}]}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (COCO, True),
        (COCO | {"annotations": []}, True),
        (COCO | {"images": []}, False),
        (COCO | {"annotations": [{"id": 1, "body": "a note"}]}, False),
        ({"images": COCO["images"]}, False),
        (COCO | {"categories": {"1": "figure"}}, False),
        ([COCO], False),
        (None, False),
    ],
)
def test_boxes_on_pictures(body: object, wanted: bool) -> None:
    assert is_coco(body) is wanted


def test_marks_are_chosen_with_their_texts_and_never_without() -> None:
    chosen = choose_files(["a/1.ann", "a/1.txt", "a/2.ann", "annotation.conf"])
    assert (list(chosen.names), chosen.pattern) == (["a/1.ann"], "*.{ann,txt}")
    assert not choose_files(["drawing.ann", "other.txt"]).names


@pytest.mark.parametrize(
    ("folder", "pattern", "word"),
    [
        ("ner", "**/*.bio", "annotations"),
        ("brat", "**/*.ann", "annotations"),
        ("gutenberg", "**/*.txt", "text"),
        ("csv", "**/*.csv", "table"),
    ],
)
def test_real_files_are_what_they_are(folder: str, pattern: str, word: str) -> None:
    items = real_folder(folder, pattern)
    assert items
    for name, item in items.items():
        with item.open() as stream:
            head = stream.read(HEAD_BYTES)
        if head.strip():
            assert kind_of(head, name).word == word, name
        if word == "annotations" and head.strip():
            assert dialect_of(text_at(head), name) is not None
