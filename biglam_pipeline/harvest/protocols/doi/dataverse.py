"""Datasets of a Dataverse, on whichever host: its DOI does not say which.

Versions and files: https://guides.dataverse.org/en/latest/api/native-api.html#get-version-of-a-dataset . Tables are
kept by it as tab-separated text, and are asked for as they were uploaded (`format=original`):
https://guides.dataverse.org/en/latest/api/dataaccess.html . The checksum that it lists of such a file is that of the
upload on some installations, and on others of nothing that can be had (https://github.com/IQSS/dataverse/issues/11315,
/9501): it tells versions apart, and the size is what the file is held against.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.listing import Remark
from biglam_pipeline.harvest.visit import Visit

_HOST = r"[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?|localhost(?::[0-9]+)?"
_PID = r"(?:doi:)?10\.[0-9]{4,9}/[^\s?#]+|(?:hdl|ark|perma):[^\s?#]+"
_DATASET = re.compile(rf"({_HOST})/({_PID})(?:\?version=([0-9]+\.[0-9]+))?")
_PAGE = re.compile(
    rf"https?://({_HOST})/(?:dataset\.xhtml|citation|api/datasets/:persistentId(?:/[^?#]*)?)\?([^#]*)(?:#.*)?"
)
_NO_HOST = re.compile(rf"({_PID})(?:\?version=\S*)?")
_ORIGINALS = {
    "application/x-spss-por": ".por",
    "application/x-spss-sav": ".sav",
    "application/x-spss-syntax": ".sps",
    "application/x-stata": ".dta",
    "application/x-stata-13": ".dta",
    "application/x-stata-14": ".dta",
    "application/x-stata-15": ".dta",
    "application/x-rlang-transport": ".RData",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "text/comma-separated-values": ".csv",
    "text/tsv": ".tsv",
    "text/tab-separated-values": ".tsv",
}
"""What Dataverse takes tables from -> extension (`edu.harvard.iq.dataverse.util.FileUtil`); for versions before 5.4,
which do not keep the original's name."""


def read(text: str) -> str:
    """Host, identifier and the version that was written; ValueError says what is missing."""
    if found := _DATASET.fullmatch(text):
        pid = f"doi:{found[2]}" if found[2].startswith("10.") else found[2]
        return f"{found[1].lower()}/{pid}" + (f"?version={found[3]}" if found[3] else "")
    if found := _NO_HOST.fullmatch(text):
        pid = found[1].removeprefix("doi:")
        where = f"https://doi.org/{pid}" if pid.startswith("10.") else "the page of the dataset"
        raise ValueError(
            f"dataverse:{text}: does not say which Dataverse holds it; open {where} in a browser, and write the host "
            f"that it leads to in front: dataverse:HOST/{'doi:' * pid.startswith('10.')}{pid}"
        )
    raise ValueError(
        f"dataverse:{text}: names no dataset; write dataverse:HOST/doi:10.NUMBER/NAME, and ?version=2.0 behind it for "
        "that version alone"
    )


def shown_at(address: str) -> str:
    """What to write for a page of it: `https://HOST/dataset.xhtml?persistentId=doi:10.7910/DVN/X&version=1.0`."""
    found = _PAGE.fullmatch(address)
    query = parse_qs(found[2]) if found else {}
    pid, version = query.get("persistentId", [""])[0], query.get("version", [""])[0]
    if not found or not re.fullmatch(_PID, pid):
        return ""
    return f"dataverse:{found[1]}/{pid}" + (f"?version={version}" if re.fullmatch(r"[0-9]+\.[0-9]+", version) else "")


def home(record: str) -> str:
    """Where it is asked."""
    return f"https://{record.partition('/')[0]}"


def listing(visit: Visit, record: str, *, with_key: bool) -> Iterator[ListedFile | Remark]:
    """The files of a version, of the newest that is published where none is named."""
    place, _, version = record.partition("?version=")
    data = _version(visit, place, version or ":latest-published")
    today = visit.opened_at.date().isoformat()
    for entry in objects_of(data, home(record), "files"):
        yield _file(home(record), place, entry, "" if with_key else today)
    if version:
        newest = _version(visit, place, ":latest-published", "&excludeFiles=true")
        number = f"{newest.get('versionNumber')}.{newest.get('versionMinorNumber')}"
        if number != version:
            yield Remark(
                f"dataverse:{record} is a version of which a newer one has come, {number}; it stays with the older one "
                "until the entry names another"
            )


def _version(visit: Visit, place: str, version: str, more: str = "") -> Mapping[str, Any]:
    pid = quote(place.partition("/")[2], safe="")
    url = f"{home(place)}/api/datasets/:persistentId/versions/{version}?persistentId={pid}{more}"
    said = ask(visit, url).data
    data = said.get("data") if isinstance(said, Mapping) else None
    if not isinstance(data, Mapping):
        raise ObjectFailed("damaged", f"{url}: is not the version that its documentation has; report it")
    if data.get("versionState") in ("DEACCESSIONED", "DRAFT"):
        state = str(data["versionState"]).lower()
        raise ObjectFailed("gone", f"dataverse:{place}: this version is {state}; ask the custodian which to use")
    return data


def _file(host: str, place: str, entry: Mapping[str, Any], today: str) -> ListedFile:
    """today: what is closed on this day is not asked for; empty where there is a key."""
    about = entry.get("dataFile")
    file = about if isinstance(about, Mapping) else {}
    label, folder = texts_of(entry, "label", "directoryLabel")
    number, filename, form, original = texts_of(file, "id", "filename", "originalFileFormat", "originalFileName")
    if number_of(number) is None:
        raise ObjectFailed("damaged", f"dataverse:{place}: lists a file without a number; report it")
    kept = file.get("checksum")
    said = texts_of(kept, "value", "type") if isinstance(kept, Mapping) else (texts_of(file, "md5")[0], "md5")
    due, size = checksum(*said), number_of(file.get("filesize"))
    name, url = label or filename, f"{host}/api/access/datafile/{number}"
    is_table = bool(form) or file.get("tabularData") is True
    if is_table:
        name, url = original or _uploaded(name, form), f"{url}?format=original"
        size = number_of(file.get("originalFileSize"))
    path = f"{folder.strip('/')}/{name}" if folder.strip("/") else name
    why = _closed(entry, file, today) if today else ""
    closed = f"dataverse:{place}: {path} {why}" if why else ""
    return ListedFile(path, url, f"{due}{' original' * is_table}" if due else "", size, "" if is_table else due, closed)


def _uploaded(name: str, form: str) -> str:
    """What a table was called before it became `name.tab`."""
    extension = _ORIGINALS.get(form.partition(";")[0].strip(), "")
    return name.removesuffix(".tab") + extension if extension and name.endswith(".tab") else name


def _closed(entry: Mapping[str, Any], file: Mapping[str, Any], today: str) -> str:
    """Why a file cannot be had: restricted, embargoed, or kept no longer."""
    embargo, retention = file.get("embargo"), file.get("retention")
    (until,) = texts_of(embargo, "dateAvailable") if isinstance(embargo, Mapping) else ("",)
    (ended,) = texts_of(retention, "dateUnavailable") if isinstance(retention, Mapping) else ("",)
    if until > today:
        return f"is under embargo until {until}; wait, or leave it out under `ignore`"
    if ended and ended <= today:
        return f"is kept, and not given out since {ended}; leave it out under `ignore`"
    if entry.get("restricted") is True or file.get("restricted") is True:
        return "is restricted; ask the custodian to open it or for a key (`headers`), or leave it out under `ignore`"
    return ""
