"""LIDO: what a museum says of an object: its names, numbers and words, in whatever language and spelling."""

import pytest

from biglam_pipeline.records import Deleted, Record, Reject
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
)
from biglam_pipeline_tests.normalize.formats.lido_records import (
    SPACES,
    actor,
    dated,
    due_in,
    event,
    lido,
    object_rights,
    page,
    titled,
    unread_in,
    values_of,
    wrap,
)

SRU = "<searchRetrieveResponse><records><record><recordData>{}</recordData></record></records></searchRetrieveResponse>"
FULL = titled("The angler") + event("production", actor("Walton, Izaak") + dated("1653"))
SPECIMEN = Specimen(
    {
        "page.xml": page(wrap(lido(FULL)), wrap(lido(titled("B"))).replace("lidoWrap", "lido:lidoWrap")),
        "wrap.lido": wrap(lido(FULL, name="a")).encode(),
        "rights.xml": wrap(lido(titled("C &amp; D"), object_rights("<rightsType>CC0</rightsType>"), "b")).encode(),
        "one.xml": lido(FULL, name="c").replace("<lido>", f"<lido {SPACES}>").encode(),
    },
    records=5,
    version=4,
    digest="516ab8184bfa02c4",
)


def test_records_stand_in_answers_of_servers_in_wraps_and_alone_and_tombstones_are_some() -> None:
    found = read_one(reader(type="lido"), "page.xml", SPECIMEN.files["page.xml"])
    assert [one.source_record_id for one in records(found)] == ["oai:a:1", "oai:a:2"]
    assert [one.source_record_id for one in deleted(found)] == ["oai:a:9"]
    alone = [records(read_one(reader(type="lido"), name, data)) for name, data in SPECIMEN.files.items()][1:]
    assert [one.source_record_id for found in alone for one in found] == ["a", "b", "c"]
    two = wrap(lido(name="a"), lido(name="b")).encode()
    assert [one.source_record_id for one in records(read_one(reader(type="lido"), "a.xml", two))] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "due"),
    [
        (wrap(), 0),
        (wrap(lido(titled("A")), lido(titled("B"), name="2")), 2),
        (wrap("<museum/>", lido(titled("A"))), 2),
        (f"<records>{wrap(lido(name='1'), lido(name='2'))}{wrap(lido(name='3'))}</records>", 3),
        ("<museum><object/></museum>", 1),
        (page(wrap(lido()), "<dc>x</dc>").decode(), 3),
        (f"<records><total/>{lido()}{wrap()}{wrap(lido(name='2'))}</records>", 3),
        (f"<records><record><metadata>{wrap(lido())}</metadata></record><record><metadata/></record></records>", 2),
        (SRU.format(wrap(lido(titled("A")))), 1),
        (page(wrap(lido(), lido(name="2"))).decode(), 2),
        (f"<!-- <lido/> -->{wrap(lido(titled('<![CDATA[<lido>]]>')))}", 1),
        (wrap(lido("<objectIdentificationWrap><lido/></objectIdentificationWrap>")), 1),
        (wrap(lido("<object>" * 300 + "</object>" * 300)), 1),
    ],
)
def test_what_should_come_out_is_counted_by_another_way(data: str, due: int) -> None:
    made = reader(type="lido")
    found = read_one(made, "a.xml", data.encode())
    assert due_in(data.encode()) == due
    assert sum(isinstance(one, Record | Deleted | Reject) for one in found) == due


