"""Fingerprints: what numpy computes for many documents at once is what the definition says for one."""

import hashlib

import numpy as np
import pytest

from biglam_pipeline.dedup.near import boilerplate, signatures
from biglam_pipeline.dedup.near.profiles import BOOK, PAGE, VERSION, Profile
from biglam_pipeline.dedup.near.signatures import EMPTY, hash_texts, window_hashes
from biglam_pipeline.quality.canonical import canonical, narrow, text_key
from biglam_pipeline_tests.dedup.near.searching import pages

NOTHING = np.empty(0, np.uint32)
TEXTS: list[str | None] = [*pages(300, 13), None, "", "short", "x" * 900]


def hash_of(window: bytes) -> int:
    """The definition, for a window of 8 letters or of 12."""
    c1, c2, whole = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, (1 << 64) - 1
    value = int.from_bytes(window[:8], "little") * c1 & whole
    if len(window) > 8:
        value ^= value >> 29
        value = (value * c2 + int.from_bytes(window[-8:], "little")) & whole
    value ^= value >> 32
    value = value * c2 & whole
    return value ^ value >> 29


def slots_of(letters: bytes, profile: Profile) -> list[int]:
    """One-permutation MinHash, window by window; the lower 16 bits of what is smallest in 32."""
    none = 0xFFFFFFFF
    slots = [none] * profile.slots
    for at in range(len(letters) - profile.window + 1):
        value = hash_of(letters[at : at + profile.window])
        low = value & 0xFFFFFFFF
        slot = value >> (64 - 7)
        slots[slot] = min(slots[slot], 0 if low == none else low)
    short = [value & 0xFFFF for value in slots]
    return [
        int(EMPTY) if all_ == none else 0 if low == int(EMPTY) else low for all_, low in zip(slots, short, strict=True)
    ]


@pytest.mark.parametrize("profile", [PAGE, BOOK], ids=["page", "book"])
def test_the_kernel_does_what_the_definition_says(profile: Profile) -> None:
    hashed = hash_texts(TEXTS, profile, NOTHING)
    for row, text in enumerate(TEXTS):
        if row % 25 == 0 or row > 295:
            letters = narrow(canonical(text or ""))
            assert hashed.slots[row].tolist() == slots_of(letters, profile), row
            assert hashed.lengths[row] == len(letters)
            assert hashed.keys[row].tobytes() == (text_key(text) or bytes(16))
    assert window_hashes(b"abcdefghijklm", profile.window).tolist() == [
        hash_of(b"abcdefghijklm"[at : at + profile.window]) for at in range(13 - profile.window + 1)
    ]


def test_a_fingerprint_does_not_depend_on_its_neighbours() -> None:
    together = hash_texts(TEXTS, PAGE, NOTHING)
    alone = signatures.Hashed.joined([hash_texts([text], PAGE, NOTHING) for text in TEXTS])
    for name in signatures.Hashed.__slots__:
        assert np.array_equal(getattr(together, name), getattr(alone, name)), name


def test_a_long_document_is_hashed_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "".join(text or "" for text in TEXTS[:90])
    frequent = np.sort(hash_texts([long], PAGE, NOTHING).pieces[0][[1, 2, 9]])
    frequent = frequent[frequent != 0]
    assert len(frequent) == 3
    whole = [hash_texts([long], profile, frequent) for profile in (PAGE, BOOK)]
    monkeypatch.setattr(signatures, "_AT_ONCE", 1000)
    for profile, one in zip((PAGE, BOOK), whole, strict=True):
        again = hash_texts([long], profile, frequent)
        assert np.array_equal(again.slots, one.slots)
        assert again.cuts[0] == one.cuts[0]
    assert whole[0].cuts[0] == 0b1000000110


def test_the_fingerprints_of_a_version_stay_as_they_are() -> None:
    """Another digest means that every stored fingerprint is another: then profiles.VERSION must move."""
    hashed = hash_texts(
        ["It was the best of times. " * 3 + "Ça ira, mein Straßenſänger; лучшее изо всех времён"], PAGE, NOTHING
    )
    digest = hashlib.sha256(hashed.slots.tobytes() + hashed.pieces.tobytes()).hexdigest()[:16]
    assert (VERSION, digest) == (4, "2a3c14b82f90122d")


def test_equal_slots_estimate_the_share_of_equal_windows() -> None:
    letters = narrow(canonical("".join(pages(300, 13)[:5])))
    for share in (0.2, 0.5, 0.8):
        cut = int(len(letters) * 2 * share / (1 + share)) // 1
        texts: list[str | None] = [letters.decode(), (letters[:cut] + letters[cut:][::-1]).decode()]
        slots = hash_texts(texts, PAGE, NOTHING).slots
        assert abs(float((slots[0] == slots[1]).mean()) - cut / (2 * len(letters) - cut)) < 0.12


def test_masthead_pieces_are_found_in_every_issue() -> None:
    masthead = (
        "The Daily Canal and Railway Gazette of the Western Counties. Printed by W. Abbot at the sign of the Anchor. "
    )
    issues: list[str | None] = [masthead * 2 + text for text in TEXTS[:40] if text and len(text) > 1500]
    hashed = hash_texts(issues, PAGE, NOTHING)
    frequent = boilerplate.frequent_pieces(lambda number: hashed.pieces[:, number], len(issues), PROFILE_FEW)
    assert len(frequent) > 1
    cut = hash_texts(issues, PAGE, frequent)
    assert (cut.cuts != 0).all()

    def shared(slots: np.ndarray) -> float:
        return float(np.mean([(slots[0] == other).mean() for other in slots[1:]]))

    assert shared(cut.slots) < shared(hashed.slots) / 2
    assert np.array_equal(cut.pieces, hashed.pieces)


PROFILE_FEW = Profile(kind="page", window=8, frequent=15)
