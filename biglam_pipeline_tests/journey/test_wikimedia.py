"""A category of Wikimedia Commons, by the command, as far as to rows with pictures and rights of their own."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.protocols.commons import Commons, rewrite
from biglam_pipeline_tests.normalize.drawn import draw
from biglam_pipeline_tests.servers.web import scripted_server

ENTRY = """
sources:
  prints:
    title: Prints
    custodian: A museum
    harvest: wikimedia:Category:Prints#*.png
    normalize:
      type: json
      files: "records/*.json"
      rows: query.pages[]
      with: {image: {files: "files/*", by: {'title >> replace("File:", "")': $name}}}
      map:
        id: pageid
        title: "imageinfo[0].extmetadata.ObjectName.value >> html_text"
        creators: "imageinfo[0].extmetadata.Artist.value >> html_text"
        source_url: "imageinfo[0].descriptionurl"
    rights:
      from: imageinfo[0].extmetadata | (LicenseUrl || LicenseShortName).value
      accept: open
      evidence: https://commons.wikimedia.org/wiki/Commons:Licensing
      checked: 2026-11-20
    languages: [en]
    expect: {rows: 1..}
"""


@pytest.mark.slow
def test_rows_have_their_pictures_and_their_own_rights(command: Command, tmp_path: Path) -> None:
    """Of four files one may not be used for money: it is withheld, and the others are published. The night after is
    one list.
    """
    with scripted_server() as server:
        commons = Commons(server)
        licences = ("publicdomain/zero/1.0", "by/4.0", "by-sa/3.0/nl/deed.en", "by-nc/4.0")
        pictures = {f"Print {number}, ä.png": draw("PNG", seed=number) for number in range(4)}
        for number, (name, content) in enumerate(pictures.items()):
            way = licences[number] if "zero" in licences[number] else f"licenses/{licences[number]}"
            commons.file(number + 10, name, content, licence=f"https://creativecommons.org/{way}")
        commons.file(20, "talk.ogg", b"OggS")
        commons.category("Prints", *pictures, "talk.ogg")
        (tmp_path / "sources.yaml").write_text(ENTRY)
        settings = {
            "BIGLAM_REWRITE": " ".join(f"{host}={there}" for host, there in rewrite(server).items()),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        }
        first = command("run", "prints", "--to", "shards", folder=tmp_path, settings=settings)
        assert first.returncode == 0, first.stderr
        assert "4 seen, 4 current, 1 withheld, 3 published" in first.stderr, first.stderr
        parts = (tmp_path / ".biglam" / "shelves" / "prints" / "shards" / "data").rglob("*.parquet")
        rows = [row for part in sorted(parts) if "places" not in part.name for row in pq.read_table(part).to_pylist()]
        found = {row["title"]: row for row in rows}
        assert sorted(found) == list(pictures)[:3]
        for name, row in found.items():
            assert row["image"] == {"bytes": pictures[name], "path": name}
            assert [one["name_raw"] for one in row["creators"]] == ["Ann Hopper"]
        assert [found[name]["rights_name"] for name in sorted(found)] == ["cc0-1.0", "cc-by-4.0", "cc-by-sa-3.0-nl"]
        del server.asked[:]
        again = command("run", "prints", "--to", "raw", folder=tmp_path, settings=settings)
        assert "nothing new" in again.stderr
        assert len(server.asked) == 1
