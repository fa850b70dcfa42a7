"""What is said of a part, by whom, and under whose terms: values that name a licence and give less than the item."""

import pytest

from biglam_pipeline.rights.folding import fold, tokens
from biglam_pipeline.rights.naming import name_at
from biglam_pipeline.rights.recognise import recognise

FREE = ("pd", "by", "sa", "pd-us", "nkc", "pd-claim")

ONE_PART = """
Text: CC BY 4.0. Images: see the authors
Text: CC BY 4.0; images: rights of the artist
Text CC BY 4.0; images
Data: CC0. Images: the publisher
Painting © Estate of Pablo Picasso; photograph CC BY 4.0
Original work © the artist. Digital file CC BY 4.0
Original in the public domain. Digital rights: publisher
CC BY 4.0, images © John Smith
CC BY 4.0. Figures © Springer
CC BY 4.0, Bilder: © VG Bild-Kunst
CC BY 4.0, images licensed by Shutterstock
https://creativecommons.org/licenses/by/4.0/ Photos © John Smith
Text: CC BY 4.0. Zdjęcia © Jan Kowalski
Publisher version: copyright Elsevier. Author version: CC BY 4.0
Source code: CC BY 4.0
Software: CC0
"""

OTHER_TERMS = """
CC BY 4.0 and terms and conditions
CC BY 4.0 and the conditions of the publisher
CC BY 4.0 sous conditions
https://creativecommons.org/licenses/by/4.0/ sous conditions
Domaine public sous conditions
CC BY 4.0 onder voorwaarden
CC0 under conditions
CC BY 4.0 (see terms)
CC BY 4.0, see conditions of the publisher
CC0. For details see the terms and conditions.
Public domain, see terms and conditions
Public domain, conditions
"""

NO_HOLDER = """
CC BY 4.0 By Request
CC BY 4.0 By Invitation
CC BY 4.0 von Fall zu Fall
CC BY 4.0 Photo: Confidential
CC BY 4.0 © Museum, Keinesfalls
CC BY 4.0 © Museum, Kivéve Képek
CC BY 4.0 © Museum, Llevat Fotografies
CC BY 4.0 © Muzej, Osim Fotografija
CC BY 4.0 © Μουσείο, Εκτός Εικόνων
CC BY 4.0 © Музей, Крім Зображень
CC BY 4.0 © Muzeu, Cu Excepția Fotografiilor
CC BY 4.0 © Museum Nοt Valid
CC BY 4.0 © Museum Prior Approval Needed
CC BY 4.0 © Muzeum, Niekomercyjne
CC BY 4.0 © Muzej, Nekomercijalno
CC BY 4.0 © Museum, Ei-kaupallinen
CC BY 4.0 © Múzeum, Nekomerčné
CC BY 4.0 © Muuseum, Mittekommertslik
CC BY 4.0 © Museum, Zakaz Kopiowania
CC BY 4.0 © Museum, Reprodukce Zakázána
CC BY 4.0 © Múzeum, Másolása Tilos
CC BY 4.0 © Museum, Low Resolution
CC BY 4.0 © Museum, Reading Room
"""

NO_BELIEF = """
No known copyright statement
No known copyright terms
No known rights statement
No known copyright status
No known copyright author
No known restrictions statement
No known copyright licence
Public domain status
"""

