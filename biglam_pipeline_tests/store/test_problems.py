"""What could not be read is counted by shape: the sum first, one example each, and never too many reasons."""

from biglam_pipeline.store.problems import OTHER, OTHERS, REASONS, SHAPES, Problems, group_of, summed, sums_of


def test_sums_come_first_with_their_shapes_and_an_example() -> None:
    found = Problems()
    found.update(
        ["date: not read; shape born ####\tborn 1930"] * 1_234
        + ["date: not read; shape ###\t843", "languages: unknown"]
    )
    assert summed(found, found.examples) == [
        ("date: not read", 1_235, ""),
        ("… born ####", 1_234, "born 1930"),
        ("… ###", 1, "843"),
        ("languages: unknown", 1, ""),
    ]
    assert sums_of(found) == {"date: not read": 1_235, "languages: unknown": 1}


def test_a_million_shapes_are_no_million_reasons() -> None:
    found = Problems()
    found.update(f"date: not read; shape {'#' * number}" for number in range(1, 5_000))
    assert len(found) == SHAPES + 1
    assert found[f"date: not read; shape {OTHER}"] == 4_999 - SHAPES
    assert found.total() == 4_999
    others = Problems()
    others.update(f"languages: {number} is none" for number in range(2_000))
    assert len(others) == REASONS + 1
    assert others[f"languages: {OTHERS}"] == 2_000 - REASONS


def test_a_shape_may_hold_a_colon_and_the_first_example_stays() -> None:
    found = Problems()
    found.update(["date: not read; shape …: ####\tfirst", "date: not read; shape …: ####\tsecond"])
    assert group_of("date: not read; shape …: ####") == "date: not read"
    assert found.examples == {"date: not read; shape …: ####": "first"}


def test_long_lists_of_shapes_are_cut_and_counted() -> None:
    counts = {f"date: not read; shape {'#' * number}": number for number in range(1, 21)}
    lines = summed(counts, {}, shapes=3)
    assert lines[0] == ("date: not read", 210, "")
    assert lines[-1] == ("… 17 more shapes", 210 - 57, "")
