"""What the institution holds: every record as a pure function of its number and of how often it was corrected.

A number fixes a record for ever, so that adding records leaves the others as they were.
"""

from dataclasses import dataclass
from random import Random

from .prose import (
    CARD_NOTES,
    FRENCH_LINES,
    GERMAN_LINES,
    LETTER_LINES,
    PEOPLE,
    PLATE_NOTES,
    REGISTER_NOTES,
    compose,
    fill,
)

ADDRESS = "https://institution.example"
"""The name the institution goes by in its own records, whatever port it is served on."""

CARDS, PLATES, LETTERS, ENTRIES = 120, 60, 40, 10
TOMBSTONE = 60
"""The card withdrawn before the first harvest."""
PLATE_DOUBLES = {59: 7, 60: 12}
"""Plates catalogued twice: equal in every column but the plate's number."""
WIDE_PLATE = 33
"""The row with a comma that nobody quoted: one cell too many."""
LETTER_DOUBLES = {39: 8, 40: 15}
"""Letters transcribed twice: 39 has the words of 8 under another date, 40 is 15 in every column but the id."""
REDATED_LETTER = 39

PDM = "https://creativecommons.org/publicdomain/mark/1.0/"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
CC_BY = "http://creativecommons.org/licenses/by/4.0/"
IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"
ASK = "Ask at the desk"
IN_COPYRIGHT_CARDS = frozenset({17, 41, 66, 88, 113})
ASK_CARDS = frozenset({23, 52, 79, 101})

_CARD_DATES = (
    "[ca. 1870?]",
    "18--",
    "1851-06-14",
    "1823",
    "MDCCCXXIV",
    "[1847]",
    "c1866",
    "1838-1841",
    "[between 1850 and 1855]",
    "June 1849",
    "n.d.",
    "187-?",
    "1862, reprinted 1874",
)
_CARD_TITLES = {
    "eng": (
        "A Walk Round {place} and Its Antiquities",
        "Sermons Preached in the Parish of {village}",
        "The {trade}'s Companion, with Tables",
        "An Account of the Great Flood at {village}",
        "Memoir of {person}, Written by a Friend",
        "Letters to a Young {trade} upon Thrift",
        "The Flora of {village} and the Neighbouring Parishes",
        "Rules for the Friendly Society Meeting at {place}",
    ),
    "ger": ("Kurze Geschichte der Stadt Aldermere", "Lesebuch für die Schulen", "Reise durch England, {number} Briefe"),
    "fre": ("Voyage d'un libraire en Angleterre", "Petite grammaire à l'usage des écoles", "Souvenirs de {village}"),
}
_SUBJECTS = (
    "Local history",
    "Topography",
    "Sermons",
    "Trades and crafts",
    "Natural history",
    "Floods",
    "Biography",
    "Friendly societies",
    "Canals",
    "Education",
)
_VIEWS = ("{place} from the south", "The {trade}'s shop at {village}", "{person} at {place}", "Flood at {village}")
_GREETINGS = {"en": "Dear Sir,", "fr": "Cher Monsieur,", "de": "Geehrter Herr,"}
_LINES = {"en": LETTER_LINES, "fr": FRENCH_LINES, "de": GERMAN_LINES}


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the catalogue, as Dublin Core: the element's name and its value, in order."""

    elements: tuple[tuple[str, str], ...]
    sets: tuple[str, ...]


def revised(text: str, revision: int) -> str:
    """The text as it stands after that many corrections; every correction leaves a mark of its own."""
    return f"{text} Compared with the original, reading {revision + 1}." if revision else text


def _card_language(number: int) -> str:
    return {5: "ger", 9: "fre"}.get(number % 12, "eng")


def _card_rights(number: int) -> str:
    if number in IN_COPYRIGHT_CARDS:
        return IN_COPYRIGHT
    if number in ASK_CARDS:
        return ASK
    return (PDM, CC0, PDM, CC_BY)[number % 4]


