"""Made-up records of LIDO for tests, and what the reader makes of them."""

from typing import Any

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records, unmapped

SPACES = (
    'xmlns="http://www.lido-schema.org" xmlns:skos="http://www.w3.org/2004/02/skos/core#" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)


def lido(described: str = "", administered: str = "", name: str = "1", lang: str = "en") -> str:
    return (
        f'<lido><lidoRecID type="local">{name}</lidoRecID><descriptiveMetadata xml:lang="{lang}">{described}'
        f'</descriptiveMetadata><administrativeMetadata xml:lang="{lang}">{administered}'
        "</administrativeMetadata></lido>"
    )


def wrap(*inside: str) -> str:
    return f"<lidoWrap {SPACES}>{''.join(inside)}</lidoWrap>"


def titled(title: str) -> str:
    inner = f"<titleWrap><titleSet><appellationValue>{title}</appellationValue></titleSet></titleWrap>"
    return f"<objectIdentificationWrap>{inner}</objectIdentificationWrap>"


def event(kind: str, inner: str = "") -> str:
    kind = kind if kind.startswith("<") else f"<term>{kind}</term>"
    return f"<eventWrap><eventSet><event><eventType>{kind}</eventType>{inner}</event></eventSet></eventWrap>"


def dated(shown: str = "", first: str = "", last: str = "") -> str:
    bounds = f"<date><earliestDate>{first}</earliestDate><latestDate>{last}</latestDate></date>"
    return f"<eventDate><displayDate>{shown}</displayDate>{bounds}</eventDate>"


def actor(name: str, inner: str = "", around: str = "") -> str:
    named = f"<nameActorSet><appellationValue>{name}</appellationValue></nameActorSet>"
    return f"<eventActor><actorInRole><actor>{named}{inner}</actor>{around}</actorInRole></eventActor>"


def object_rights(inner: str) -> str:
    return f"<rightsWorkWrap><rightsWorkSet>{inner}</rightsWorkSet></rightsWorkWrap>"


def page(*inside: str) -> bytes:
    """An answer of an OAI server."""
    listed = "".join(
        f"<record><header><identifier>oai:a:{number}</identifier><datestamp>2020-01-02</datestamp></header>"
        f"<metadata>{one}</metadata></record>"
        for number, one in enumerate(inside, 1)
    )
    stamp = "<datestamp>2020-01-02</datestamp>"
    listed += f"<record><header status='deleted'><identifier>oai:a:9</identifier>{stamp}</header></record>"
    server = "http://www.openarchives.org/OAI/2.0/"
    return f'<OAI-PMH xmlns="{server}"><ListRecords>{listed}</ListRecords></OAI-PMH>'.encode()


def values_of(data: str, **settings: Any) -> dict[str, Any]:
    """The columns of the one record, without the record itself."""
    (record,) = records(read_one(reader(type="lido", **settings), "a.xml", data.encode()))
    return {name: value for name, value in record.values.items() if name != "raw_record"}


def unread_in(data: str) -> dict[str, int]:
    return dict(unmapped(read_one(reader(type="lido"), "a.xml", data.encode()))[0].filled)


def due_in(data: bytes) -> int | None:
    """What the reader says should come out."""
    made: Any = reader(type="lido")
    found: int | None = made.expected(Bundle("a.xml", (item("a.xml", data),)))
    return found