@pytest.mark.parametrize(
    "data",
    [
        SRU.format(wrap(lido(titled("A")))),
        f"<records><record><metadata>{wrap(lido(titled('A')))}</metadata></record></records>",
    ],
)
def test_a_wrap_may_stand_in_what_others_put_around_a_record(data: str) -> None:
    assert values_of(data)["title"] == "A"


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read_and_counted(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>{wrap(lido(titled("Käenkuja")))}'.encode(encoding)
    made = reader(type="lido")
    (record,) = records(read_one(made, "a.xml", data))
    assert record.values["title"] == "Käenkuja"
    assert due_in(data) == 1


def test_a_spoiled_record_is_a_reject_and_those_around_it_are_read() -> None:
    data = wrap(lido(titled("A")), lido("<term <b>", name="2"), lido(titled("C"), name="3"))
    found = read_one(reader(type="lido"), "a.xml", data.encode())
    assert [one.source_record_id for one in records(found)] == ["1", "3"]
    assert reasons(found) == ["xml_cut"]
    assert rejects(found)[0].position == "record 2"


def test_other_formats_are_rejects_and_an_empty_record_says_so() -> None:
    assert reasons(read_one(reader(type="lido"), "a.xml", page("<dc>x</dc>"))) == ["not_lido"]
    (record,) = records(read_one(reader(type="lido"), "a.xml", wrap("<lido><lidoRecID>1</lidoRecID></lido>").encode()))
    assert record.problems == ("lido: no descriptiveMetadata, so nothing is said of the object",)


@pytest.mark.parametrize(
    "inner",
    [
        "".join(f"<x{number}>y</x{number}>" for number in range(2_000)),
        "<eventActor>" + "<displayActorInRole>a</displayActorInRole>" * 20_000 + "</eventActor>",
        "<titleSet/>" * 20_000,
        f"<identifier>{'#' * 50_000}1</identifier>",
        titled("&lt;&lt;a" * 20_000),
        f'<repositorySet sortorder="{"9" * 5_000}" type="{"where " * 20_000}"><workID>1</workID></repositorySet>',
        f'<objectWorkType xml:lang="{"a-" * 20_000}"><term>x</term></objectWorkType>',
        "<subjectPlace><place>" + "<partOfPlace>" * 200 + "</partOfPlace>" * 200 + "</place></subjectPlace>",
    ],
)
def test_a_hostile_record_is_read_in_the_time_of_its_size(inner: str) -> None:
    found = read_one(reader(type="lido"), "a.xml", wrap(lido(inner), lido(titled("B"), name="2")).encode())
    assert len(records(found)) == 2


# --- languages ---


def test_a_second_language_is_the_same_fact_again() -> None:
    """Titles of all; everything else in the first language, and what the second one says beside it is reported."""

    def block(lang: str, title: str, subject: str, note: str) -> str:
        subjects = (
            f"<subjectSet><subject><subjectConcept><term>{subject}</term></subjectConcept></subject></subjectSet>"
        )
        about = f"<objectDescriptionSet><descriptiveNoteValue>{note}</descriptiveNoteValue></objectDescriptionSet>"
        return (
            f'<descriptiveMetadata xml:lang="{lang}">{titled(title)}{event("lido00007", dated("um 1900"))}'
            f"{about}{subjects}</descriptiveMetadata>"
        )

    data = wrap(
        f"<lido><lidoRecID>1</lidoRecID>{block('de', 'Ross', 'Pferd', '')}{block('en', 'Steed', 'horse', 'Old')}</lido>"
    )
    values = values_of(data)
    assert (values["title"], values["title_alt"]) == ("Ross", ["Steed"])
    assert values["subjects"] == [{"label": "Pferd"}]
    assert values["date_raw"] == ["um 1900"]
    assert values["description"] == "Old"  # which the first does not say
    assert values["languages"] == ["de", "en"]
    assert unread_in(data) == {"subject/subjectConcept": 1, "event/eventDate": 1}


def test_two_blocks_of_one_language_are_two_parts_of_one_description() -> None:
    one, other = (
        f'<descriptiveMetadata xml:lang="{lang}">{titled(title)}</descriptiveMetadata>'
        for lang, title in (("de", "A"), ("ger", "B"))
    )
    values = values_of(wrap(f"<lido><lidoRecID>1</lidoRecID>{one}{other}</lido>"))
    assert (values["title"], values["title_alt"], values["languages"]) == ("A", ["B"], ["de"])


def test_of_variants_the_preferred_one_in_the_language_of_the_block_stands() -> None:
    names = (
        '<appellationValue pref="alternate">Haiman</appellationValue>'
        '<appellationValue xml:lang="fr">Haymann</appellationValue>'
        '<appellationValue pref="http://terminology.lido-schema.org/lido00170">H.</appellationValue>'
        '<appellationValue pref="preferred">Hayman</appellationValue>'
    )
    made = f"<eventActor><actorInRole><actor><nameActorSet>{names}</nameActorSet></actor></actorInRole></eventActor>"
    assert values_of(wrap(lido(event("production", made))))["creators"] == [{"name": "Hayman"}]
    words = (
        '<term addedSearchTerm="yes">art</term><term xml:lang="fr">peinture</term><term xml:lang="en">painting</term>'
    )
    worded = f"<objectWorkType>{words}</objectWorkType>"
    assert values_of(wrap(lido(worded)))["genres"] == ["painting"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;&lt;Der&gt;&gt; Mann", "Der Mann"),
        ("¬Der¬ Mann", "Der Mann"),
        ("\x98Der\x9c Mann", "Der Mann"),
        ("Der\n   Mann", "Der Mann"),
        ("1 &lt; 2 &gt;&gt; 0", "1 < 2 >> 0"),
        ("&lt;p&gt;Der&lt;/p&gt;&lt;p&gt;Mann&lt;/p&gt;", "Der Mann"),
        ('<p xmlns="http://www.w3.org/1999/xhtml">Der</p> <b>Ma</b>nn', "Der Mann"),
    ],
)
def test_words_are_as_they_are_read(written: str, read: str) -> None:
    assert values_of(wrap(lido(titled(written))))["title"] == read


