"""Words that cataloguers supply for a publisher or a place that nobody knows are none; names that look alike stay."""

from time import process_time

import pytest

from biglam_pipeline.fields.imprint import says_unknown

UNKNOWN = """
[s.n.] | [s. n.] | s.n. | S.n | [S.l.] | S. l. | [S.l. : s.n.] | [S.l.] : [s.n.], | (s.n.) | [s.n.?] | Sine nomine
[publisher not identified] | publisher not identified, | [Place of publication not identified] : | Publisher unknown.
[unknown publisher] | [place of distribution not identified] | [printer not identified] | [n.p.]
[Verlag nicht ermittelbar] | [Verlagsort nicht ermittelbar] | Erscheinungsort nicht ermittelbar
[o. O.] | Ort unbekannt
[éditeur inconnu] | [éditeur non identifié] | [Lieu de publication non identifié] | [lieu de publication inconnu]
[editore non identificato] | [luogo di pubblicazione non identificato] | [luogo di stampa non identificato]
[editor no identificado] | [editorial desconocida] | [lugar de publicación no identificado] | [s. e.]
[editor não identificado] | [Local de publicação não identificado] | [lloc de publicació no identificat]
[uitgever niet vastgesteld] | [plaats van uitgave niet vastgesteld] | [z.n.] | [z. pl.] | [uitgever onbekend]
[okänd utgivare] | [utgiver ikke identifisert] | [förlag inte fastställt] | [kustantaja tuntematon]
[nakladatel není známý] | [Místo vydání není známé] | [wydawca nieznany] | [miejsce nieznane] | [b.m.] | [б. и.]
[место издания не указано] | [издатель неизвестен]
"""
NAMES = """
S. N. Dick | Sn. | N. P. Trübner | Unknown Press | Verlag | Verlag der Nation | [London] | London : [s.n.] | Ort
Editore | Éditions de l'Inconnu | Place | Printer to the University | O.V. Druck | SL | Editorial | Slobodan
Publisher not identified; printed by B. | The Unknown Publisher Collective
"""


def _lines(text: str) -> list[str]:
    return [one.strip() for line in text.strip().splitlines() for one in line.split(" | ")]


@pytest.mark.parametrize("text", _lines(UNKNOWN))
def test_nobody_knows(text: str) -> None:
    assert says_unknown(text)
    assert says_unknown(text.upper())


@pytest.mark.parametrize("text", [*_lines(NAMES), "", "[]", " . "])
def test_a_name_stays(text: str) -> None:
    assert not says_unknown(text)


def test_it_is_read_in_linear_time() -> None:
    began = process_time()
    for text in ("[ " * 200_000, "s.l. : " * 100_000 + "x", "place of publication not " * 50_000, ": " * 200_000):
        says_unknown(text)
    assert process_time() - began < 5