def card(number: int, revision: int = 0) -> Card:
    """Card `number` of the catalogue, 1 and up."""
    chance = Random(f"card {number}")
    language = _card_language(number)
    year = 1802 + number % 90
    elements = [
        ("title", fill(chance, chance.choice(_CARD_TITLES[language]))),
        ("creator", chance.choice(PEOPLE)),
        *(("subject", subject) for subject in chance.sample(_SUBJECTS, 1 + number % 3)),
        ("description", revised(compose(chance, CARD_NOTES), revision)),
        ("publisher", f"Aldermere: {chance.choice(PEOPLE).split()[-1]} and Son"),
        ("date", str(year) if number > len(_CARD_DATES) * 5 else _CARD_DATES[number % len(_CARD_DATES)]),
        ("type", "Text"),
        ("format", f"{40 + number * 7 % 360} pages"),
        ("identifier", f"AFL {number % 9 + 1}.{number:04d}"),
        ("identifier", f"{ADDRESS}/cards/{number:04d}"),
        ("language", language),
        ("rights", _card_rights(number)),
    ]
    return Card(tuple(elements), ("catalogue", "catalogue:local") if number % 3 == 0 else ("catalogue",))


PLATE_COLUMNS = (
    "plate",
    "caption",
    "taken",
    "photographer",
    "note",
    "rights",
    "picture",
    "size_mm",
    "negative",
    "drawer",
)


def plate_id(number: int) -> str:
    """The plate's own number, as it is scratched into the glass."""
    return f"p-{number:04d}"


def plate(number: int, revision: int = 0) -> list[str]:
    """One row of the list of glass plates. Plate 33 has a cell too many until it is corrected."""
    original = PLATE_DOUBLES.get(number, number)
    chance = Random(f"plate {original}")
    caption = fill(chance, chance.choice(_VIEWS))
    year = 1871 + original % 28
    taken = (f"{year}", f"ca. {year}", f"{year}-0{1 + original % 9}-1{original % 10}", f"[{year}?]")[original % 4]
    row = [
        plate_id(number),
        caption,
        taken,
        chance.choice(PEOPLE),
        revised(compose(chance, PLATE_NOTES), revision),
        CC0 if original % 3 == 0 else PDM,
        f"{ADDRESS}/files/plates/{plate_id(original)}.png",
        ("165 x 216", "83 x 108", "102 x 127")[original % 3],
        "glass, gelatine" if original % 2 else "glass, collodion",
        f"drawer #{1 + original // 10}",
    ]
    if number == WIDE_PLATE and not revision:
        row[1:2] = [caption, " and another view"]
    return row


def _letter_language(number: int) -> str:
    return {4: "fr", 8: "de"}.get(number % 10, "en")


def letter(number: int, revision: int = 0) -> dict[str, str]:
    """One transcribed letter."""
    original = LETTER_DOUBLES.get(number, number)
    chance = Random(f"letter {original}")
    language = _letter_language(original)
    writer, recipient = chance.sample(PEOPLE, 2)
    words = f"{_GREETINGS[language]}\n\n{compose(chance, _LINES[language], 80)}"
    year = 1845 + original % 31 + (2 if number == REDATED_LETTER else 0)
    return {
        "id": f"letter-{number:03d}",
        "date": f"{year}-{1 + original % 12:02d}-{1 + original % 28:02d}",
        "writer": writer,
        "recipient": recipient,
        "language": language,
        "text": revised(words, revision),
    }


REGISTER_COLUMNS = ("entry", "title", "borrowed", "note")


def register_entry(number: int, revision: int = 0) -> list[str]:
    """One row of the register of borrowers, which is still in copyright."""
    chance = Random(f"register {number}")
    title = fill(chance, chance.choice(_CARD_TITLES["eng"]))
    note = revised(compose(chance, REGISTER_NOTES), revision)
    return [f"r-{number:03d}", title, f"{1948 + number % 9}-0{1 + number % 9}-02", note]
