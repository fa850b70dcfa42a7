"""Codes that states copied from each other, and two editions of a poem: what is proposed, and why it was decided so."""

import itertools
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from biglam_pipeline.dedup.near.bands import candidates
from biglam_pipeline.dedup.near.finding import Choice
from biglam_pipeline.dedup.near.profiles import BOOK, Recall, bands_for
from biglam_pipeline.dedup.near.signatures import hash_texts, window_hashes
from biglam_pipeline.quality.canonical import canonical, narrow, text_key
from biglam_pipeline_tests.dedup.near.searching import Rows, Search


@pytest.fixture(scope="module")
def codes(real_data: Path) -> Rows:
    """87 codes of civil procedure, by state and year."""
    file = real_data / "dedup" / "us-civil-procedure-codes-A" / "civil-procedure-codes-A.tar.xz"
    if not file.is_file():
        pytest.skip(f"{file.name} is not at hand")
    found: Rows = {}
    with tarfile.open(file) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream:
                found[Path(member.name).stem] = stream.read().decode(errors="replace")
    return dict(sorted(found.items()))


@pytest.fixture(scope="module")
def shared(codes: Rows) -> dict[tuple[int, int], float]:
    """Which share of its windows each pair has in common: all of them are counted, in one product of matrices."""
    windows = [np.unique(window_hashes(narrow(canonical(text or "")), BOOK.window)) for text in codes.values()]
    every, at = np.unique(np.concatenate(windows), return_inverse=True)
    sizes = [len(one) for one in windows]
    of = np.repeat(np.arange(len(windows)), sizes)
    held = csr_array((np.ones(len(at), np.int64), (of, at)), shape=(len(windows), len(every)))
    both = (held @ held.T).toarray()
    return {
        (a, b): both[a, b] / (sizes[a] + sizes[b] - both[a, b])
        for a, b in itertools.combinations(range(len(windows)), 2)
    }


@pytest.mark.slow
@pytest.mark.parametrize("recall", ["standard", "high"])
def test_codes_of_civil_procedure(
    codes: Rows, shared: dict[tuple[int, int], float], tmp_path: Path, recall: Recall
) -> None:
    names = list(codes)
    assert text_key(codes["IA1851"]) == text_key(codes["NE1855"])
    slots = hash_texts(list(codes.values()), BOOK, np.empty(0, np.uint32)).slots
    pairs = candidates(lambda number: slots[:, number], len(names), bands_for(BOOK, recall, len(names)))
    group = list(range(len(names)))
    for a, b in pairs.tolist():
        group = [group[a] if one == group[b] else one for one in group]
    alike = [pair for pair, value in shared.items() if value >= BOOK.shared]
    assert len(alike) > 40
    assert [pair for pair in alike if group[pair[0]] != group[pair[1]]] == []
    found = Search(tmp_path, Choice(kind="book", recall=recall)).run(codes)
    keeper = {name: names[at] for name, at in zip(names, found.keeper.tolist(), strict=True) if names[at] != name}
    assert keeper["NE1855"] == "IA1851"
    for name, stays in keeper.items():
        value = shared[names.index(stays), names.index(name)]
        assert value >= BOOK.shared
        assert found.similarity[names.index(name)] == pytest.approx(value, abs=0.02)
    # Who stays is like no keeper of a higher rank, but for those whose lengths rule them out.
    for at, name in enumerate(names):
        if name not in keeper:
            stays = sorted({found.keeper[other] for other in range(len(names)) if found.cluster[other] >= 0})
            near = [names[one] for one in stays if one < at and shared[one, at] >= BOOK.shared]
            lengths = [len(codes[one] or "") / len(codes[name] or "") for one in near]
            assert all(not 0.72 <= length <= 1 / 0.72 for length in lengths), (name, near)


@pytest.mark.slow  # of real words; test_finding.py and test_bench.py find made-up ones
def test_two_editions_of_paradise_lost(real_data: Path, tmp_path: Path) -> None:
    """1674 is printed with a long s, 1667 was transcribed without one, in ten books and not in twelve."""
    rows: Rows = {}
    for year in (1667, 1674):
        folder = real_data / "tei" / f"eebo-tcp-paradise-lost-{year}"
        if not folder.is_dir():
            pytest.skip(f"{folder.name} is not at hand")
        text = next(folder.glob("*.xml")).read_text(encoding="utf-8")
        rows[str(year)] = re.sub(r"<[^>]+>", "", text[text.index("<text") :])
    assert "ſ" not in (rows["1667"] or "")
    assert (rows["1674"] or "").count("ſ") > 5000
    found = Search(tmp_path, Choice(kind="book")).run(rows)
    assert found.keeper.tolist() == [0, 0]
    assert found.similarity[1] > 0.8
    unfolded = [window_hashes((text or "").encode(), BOOK.window) for text in rows.values()]
    a, b = (np.unique(one) for one in unfolded)
    assert len(np.intersect1d(a, b)) / len(np.union1d(a, b)) < BOOK.shared
