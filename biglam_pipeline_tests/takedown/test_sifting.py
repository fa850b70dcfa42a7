"""What of a slice is kept out is found in its narrow index: also what its source says is gone."""

from pathlib import Path

import polars as pl
import pytest

from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.redaction import Redactions
from biglam_pipeline.takedown.ledger import Ledger, digest_of
from biglam_pipeline.takedown.sifting import Read, sift
from biglam_pipeline.takedown.suppression import Suppression

KEY = "a key of the library"


@pytest.mark.parametrize("hidden", [True, False])
def test_a_tombstone_is_kept_under_the_id_that_may_be_shown(tmp_path: Path, hidden: bool) -> None:
    """A source that deletes a record names it once more, and the identifier may be what discloses."""
    digest = digest_of("a-name", KEY)
    ledger = Ledger(hmacs=frozenset([digest]), key=KEY) if hidden else Ledger(ids=frozenset(["s:a-name"]))
    notes = Redactions(open_shelf(str(tmp_path / "shelf"), tmp_path / "state"))
    index = pl.DataFrame(
        {
            "id": ["s:a-name", "s:other"],
            "deleted": [True, True],
            "seq": [1, 2],
            "datestamp": ["2026-01-01", "2026-01-01"],
            "copy_key": pl.Series([None, None], dtype=pl.Binary),
        }
    )
    found = sift(Suppression(ledger), notes, [Read("bundle", 1, 2, waits=False)], index)
    assert found.passed_over == ({1} if hidden else set())
    assert [row["id"] for row in found.rows] == ([f"s:hmac-{digest}"] if hidden else [])
    assert all(row["deleted"] for row in found.rows)