# --- names ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("appelationValue", "appellationValue"),
        ("AppellationValue", "appellationValue"),
        ("appellationvalue", "appellationValue"),
        ("apellationVlaue", "appellationValue"),
        ("titelSet", "titleSet"),
        ("descriptveMetadata", "descriptiveMetadata"),
    ],
)
def test_a_slip_of_a_name_of_the_schema_is_read_and_counted(written: str, meant: str) -> None:
    data = wrap(lido(titled("A"))).replace(f"<{meant}", f"<{written}").replace(f"</{meant}", f"</{written}")
    (record,) = records(read_one(reader(type="lido"), "a.xml", data.encode()))
    assert record.values["title"] == "A"
    assert record.problems == (f"lido: {written} read as {meant}",)


@pytest.mark.parametrize(
    "name", ["eventNote", "titleText", "objectDescriptionWrapper", "eventTitle", "xEvent", "term2"]
)
def test_what_may_be_another_word_is_no_slip(name: str) -> None:
    """An extension of an institution: it is not taken for what it resembles, and it is reported."""
    data = wrap(lido(titled("A") + event("production", f"<{name}>x</{name}>")))
    (record,) = records(read_one(reader(type="lido"), "a.xml", data.encode()))
    assert record.problems == ()
    assert unread_in(data) == {f"event/{name}": 1}


def test_a_name_of_another_vocabulary_is_no_slip() -> None:
    data = wrap(lido(titled("A") + '<x:titelSet xmlns:x="urn:x"><appellationValue>B</appellationValue></x:titelSet>'))
    assert "title_alt" not in values_of(data)


# --- identifiers ---


def test_a_template_without_its_value_is_no_identifier() -> None:
    """`[WorkPID]` was published by a museum of Ghent; `[B-12]`, which a cataloguer supplied, is a number."""
    many = "".join(f"<objectPublishedID>{one}</objectPublishedID>" for one in ("[WorkPID]", "{{id}}", "#ID#", "[B-12]"))
    data = wrap(f"<lido>{many}<descriptiveMetadata>{titled('A')}</descriptiveMetadata></lido>")
    (record,) = records(read_one(reader(type="lido"), "a.xml", data.encode()))
    assert record.source_record_id == "[B-12]"
    assert record.values["identifiers"] == ["[B-12]"]
    assert record.problems == ("identifiers: a template without its value, left out",)


def test_numbers_of_an_object_have_their_kind_and_those_of_former_owners_are_left() -> None:
    kinds = ("accession number", "http://terminology.lido-schema.org/lido00113", "local")
    sets = "".join(
        f'<repositorySet type="current"><workID type="{kind}">{n}</workID></repositorySet>'
        for n, kind in enumerate(kinds)
    )
    sets += '<repositorySet type="former"><workID>old</workID></repositorySet>'
    data = wrap(lido(f"<repositoryWrap>{sets}</repositoryWrap>"))
    assert values_of(data)["identifiers"] == [
        "1",
        {"scheme": "accession number", "value": "0"},
        {"scheme": "inventory number", "value": "1"},
        {"scheme": "inventory number", "value": "2"},
    ]
    assert unread_in(data) == {"repositorySet/workID": 1}


# --- files of institutions ---


def test_real_records_are_as_many_as_expat_counts() -> None:
    made, counted = reader(type="lido"), 0
    for name, one in real_folder("lido", "**/*.xml").items():
        found = read_one(made, name, one.open().read())
        assert len(records(found)) == due_in(one.open().read())
        counted += len(records(found))
    assert counted == 3


def test_what_real_records_say() -> None:
    found = {
        one.source_record_id: one.values
        for name, file in real_folder("lido", "**/*.xml").items()
        for one in records(read_one(reader(type="lido"), name, file.open().read()))
        if one.values.get("title")
    }
    ghent, yale = found["310002974"], found["YCBA/lido-TMS-499"]
    assert (ghent["title"], ghent["title_alt"]) == ("Naderend onweer", ["Paysage orageux", "The Approaching Storm"])
    assert ghent["date_raw"] == ["circa;1812;;"]
    assert ghent["creators"] == [{"name": "Jonghe, Jean-Baptiste De"}]  # not the sellers, nor the authors of catalogues
    assert yale["date_raw"] == ["between 1751 and 1752"]
    assert "publication_place" not in yale  # its places are where the painter was born and died
    assert yale["rights_raw"] == ["public domain"]
    assert yale["extent"] == "Oil on canvas; 78 1/2 × 48 1/2 inches (199.4 × 123.2 cm)"
    assert len(yale["subjects"]) == 21


