"""In which order are a row's columns shown? As in `biglam preview`; a test holds this equal to the pipeline's rule."""

from collections.abc import Sequence

FIRST = ("image", "title", "text")
LATER = ("date_raw", "date_edtf", "creators")
_NAMES = """
id source_id source_record_id source_url identifiers parent_id custodian collection type title title_alt creators
    publisher publication_place spatial date_raw date_edtf year_start year_end date_precision date_qualifier date_type
    year_evidence original_date_raw languages languages_raw subjects genres description extent rights_raw rights_uri
    rights_name rights_until rights_tier rights_basis object_rights_raw object_rights_uri attribution labels text
    text_unit seq text_origin ocr_engine ocr_confidence n_chars n_words transforms image_url image iiif_service width
    height media_type image_sha256 caption_raw record_format raw_record first_seen dup_cluster_id dup_of similarity
"""
CANONICAL = frozenset(_NAMES.split())
"""Names that the pipeline gives; what is not among them is a column of the source's own."""


def in_view(names: Sequence[str]) -> list[str]:
    """Picture, title, text; the source's own columns; date, creators; the rest as it comes."""
    own = [name for name in names if name not in CANONICAL]
    leading = [*(name for name in FIRST if name in names), *own, *(name for name in LATER if name in names)]
    return [*leading, *(name for name in names if name not in leading)]
