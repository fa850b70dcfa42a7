"""Addresses of many kinds, as a browser shows them, whose hosts are this machine; what they hold is made up."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from biglam_pipeline_tests.harvest.protocols import archive_org, records
from biglam_pipeline_tests.servers.datasets import Dataset
from biglam_pipeline_tests.servers.forge import Forge
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer


@dataclass(frozen=True)
class Twin:
    """What is typed, and where its hosts are."""

    address: str
    protocol: str
    reader: str
    rows: int
    columns: tuple[str, ...] = ()
    """That the draft maps, or that the reader fills by itself."""
    rewrite: Mapping[str, str] = field(default_factory=dict)


def table(head: str, rows: list[list[str]]) -> bytes:
    """CSV with a header."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([head.split(","), *rows])
    return written.getvalue().encode()


MET = table(
    "Object Number,Object ID,Title,Artist Display Name,Object Date,Classification,Link Resource,Credit Line",
    [
        [
            f"1979.{n}",
            str(n),
            f"One-dollar coin {n}",
            "James Barton Longacre",
            str(1850 + n),
            "Metal",
            f"http://www.metmuseum.org/art/{n}",
            "Gift",
        ]
        for n in range(12)
    ],
)
"""The Met's MetObjects.csv has these columns, beside others."""
GERMAN = table(
    "Inventarnummer;Titel;Künstler;Datierung;Lizenz",
    [],
) + b"".join(f"{n};Blatt {n};Dürer, Albrecht;um {1500 + n};CC0\n".encode() for n in range(9))


def _csv(server: ScriptedServer, folder: Path) -> Twin:
    address = server.on("/open/MetObjects.csv", Reply(MET, headers={"Content-Type": "text/csv"}))
    return Twin(address, "files", "table", 12, ("id", "title", "creators", "date", "source_url"))


def _zip(server: ScriptedServer, folder: Path) -> Twin:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("README.md", "# Objects\n")
        made.writestr("export/objekte.csv", GERMAN.replace(b"Inventarnummer;Titel", b"Inventarnummer;Titel", 1))
    address = server.on("/download?id=7", Reply(packed.getvalue(), headers={"Content-Type": "application/zip"}))
    return Twin(address, "files", "table", 9, ("id", "title", "creators", "date"))


def _index(server: ScriptedServer, folder: Path) -> Twin:
    page = (
        b"<html><head><title>Index of /pub</title></head><body><a href='../'>Parent</a><a href='SHA256SUMS.txt'>s</a>"
    )
    page += b"<a href='speeches.jsonl'>speeches.jsonl</a></body></html>"
    lines = [
        {"id": f"s{n}", "speaker": f"Member {n}", "date": f"2001-02-{n + 1:02d}", "speech": "I rise to speak. " * 20}
        for n in range(6)
    ]
    server.on("/pub/speeches.jsonl", Reply("".join(json.dumps(one) + "\n" for one in lines).encode()))
    return Twin(
        server.on("/pub/", Reply(page, headers={"Content-Type": "text/html"})), "files", "table", 6, ("text", "date")
    )


def _api(server: ScriptedServer, folder: Path) -> Twin:
    """The Art Institute of Chicago's, https://api.artic.edu/docs/."""

    def page(asked: Asked) -> Reply:
        at = int(asked.query.get("page", "1"))
        data = [
            {
                "id": n,
                "title": f"Study {n}",
                "artist_display": "Mary Cassatt\nAmerican",
                "date_display": f"c. {1880 + n}",
                "term_titles": ["drawing", "paper"],
            }
            for n in range(at * 10 - 10, min(at * 10, 25))
        ]
        following = f"{server.url}/api/v1/artworks?page={at + 1}&limit=10" if at < 3 else None
        about = {
            "total": 25,
            "limit": 10,
            "current_page": at,
            "total_pages": 3,
            **({"next_url": following} if following else {}),
        }
        return records.said({"pagination": about, "data": data, "info": {"license_text": "CC0"}})

    return Twin(server.on("/api/v1/artworks", page) + "?limit=10", "json_api", "json", 25, ("id", "title", "date"))


def _oai(server: ScriptedServer, folder: Path) -> Twin:
    around = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate><request>http://a/</request>{}</OAI-PMH>'
    record = (
        "<record><header><identifier>oai:a:{0}</identifier><datestamp>2020-01-01</datestamp></header><metadata>"
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<dc:title>Map {0}</dc:title><dc:date>18{0}0</dc:date><dc:rights>http://creativecommons.org/publicdomain/mark/1.0/</dc:rights>"
        "</oai_dc:dc></metadata></record>"
    )
    about = "<Identify><repositoryName>A Library's maps</repositoryName><baseURL>http://a/</baseURL><protocolVersion>2.0</protocolVersion><earliestDatestamp>2000-01-01</earliestDatestamp><deletedRecord>no</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>"
    listed = "<ListRecords>" + "".join(record.format(n) for n in range(1, 6)) + "</ListRecords>"

    def answer(asked: Asked) -> Reply:
        said = {"Identify": about, "ListRecords": listed}.get(
            asked.query.get("verb", ""), '<error code="badVerb">none</error>'
        )
        return Reply(around.format(said).encode(), headers={"Content-Type": "text/xml"})

    return Twin(server.on("/oai", answer), "oai_pmh", "oai_dc", 5, ("title", "date_raw"))