NOTE = "<objectDescriptionWrap><objectDescriptionSet{}><descriptiveNoteValue{}>{}</descriptiveNoteValue>{}"
NOTE = f"<objectIdentificationWrap>{NOTE}</objectDescriptionSet></objectDescriptionWrap></objectIdentificationWrap>"
AAT = "<conceptID source='AAT'>300033618</conceptID>"
WORK_TYPE = "<objectWorkType>{}<term>Oil</term><term>Painting</term><term xml:lang='de'>\u00d6l</term></objectWorkType>"
RESOURCE = "<resourceSet><resourceDescription type='copyright'>All rights reserved</resourceDescription></resourceSet>"


@pytest.mark.parametrize(
    ("described", "administered", "heard"),
    [
        (NOTE.format(" type='copyright'", "", "CC BY-NC 4.0", ""), "", ["CC BY-NC 4.0"]),
        (NOTE.format("", " label='Rights'", "Not for sale", ""), "", ["Not for sale"]),
        (NOTE.format(" type='short'", "", "A rights dispute", ""), "", None),
        ("", RESOURCE, ["All rights reserved"]),
        ("", object_rights("<rightsType><term>CC0</term></rightsType>In copyright"), ["In copyright", "CC0"]),
    ],
)
def test_a_note_that_is_called_rights_is_heard_and_so_is_loose_text(
    described: str, administered: str, heard: list[str] | None
) -> None:
    """Types are free: forms write the name of the field there. Loose text stands where the schema has none."""
    assert values_of(wrap(lido(titled("A") + described, administered))).get("rights_raw") == heard


def test_what_is_no_variant_of_what_is_read_is_reported() -> None:
    """Terms of one language in one element are a list (Finna's museums), or synonyms of what has an address."""
    listed, named = (wrap(lido(titled("A") + WORK_TYPE.format(inside))) for inside in ("", AAT))
    assert (values_of(listed)["genres"], unread_in(listed)) == (["Oil", "Painting"], {})
    assert values_of(named)["genres"] == ["Oil"]
    assert unread_in(named) == {"descriptiveMetadata/objectWorkType/term": 1}
    subject = (
        "<subjectSet><subject><subjectConcept><term>a</term><term>b</term></subjectConcept></subject></subjectSet>"
    )
    assert values_of(wrap(lido(titled("A") + subject)))["subjects"] == [{"label": "a"}, {"label": "b"}]
    assert unread_in(wrap(lido(titled("A") + NOTE.format("", "", "One", "Loose")))) == {
        "descriptiveMetadata/objectIdentificationWrap/objectDescriptionSet": 1
    }


def test_what_is_shown_in_several_elements_is_all_read() -> None:
    """As CIMEC delivers it: material and technique, height and width; another language says the same again."""
    sizes = "".join(
        f"<displayObjectMeasurements label='{name}'>{name[0]} 3</displayObjectMeasurements>" for name in "hw"
    )
    sizes += "<displayObjectMeasurements xml:lang='de' label='h'>Breite 3</displayObjectMeasurements>"
    made = "<displayMaterialsTech label='material'>iron</displayMaterialsTech>"
    made += "<displayMaterialsTech label='technique'>forged</displayMaterialsTech>"
    inside = f"<objectMeasurementsSet>{sizes}</objectMeasurementsSet>"
    inside += event("production", f"<eventMaterialsTech>{made}</eventMaterialsTech>")
    data = wrap(lido(titled("A") + inside))
    assert values_of(data)["extent"] == "iron; forged; h h 3; w w 3"
    assert unread_in(data) == {}


def test_what_is_shown_beside_subjects_is_reported_where_it_says_more() -> None:
    inside = "<subjectSet><displaySubject>{}</displaySubject><subject><subjectConcept><term>dog</term></subjectConcept>"
    same, more = (wrap(lido(f"{inside.format(text)}</subject></subjectSet>")) for text in ("Dog.", "A dog that sleeps"))
    assert (unread_in(same), unread_in(more)) == ({}, {"subjectSet/displaySubject": 1})
