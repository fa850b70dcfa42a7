"""METS made for tests: files, structure maps and pages of a few words, as libraries write them."""

from collections.abc import Mapping

from biglam_pipeline.records import Item, Read, Reject
from biglam_pipeline_tests.normalize.bundles import alto, block, item, read, reader, records, rejects, unmapped, word

OPEN = (
    '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:m="http://www.loc.gov/mods/v3">'
)


def group(*files: tuple[str, str], use: str = "", media: str = "text/xml", name: str = "") -> str:
    """A file group; files: ID and address."""
    more = "".join(f' {key}="{value}"' for key, value in (("USE", use), ("ID", name)) if value)
    kind = f' MIMETYPE="{media}"' if media else ""
    inner = "".join(f'<file ID="{key}"{kind}><FLocat LOCTYPE="URL" xlink:href="{href}"/></file>' for key, href in files)
    return f"<fileGrp{more}>{inner}</fileGrp>"


def div(*inner: str, type_: str = "", **more: str) -> str:
    """A division; inner: pointers and divisions."""
    reported = "".join(f' {key}="{value}"' for key, value in ({"TYPE": type_} if type_ else {}).items() | more.items())
    return f"<div{reported}>{''.join(inner)}</div>"


def fptr(file: str) -> str:
    """A pointer to a file."""
    return f'<fptr FILEID="{file}"/>'


def area(file: str, begin: str = "", end: str = "") -> str:
    """A pointer to a piece of one."""
    reported = f' BETYPE="IDREF" BEGIN="{begin}"' if begin else ""
    return f'<fptr><area FILEID="{file}"{reported}{f" END={end!r}" if end else ""}/></fptr>'


def mets(files: str, *maps: tuple[str, str], described: str = "", more: str = "") -> bytes:
    """A METS; maps: TYPE, or "" for none, and what is in the map; described: dmdSec elements; more: what follows."""
    structures = "".join(
        f"<structMap{f' TYPE={type_!r}' if type_ else ''}>{inner}</structMap>" for type_, inner in maps
    )
    return f"{OPEN}{described}<fileSec>{files}</fileSec>{structures}{more}</mets>".encode()


def mods(name: str, body: str, label: str = "") -> str:
    """A dmdSec with a MODS."""
    return (
        f'<dmdSec ID="{name}"><mdWrap MDTYPE="MODS" LABEL="{label}"><xmlData><m:mods>{body}</m:mods></xmlData>'
        "</mdWrap></dmdSec>"
    )


def page(*words: str) -> bytes:
    """An ALTO page with these words in a block of its own each."""
    return alto("".join(block(f"B{number}", word(text)) for number, text in enumerate(words, 1)))


def items(files: Mapping[str, bytes]) -> dict[str, Item]:
    """Files by name, as a harvest has them."""
    return {name: item(name, data) for name, data in files.items()}


class Outcome:
    """What came of a delivery: rows as (identifier, number, text), reasons of rejects, and counts."""

    def __init__(self, files: Mapping[str, bytes], rows: str = "page", /, **settings: object) -> None:
        """Reads these files as a slice would."""
        self.found: list[Read] = read(reader(type="mets_alto", rows=rows, **settings), items(files))
        self.records = records(self.found)
        self.rejects: list[Reject] = rejects(self.found)
        self.counts: dict[str, int] = {}
        for one in unmapped(self.found):
            for name, count in one.filled.items():
                self.counts[name] = self.counts.get(name, 0) + count

    @property
    def rows(self) -> list[tuple[str, int | None, str]]:
        """Identifier, number in the issue and text, in their order."""
        return [(one.source_record_id, one.values.get("seq"), one.values["text"]) for one in self.records]

    @property
    def texts(self) -> list[str]:
        """The texts, blocks divided by a blank."""
        return [one.values["text"].replace("\n\n", " ") for one in self.records]

    @property
    def reasons(self) -> list[str]:
        """Why something was rejected."""
        return [one.reason for one in self.rejects]
