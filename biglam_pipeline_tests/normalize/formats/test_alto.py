"""ALTO pages: whatever namespace, unit and hyphenation they come with, each word is read once and in order."""

import pytest

from biglam_pipeline_tests.normalize.bundles import alto, block, read_one, reader, records, word

PAGE = reader(type="mets_alto")


def _text(body: str) -> str:
    return str(records(read_one(PAGE, "p.xml", alto(body)))[0].values["text"])


HYP = '<HYP CONTENT="-"/>'
A, B = word("A"), word("B")

BROKEN_WORDS = [
    ("plain", block("b", A + B, word("c")), "A B c"),
    ("blocks", block("b", A) + block("c", B), "A\n\nB"),
    ("no SP between Strings", block("b", A + B), "A B"),
    ("pair with HYP", block("b", word("mea", 1, "measure.") + HYP, word("sure.", 2, "measure.") + A), "measure. A"),
    ("pair without HYP", block("b", word("mea", 1, "measure"), word("sure", 2, "measure")), "measure"),
    ("hyphen in the first half too", block("b", word("mea-", 1, "measure") + HYP, word("sure", 2, "x")), "measure"),
    ("not sign", block("b", word("mea¬", 1, "measure"), word("sure", 2, "")), "measure"),
    ("not sign read as Latin-1", block("b", word("vienÂ¬", 1, "vientos"), word("tos", 2, "")), "vientos"),
    ("soft hyphen, not flagged", block("b", word("mea\u00ad"), word("sure")), "measure"),
    ("not sign, not flagged", block("b", A + word("mea¬"), word("sure") + B), "A mea¬ sure B"),
    (
        "not sign, and the word stands whole",
        block("b", A + word("mea¬"), word("sure") + word("measure")),
        "A measure measure",
    ),
    ("HYP, not flagged", block("b", word("mea") + HYP, word("sure")), "measure"),
    (
        "a wrong SUBS_CONTENT is not believed",
        block("b", word("aver", 1, "averAge"), word("age", 2, "averAge")),
        "average",
    ),
    ("three lines", block("b", word("ex") + HYP, word("tra") + HYP, word("ordinary")), "extraordinary"),
    (
        "over the end of a block",
        block("b", word("mea", 1, "measure")) + block("c", word("sure", 2, "measure") + A),
        "measure A",
    ),
    (
        "something between the halves",
        block("b", word("mea", 1, "measure") + HYP) + block("c", A) + block("d", word("sure", 2, "measure") + B),
        "measure\n\nA\n\nB",
    ),
    ("first half alone", block("b", word("mea", 1, "measure") + HYP, A), "mea- A"),
    ("second half alone", block("b", A, word("sure", 2, "measure")), "A sure"),
    ("HYP at the end of a block", block("b", word("mea") + HYP) + block("c", A), "mea-\n\nA"),
    ("a hyphen that nothing marks stays", block("b", word("Marie-"), word("Anne")), "Marie- Anne"),
    ("empty Strings are no words", block("b", word("") + A + word(" ")), "A"),
    ("ALTERNATIVE", block("b", '<String CONTENT="A"><ALTERNATIVE>x</ALTERNATIVE></String>'), "A"),
    ("Variant", block("b", '<String CONTENT="A"><Glyph CONTENT="x"><Variant CONTENT="y"/></Glyph></String>'), "A"),
]


@pytest.mark.parametrize(("body", "text"), [row[1:] for row in BROKEN_WORDS], ids=[row[0] for row in BROKEN_WORDS])
def test_words(body: str, text: str) -> None:
    assert _text(body) == text


@pytest.mark.parametrize(
    "root",
    [
        "<alto>",
        '<alto xmlns="http://schema.ccs-gmbh.com/ALTO">',
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">',
        '<alto xmlns="https://www.loc.gov/standards/alto/ns-v3#">',
        '<a:alto xmlns="x" xmlns:a="y">',
        "<altox>",
    ],
)
def test_h52_any_namespace_and_no_coordinates(root: str) -> None:
    found = records(read_one(PAGE, "p.xml", alto(block("b", A), root)))
    assert found[0].values["text"] == "A"


def test_h52_attributes_in_the_namespace() -> None:
    """SBB delivered `default:CONTENT`; read as it is written, the page would be empty."""
    body = '<TextBlock><TextLine><String d:CONTENT="A"/></TextLine></TextBlock>'
    assert records(read_one(PAGE, "p.xml", alto(body, '<alto xmlns="x" xmlns:d="x">')))[0].values["text"] == "A"


def test_h52_odd_coordinates_and_units_do_not_hurt() -> None:
    body = block("b", word("A", HPOS="-5.5", VPOS="6150.0", WIDTH="x"))
    more = "<Description><MeasurementUnit>mm10</MeasurementUnit></Description>"
    assert records(read_one(PAGE, "p.xml", alto(body, more=more)))[0].values["text"] == "A"


def test_what_the_page_says_of_itself() -> None:
    software = (
        "<Description><OCRProcessing><ocrProcessingStep><processingSoftware><softwareName>NA</softwareName>"
        "</processingSoftware></ocrProcessingStep></OCRProcessing><OCRProcessing><ocrProcessingStep>"
        "<processingSoftware><softwareName>FineReader</softwareName><softwareVersion>8.1</softwareVersion>"
        "</processingSoftware></ocrProcessingStep></OCRProcessing></Description>"
    )
    body = block("b", word("A", WC="0.5") + word("B", WC="1.0") + word("C", WC="87") + A, more='LANG="fr"')
    body += block("c", A, more='language="de"')
    record = records(read_one(PAGE, "x/p.xml", alto(body, more=software)))[0]
    assert record.source_record_id == "x/p"
    assert record.values == {
        "text": "A B C A\n\nA",
        "text_unit": "page",
        "text_origin": "ocr",
        "ocr_engine": "FineReader 8.1",
        "ocr_confidence": 0.75,
        "languages": ["fr", "de"],
        "parent_id": "x",
        "type": "Text",
        "transforms": ["alto-text/2"],
    }


def test_the_engine_of_alto_4_is_the_step_that_recognised() -> None:
    step = "<Processing><processingSoftware><softwareName>{}</softwareName></processingSoftware></Processing>"
    more = f"<Description>{step.format('ocrd-binarize')}{step.format('tesserocr-recognize')}</Description>"
    assert records(read_one(PAGE, "p.xml", alto("", more=more)))[0].values["ocr_engine"] == "tesserocr-recognize"


@pytest.mark.parametrize(
    ("more", "blocks", "text"),
    [
        (
            "<ReadingOrder><OrderedGroup><ElementRef REF='c'/><ElementRef REF='a'/></OrderedGroup></ReadingOrder>",
            "",
            "c a b",
        ),
        ("", "IDNEXT='c'", "a c b"),
        ("", "IDNEXT='a'", "b c a"),
        ("", "IDNEXT='nowhere'", "a b c"),
        ("", "", "a b c"),
    ],
)
def test_reading_order(more: str, blocks: str, text: str) -> None:
    body = block("a", word("a"), more=blocks) + block("b", word("b")) + block("c", word("c"))
    found = records(read_one(PAGE, "p.xml", alto(body, more=more)))[0].values["text"]
    assert found.replace("\n\n", " ") == text
