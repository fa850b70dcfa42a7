"""Is the institution's sources.yaml short, and does it ask for what is there?"""

from importlib import resources

from ruamel.yaml import YAML

from biglam_pipeline.demo.institution import Institution

TEXT = resources.files("biglam_pipeline.demo").joinpath("sources.yaml").read_text(encoding="utf-8")


def test_six_entries_of_twelve_lines_at_most() -> None:
    sources = YAML(typ="safe").load(TEXT)["sources"]
    names = ("catalogue", "mercury", "plates", "letters", "gallery", "closed")
    assert list(sources) == [f"demo_{name}" for name in names]
    body = TEXT.split("sources:\n\n", 1)[1]
    short = [entry.partition("    summary:")[0] for entry in body.split("\n\n")]  # one is documented, to be public
    assert all(len(entry.strip().splitlines()) <= 12 for entry in short)
    assert sum(entry.count("    summary:") for entry in body.split("\n\n")) == 1
    assert TEXT.startswith("# yaml-language-server: $schema=../../docs/sources.schema.json\n")


def test_every_address_leads_to_a_file() -> None:
    sources = YAML(typ="safe").load(TEXT)["sources"]
    library = Institution()
    base = "https://institution.example/files/"
    days = ("07", "14", "21", "28")
    asked = [
        address.replace("{07,14,21,28}", day).removeprefix(base)
        for address in (entry["harvest"] for entry in sources.values())
        if address.startswith(base)
        for day in (days if "{" in address else ("",))
    ]
    assert sorted(asked) == sorted(library.paths())
