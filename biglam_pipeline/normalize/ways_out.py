"""What can be done today with a format that nothing reads yet: a sentence for each, so that no message ends nowhere."""

from biglam_pipeline.settings import nearest

BUILT = ("table", "oai_dc", "mets_alto", "images")

_TO_TABLE = "make a CSV or JSON Lines file of it, and write `normalize: {type: table, map: {...}}`"
_TO_DC = "ask the server for Dublin Core with oai+https://...?metadataPrefix=oai_dc"
_TO_PICTURES = "list the pictures' own addresses under `harvest`, and write `normalize: {type: images}`"
NOT_BUILT = {
    "mods": f"{_TO_DC}; or {_TO_TABLE}",
    "marc": f"{_TO_DC}; or {_TO_TABLE}",
    "iiif": _TO_PICTURES,
    "json": "write one record a line into a .jsonl file, and write `normalize: {type: table, map: {...}}`",
    "text": "put the texts into a CSV or JSON Lines file, one a row, and write `normalize: {type: table, map: {...}}`",
    "tei": _TO_TABLE,
    "ead": _TO_TABLE,
    "lido": f"{_TO_DC}; or {_TO_TABLE}",
    "edm": f"{_TO_DC}; or {_TO_TABLE}",
    "page_xml": "export ALTO, and write `normalize: {type: mets_alto}`",
    "hocr": "export ALTO, and write `normalize: {type: mets_alto}`",
    "coco": _TO_TABLE,
    "annotations": _TO_TABLE,
    "xml": _TO_TABLE,
    "xlsx": "save the sheet as CSV, and write `normalize: {type: table, map: {...}}`",
    "parquet": _TO_TABLE,
    "warc": "take the files out of it into a folder, and harvest that",
}
"""Reader of the language that is not built -> what to do instead."""

_ALSO_CALLED = {
    **dict.fromkeys(("csv", "tsv", "tab", "jsonl", "ndjson", "jsonlines", "spreadsheet", "tables"), "table"),
    **dict.fromkeys(("dc", "dublin_core", "dublincore", "oai", "oai_pmh", "simple_dc"), "oai_dc"),
    **dict.fromkeys(("alto", "mets", "mets/alto", "metsalto", "alto_xml", "mets_xml"), "mets_alto"),
    **dict.fromkeys(("image", "picture", "pictures", "photo", "photos", "photographs", "scans"), "images"),
    **dict.fromkeys(("jpg", "jpeg", "png", "tif", "tiff", "jp2", "gif", "webp"), "images"),
    **dict.fromkeys(("marc21", "marcxml", "marc_xml", "unimarc", "mrc", "iso2709"), "marc"),
    **dict.fromkeys(("xls", "excel", "ods"), "xlsx"),
    **dict.fromkeys(("txt", "plain", "plaintext", "plain_text", "texts"), "text"),
    **dict.fromkeys(("tei_xml", "tei_p5", "page", "pagexml", "ead3", "mods_xml"), "xml"),
}
"""What people call a reader by, from the formats' own names and extensions -> the reader."""

_NO_READER = {
    "pdf": "nothing reads PDF: harvest its text as ALTO (mets_alto) or in a table, or its pages as pictures (images)",
    "html": "that is a page for people: write the address of the file that it offers, such as one ending in .csv",
    **dict.fromkeys(
        ("doc", "docx", "odt", "rtf", "epub"),
        "nothing reads documents of word processors: put the texts into a CSV or JSON Lines file, one a row",
    ),
    **dict.fromkeys(
        ("mp3", "wav", "flac", "ogg", "aif", "mp4", "mov", "avi", "mkv", "webm", "mpg"),
        "nothing reads sound or film: harvest the records that describe them, as a table or Dublin Core",
    ),
}
"""Extension of what no reader of the language is for -> what to do instead."""
_NO_READER |= {"htm": _NO_READER["html"], "xhtml": _NO_READER["html"], "php": _NO_READER["html"]}


def way_out(kind: str) -> str:
    """What to do with a kind of file, by the name of its reader or its extension; nothing where that is not known."""
    return NOT_BUILT.get(kind) or _NO_READER.get(kind, "")


def refuse_unbuilt(name: str) -> None:
    """ValueError for a reader that is none, or is not built: what is meant, and never one that cannot be used."""
    if name in BUILT:
        return
    called = name if name in NOT_BUILT else _ALSO_CALLED.get(name.strip().casefold().replace("-", "_"), "")
    if called in BUILT:
        raise ValueError(f"`{name}` is not a reader; did you mean `{called}`?")
    if called:
        same = "" if called == name else f", which is `{called}`,"
        raise ValueError(f"`{name}`{same} is in the language but not built yet; {NOT_BUILT[called]}")
    if dead_end := _NO_READER.get(name.casefold()):
        raise ValueError(f"`{name}` is not a reader; {dead_end}")
    if near := nearest(name, (*BUILT, *NOT_BUILT)):
        if near in BUILT:
            raise ValueError(f"`{name}` is not a reader; did you mean `{near}`?")
        raise ValueError(f"`{name}` is not a reader; {near} is in the language but not built yet; {NOT_BUILT[near]}")
    raise ValueError(f"`{name}` is not a reader; write one of {', '.join(BUILT)}")
