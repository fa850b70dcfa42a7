"""A scripted OAI-PMH repository: replies by verb and token."""

from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

STARTED = "2026-11-22T12:00:00Z"


def envelope(inside: str, date: str = STARTED) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{date}</responseDate><request>x</request>{inside}</OAI-PMH>"
    ).encode()


def page(ids: list[str], token: str | None = None, size: str = "", date: str = STARTED) -> Reply:
    records = "".join(
        f"<record><header><identifier>{one}</identifier><datestamp>{date}</datestamp></header>"
        f"<metadata><token xmlns='x'>decoy</token></metadata></record>"
        for one in ids
    )
    announced = f' completeListSize="{size}"' if size else ""
    token_xml = "" if token is None else f"<resumptionToken{announced}>{token}</resumptionToken>"
    return Reply(envelope(f"<ListRecords>{records}{token_xml}</ListRecords>", date))


def error(code: str, words: str = "", status: int = 200) -> Reply:
    return Reply(envelope(f'<error code="{code}">{words}</error>'), status=status)


def identify(granularity: str = "YYYY-MM-DDThh:mm:ssZ", deleted: str = "persistent", admin: str = "") -> Reply:
    mail = f"<adminEmail>{admin}</adminEmail><adminEmail>second@a.org</adminEmail>" if admin else ""
    said = f"<deletedRecord>{deleted}</deletedRecord><granularity>{granularity}</granularity>"
    return Reply(envelope(f"<Identify>{mail}{said}</Identify>"))


class Repository:
    """Scripts by verb and token: `first`, and a reply or several for each token."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.identify: Reply = identify()
        self.first: list[Reply] = []
        self.tokens: dict[str, list[Reply]] = {}
        self.address = "oai+" + server.on("/oai", self._answer)

    def _answer(self, asked: Asked) -> Reply:
        if asked.query.get("verb") == "Identify":
            return self.identify
        queue = self.tokens[asked.query["resumptionToken"]] if "resumptionToken" in asked.query else self.first
        return queue.pop(0) if len(queue) > 1 else queue[0]

    @property
    def lists(self) -> list[dict[str, str]]:
        """The arguments of all ListRecords requests."""
        return [asked.query for asked in self.server.asked if asked.query.get("verb") == "ListRecords"]