NOT_SHOWN = """
<span style='text-decoration:line-through'>CC BY 4.0</span>
<p style="display:none">CC BY 4.0</p>
C\u0336C\u0336 \u0336B\u0336Y\u0336 4.0
CC BY\u20e0 4.0
CC BY \uf4e8 4.0
[ ] CC BY 4.0
[] Public domain
CC BY 3.0 - no
CC BY 3.0 / NO
CC BY 2.5 - si
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("value", _lines(ONE_PART))
def test_a_licence_for_one_part_is_none_for_the_item(value: str) -> None:
    """Each part that is named needs its own statement; a notice on a part behind the licence is no credit."""
    assert recognise(value).tier not in FREE


@pytest.mark.parametrize("value", _lines(OTHER_TERMS))
def test_terms_beside_a_licence_are_those_of_somebody_else(value: str) -> None:
    """ "Terms" is harmless before the licence whose terms they are, "see" before a statement or an address."""
    assert recognise(value).tier not in FREE


@pytest.mark.parametrize("value", _lines(NO_HOLDER))
def test_words_of_condition_in_capitals_name_no_holder(value: str) -> None:
    """Where a name is guessed by its capitals: in any language that conditions.csv has, and in one alphabet."""
    assert recognise(value).tier not in FREE


@pytest.mark.parametrize("value", _lines(NO_BELIEF))
def test_a_lacking_statement_is_no_belief(value: str) -> None:
    """ "No known copyright statement" says that a statement lacks."""
    assert recognise(value).tier not in FREE


@pytest.mark.parametrize("value", _lines(NOT_SHOWN))
def test_what_is_struck_out_or_not_ticked_says_nothing(value: str) -> None:
    """CSS, combining strokes, icons of fonts in the private use area, empty boxes, "no" behind a dash with blanks."""
    assert recognise(value).tier not in FREE


@pytest.mark.parametrize(
    ("tier", "value"),
    [
        ("by", "Text and images are licensed under CC BY 4.0"),
        ("by", "Text: CC BY 4.0. Images: CC BY 4.0"),
        ("by", "Image © Museum of Ashby. CC BY 4.0"),
        ("by", "CC BY 4.0, image © Museum of Ashby"),
        ("by", "Images © John Smith, CC BY 4.0"),
        ("by", "http://creativecommons.org/licenses/by/4.0/ © 2020 John Smith"),
        ("by", "Licensed under the terms and conditions of the CC BY 4.0"),
        ("by", "Terms: CC BY 4.0"),
        ("by", "sous les termes de la licence CC BY 4.0"),
        ("by", "CC-BY-3.0-NO"),
        ("by", "https://creativecommons.org:443/licenses/by/4.0/"),
        ("by", "CC BY 4.0, © Muzeum Narodowe w Krakowie"),
        ("by", "Derechos de autor 2020 Revista X https://creativecommons.org/licenses/by/4.0"),
        ("by", "Direitos Autorais (c) 2020 João Silva https://creativecommons.org/licenses/by/4.0"),
        ("by", "この作品はクリエイティブ・コモンズ 表示 4.0 国際 ライセンスの下に提供されています。"),
        ("by", "이 저작물은 크리에이티브 커먼즈 저작자표시 4.0 국제 라이선스에 따라 이용할 수 있습니다."),
        ("nkc", "No known copyright"),
        ("nkc", "There are no known copyright restrictions on the use of this item"),
        ("pd-claim", "Public domain work"),
    ],
)
def test_what_is_said_of_the_whole_stays_open(tier: str, value: str) -> None:
    assert recognise(value).tier == tier


def test_a_notice_in_words_alone_is_closed() -> None:
    """Open Journal Systems writes the copyright line in the journal's language, beside the licence or without one."""
    for value in (
        "Derechos de autor 2020 Revista X",
        "Direitos de Autor (c) 2020 João Silva",
        "Hak Cipta (c) 2020 Budi",
    ):
        assert recognise(value).tier == "closed"
        assert recognise([value, "https://creativecommons.org/licenses/by/4.0"]).tier == "by"


@pytest.mark.parametrize("value", ["Figures © Springer", "Images: © DACS", "Photographs © Jane Smith"])
def test_a_notice_on_a_part_is_no_echo_of_a_licence_in_another_value(value: str) -> None:
    """dc:rights twice: the licence of the article, and whose the figures are."""
    assert recognise(["CC BY 4.0", value]).tier == "closed"
    assert recognise(["CC BY 4.0", "© 2020 Jane Smith"]).tier == "by"


def test_a_name_stands_in_one_alphabet() -> None:
    assert name_at(tokens(fold("Museum Ashby")), 0) == 2
    assert name_at(tokens(fold("Museum Nοt")), 0) == 1
