"""`biglam columns`: what records hold, how many fill it, where an entry puts it; from the shelf where one is."""

import json
from pathlib import Path

from biglam_pipeline_tests.proposing.conftest import Biglam
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

ENTRY = """sources:
  prints:
    title: Prints
    custodian: A library
    harvest: {url}
    normalize: {{map: {{id: nr, title: name, extra: {{made: "year >> int"}}}}}}
    rights: {{from: licence}}
    verified: false
"""


def test_fields_have_their_fill_examples_and_columns(tmp_path: Path, server: ScriptedServer, biglam: Biglam) -> None:
    body = b"nr,name,year,licence,note\n1,One,1850,CC0,\n2,Two,,CC0,seen\n3,,1852,CC0,\n4,Four,1853,CC0,\n"
    (tmp_path / "sources.yaml").write_text(ENTRY.format(url=server.on("/prints.csv", Reply(body))))
    said = biglam("columns", "prints", "--json")
    assert said.returncode == 0, said.stderr
    [found] = json.loads(said.stdout)
    assert found["records"] == 4
    assert {one["field"]: (one["filled"], one["goes_to"]) for one in found["fields"]} == {
        "nr": (1.0, "id"),
        "name": (0.75, "title"),
        "year": (0.75, "extra.made"),
        "licence": (1.0, "rights"),
        "note": (0.25, "not read"),
    }
    assert found["fields"][0]["examples"] == ["1", "2", "3"]
    asked = len(server.asked)
    shown = biglam("columns", "prints")
    assert "not read" in shown.stdout
    assert len(server.asked) == asked, "what is on the shelf is not asked for"
