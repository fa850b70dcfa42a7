"""`biglam status` over sources of which one is damaged: that one is named, the others are shown."""

import json
from pathlib import Path

from biglam_pipeline.errors import Exit
from biglam_pipeline_tests.command import Command

ENTRY = """
  {name}:
    title: {name}
    custodian: Ashby Record Office
    harvest: file:pages
    normalize: {{type: table}}
    rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}}
"""


def test_one_damaged_source_hides_no_other(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources:" + "".join(ENTRY.format(name=name) for name in ("letters", "maps")))
    closing = tmp_path / "state" / "shelves" / "letters" / "raw" / "harvests" / "00001.json"
    closing.parent.mkdir(parents=True)
    closing.write_bytes(b"")
    settings = {"BIGLAM_SOURCES": str(path), "BIGLAM_STATE": str(tmp_path / "state")}
    shown, reported = (command("status", *more, folder=tmp_path, settings=settings) for more in ([], ["--json"]))
    assert (shown.returncode, reported.returncode) == (Exit.MEND, Exit.MEND), shown.stderr
    assert "maps" in shown.stdout
    assert "delete it" in " ".join(shown.stdout.split())
    found = json.loads(reported.stdout)
    assert [one["source"] for one in found["sources"]] == ["maps"]
    assert str(closing) in found["damaged"]["letters"]