def _zenodo(server: ScriptedServer, folder: Path) -> Twin:
    records.Zenodo(server).publish(
        5838409, 5838410, {"README.md": b"# x\n", "objects.csv": MET, "manual.pdf": b"%PDF-1.4"}
    )
    return Twin("https://zenodo.org/records/5838410", "doi", "table", 12, ("id", "title"), records.rewrite(server))


def _github(server: ScriptedServer, folder: Path) -> Twin:
    forge = Forge(server, folder / "repository")
    forge.commit({"data/objects.csv": MET, "README.md": b"# Prints\n", "LICENSE": b"CC0\n", "scripts/make.py": b"1\n"})
    return Twin("https://github.com/library/prints", "git", "table", 12, ("id", "title"), forge.rewrite)


def _archive(server: ScriptedServer, folder: Path) -> Twin:
    archive_org.Archive(server).item("letters1850", {"letters.tsv": MET.replace(b",", b"\t")})
    return Twin(
        "https://archive.org/details/letters1850",
        "internet_archive",
        "table",
        12,
        ("id", "title"),
        archive_org.rewrite(server),
    )


def _hub(server: ScriptedServer, folder: Path) -> Twin:
    dataset = Dataset(server)
    dataset.commit({"data/train.csv": MET, "README.md": b"---\nlicense: cc0-1.0\n---\n", ".gitattributes": b"\n"})
    return Twin("https://huggingface.co/datasets/biglam/prints", "hub", "table", 12, ("id", "title"), dataset.rewrite)


def _folder(server: ScriptedServer, folder: Path) -> Twin:
    place = folder / "inventory"
    place.mkdir()
    objects = [{"@id": f"o{n}", "name": f"Vase {n}", "dateCreated": f"{1700 + n}"} for n in range(4)]
    (place / "objects.json").write_text(json.dumps({"@graph": objects}))
    (place / "README.txt").write_text("made in 1999\n")
    return Twin(str(place), "folder", "json", 4, ("title", "date"))


def _png(shade: int) -> bytes:
    written = io.BytesIO()
    Image.new("L", (4, 4), shade).save(written, "PNG")
    return written.getvalue()


def _packed(members: Mapping[str, bytes]) -> Reply:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, data in members.items():
            made.writestr(name, data)
    return Reply(packed.getvalue(), headers={"Content-Type": "application/zip"})


def _coco(server: ScriptedServer, folder: Path) -> Twin:
    """https://cocodataset.org/#format-data, as annotators' programs export it: with the pictures in one ZIP."""
    about = {
        "info": {"description": "Figures"},
        "licenses": [],
        "images": [{"id": n, "file_name": f"page{n}.png", "width": 4, "height": 4} for n in range(3)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "bbox": [0, 0, 2, 2], "area": 4, "iscrowd": 0} for n in range(3)
        ],
        "categories": [{"id": 1, "name": "figure", "supercategory": ""}],
    }
    pictures = {f"images/page{n}.png": _png(n * 50) for n in range(3)}
    reply = _packed({"README.md": b"# Figures", "annotations/instances.json": json.dumps(about).encode(), **pictures})
    return Twin(server.on("/figures.zip", reply), "files", "coco", 3)


def _conllu(server: ScriptedServer, folder: Path) -> Twin:
    """https://universaldependencies.org/format.html"""
    words = "1\tAd\tad\tADP\t_\t_\t2\tcase\t_\t_\n2\tastra\tastrum\tNOUN\t_\t_\t0\troot\t_\t_\n"
    sentence = f"# sent_id = {{0}}\n# text = Ad astra\n{words}\n"
    text = "".join(f"# newdoc id = d{n}\n" + sentence.format(n) for n in range(4))
    return Twin(server.on("/la-ud-test.conllu", Reply(text.encode())), "files", "annotations", 4)


def _iob(server: ScriptedServer, folder: Path) -> Twin:
    """Four columns as in CoNLL-2003, under a name that says nothing."""
    sentence = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\n\n"
    text = "".join(f"-DOCSTART- -X- -X- O\n\n{sentence}{sentence}" for _ in range(3))
    return Twin(server.on("/ner/train.txt", Reply(text.encode())), "files", "annotations", 3)


def _brat(server: ScriptedServer, folder: Path) -> Twin:
    """https://brat.nlplab.org/standoff.html"""
    members = {"LICENSE": b"CC BY", "annotation.conf": b"[entities]\nPerson\n"}
    for number in range(5):
        members[f"corpus/letter{number}.txt"] = b"Anna wrote to Bruno."
        members[f"corpus/letter{number}.ann"] = (
            b"T1\tPerson 0 4\tAnna\nT2\tPerson 14 19\tBruno\nR1\twrites Arg1:T1 Arg2:T2\n"
        )
    return Twin(server.on("/letters.zip", _packed(members)), "files", "annotations", 5)


LABELLED: Mapping[str, Callable[[ScriptedServer, Path], Twin]] = {
    "coco": _coco, "conllu": _conllu, "iob": _iob, "brat": _brat
}  # fmt: skip
KINDS: Mapping[str, Callable[[ScriptedServer, Path], Twin]] = {
    "csv": _csv, "zip": _zip, "index": _index, "json_api": _api, "oai": _oai, "zenodo": _zenodo, "github": _github,
    "archive_org": _archive, "hub": _hub, "folder": _folder, **LABELLED,
}  # fmt: skip
