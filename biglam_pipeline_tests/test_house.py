"""The rules of the house: floors, doors, kinds, sizes and names, read from the source text alone."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "biglam_pipeline"
TESTS = ROOT / "biglam_pipeline_tests"

FLOORS = {
    "collecting": 0,
    "costs": 0,
    "coverage": 0,
    "errors": 0,
    "linear": 0,
    "place": 0,
    "secrecy": 0,
    "signals": 0,
    # nouns and scalars
    "columns": 1,
    "environment": 1,
    "language": 1,
    "links": 1,
    "patterns": 1,
    "progress": 1,
    "records": 1,
    "settings": 1,
    # what several stages need
    "clearance": 2,
    "fields": 2,
    "quality": 2,
    "rights": 2,
    "store": 2,
    # it keeps its files in `store`
    "parsing": 3,
    # it unpacks what is sent as `parsing` unpacks what was shelved
    "web": 4,
    # what works the slices of a stage, and what is kept out of them
    "engine": 4,
    "takedown": 4,
    # the four stages
    "harvest": 5,
    "normalize": 5,
    "dedup": 5,
    "publish": 5,
    # one entry, what must hold of it, and its journey
    "source": 6,
    "checks": 7,
    "context": 8,
    "along": 8,
    "unlinking": 8,
    "inputs": 9,
    "statements": 9,
    "foresight": 9,
    "retiring": 9,
    "erasing": 9,
    "withholding": 10,
    "releasing": 11,
    "clearing": 12,
    "states": 12,
    "pipeline": 13,
    # beside it: what goes back, and a first look
    "retraction": 14,
    "previewing": 14,
    "proposing": 14,
    # how it is looked at and started
    "defs": 15,
    "definitions": 16,
    "cli": 17,
}
"""Room -> floor. A room imports rooms of lower floors only, so two on one floor never meet."""

PROGRAMS = {"demo", "localhub"}
"""Programs of their own: they import nothing of the rest, and only these start them."""
STARTERS = {"cli"}

STAGES = {"harvest", "normalize", "dedup", "publish"}

KINDS = {"harvest": "AnyHarvester", "normalize": "AnyReader"}
"""Stage -> its closed list of kinds."""
FOLDERS = {"harvest": "protocols", "normalize": "formats"}
"""Stage -> the folder of its kinds, and of nothing else."""

DOORS = {
    "httpx": {"web"},
    "httpcore": {"web"},
    "httpx2": {"publish/hub"},
    "huggingface_hub": {"publish/hub"},
    "datasets": set(),
    "ruamel": {"source"},
    "yaml": {"source"},
    "dagster": {"defs", "definitions.py"},
    "fsspec": {"store"},
    "pyarrow.parquet": {"store", "parsing/parquet"},
    "shutil": {"store"},
    "tempfile": {"store"},
    "mmap": {"store"},
    "lxml.html": {"parsing"},
    "lxml.objectify": {"parsing"},
    "xml": {"parsing"},
    "defusedxml": set(),
    "pypdfium2": {"parsing/pdf"},
    "pypdf": {"parsing/pdf"},
    "warcio": {"normalize/formats/warc"},
}
"""Library -> rooms, files or folders that may import it. The programs answer for themselves."""

DISK = {
    "source/load.py": "reads the sources files",
    "defs/instance.py": "makes Dagster's home, with dagster.yaml in it, and its lock",
}
"""Files beside `store` that touch the disk, and why. Package data comes through importlib.resources."""
READS = {
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "mkdir",
    "rmdir",
    "unlink",
    "touch",
    "rglob",
    "iterdir",
}
PARSES = {
    *("fromstring", "fromstringlist", "XML", "XMLID", "HTML", "parse", "parseid", "iterparse"),
    *("XMLParser", "HTMLParser", "ETCompatXMLParser", "XMLPullParser", "HTMLPullParser"),
}
"""What of lxml.etree reads foreign bytes. Trees that were read may be walked, asked and written everywhere."""
PARQUET = {"read_parquet", "scan_parquet", "write_parquet", "sink_parquet", "memory_map", "memmap", "fsync", "mkstemp"}
NO_NAMES = {"util", "utils", "helper", "helpers", "common", "core", "manager", "handler", "processor", "misc"}
CORE = {room for room, floor in FLOORS.items() if floor < FLOORS["defs"]}
CLOCKS = {"context.py": "the wall clock that is handed in", "web/guest.py": "its default, overridden in tests"}
CLOCKS["store/locks.py"] = "since when a lock is held, for the person who waits; nothing follows from it"
CLOCKS["source/today.py"] = "the day after which nobody can have looked, which no run may be able to choose"


REPORTED = {
    "engine/worker.py": "what a task raises is raised again in the process that asked",
    "retraction/work.py": "a removal goes another way whatever closes the first one, and says what it was",
    "defs/forgetting.py": "Dagster's storage may be anybody's: what it raises is reported as left, with what to do",
}
"""Where everything is caught, and said to a person in the same breath."""


# --- reading the tree ---


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """`harvest/protocols/files.py`."""
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    """`harvest` of harvest/protocols/files.py, `errors` of errors.py; nothing for the package itself."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All of it, walked once: a score of rules looks through every module."""
    return tuple(ast.walk(tree_of(path)))


@cache
def imports_of(path: Path) -> tuple[tuple[int, str], ...]:
    """Line and dotted name of everything a module imports, relative ones resolved."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    here = ["biglam_pipeline", *path.relative_to(PACKAGE).parts[:-1]]
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def own_imports(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and path below the package: ["harvest", "files", "Files"]."""
    for line, name in imports_of(path):
        first, *rest = name.split(".")
        if first == "biglam_pipeline" and rest:
            yield line, rest


def reported(found: list[str]) -> None:
    """Fails with every place at once."""
    assert not found, "\n" + "\n".join(found)


# --- floors ---


def test_every_room_has_a_floor() -> None:
    rooms = {room_of(path) for path in modules()} - {""} - PROGRAMS
    assert rooms == FLOORS.keys()


def test_a_room_imports_lower_floors_only() -> None:
    found = []
    for path in modules():
        room = room_of(path)
        if room not in FLOORS:
            continue
        for line, (other, *_) in own_imports(path):
            if other in FLOORS and other != room and FLOORS[other] >= FLOORS[room]:
                found.append(f"{name_of(path)}:{line} imports {other}, which is not below {room}")
    reported(found)


def test_the_four_stages_never_import_each_other() -> None:
    found = [
        f"{name_of(path)}:{line} imports {other}"
        for path in modules()
        for line, (other, *_) in own_imports(path)
        if room_of(path) in STAGES and other in STAGES - {room_of(path)}
    ]
    reported(found)


def test_the_programs_stand_alone() -> None:
    found = []
    for path in modules():
        room = room_of(path)
        for line, (other, *_) in own_imports(path):
            if (room in PROGRAMS and other != room) or (other in PROGRAMS - {room} and room not in STARTERS):
                found.append(f"{name_of(path)}:{line} imports {other}")
    reported(found)


# --- doors ---


def test_each_library_has_one_door() -> None:
    found = []
    for path in modules():
        room, name = room_of(path), name_of(path)
        if room in PROGRAMS:
            continue
        for line, imported in imports_of(path):
            for library, doors in DOORS.items():
                if f"{imported}.".startswith(f"{library}.") and not {room, name, name.rpartition("/")[0]} & doors:
                    found.append(f"{name}:{line} imports {library}; its door is {', '.join(sorted(doors)) or 'closed'}")
    reported(found)


def _reads_markup(path: Path) -> Iterator[tuple[int, str]]:
    """Line and call by which a module parses XML or HTML, also where the name was imported by itself."""
    alone = {name.rpartition(".")[2] for _, name in imports_of(path) if name.startswith("lxml.etree.")}
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            module, _, name = ast.unparse(node.func).rpartition(".")
            if name in PARSES and (module.endswith("etree") or (not module and name in alone)):
                yield node.lineno, f"{module}.{name}("


def test_foreign_markup_is_parsed_in_one_room() -> None:
    """Each parser of its own would know other repairs, other bounds, and other ways to lose a record in silence."""
    found = [
        f"{name_of(path)}:{line} {call}; ask biglam_pipeline.parsing"
        for path in modules()
        if room_of(path) not in PROGRAMS | {"parsing"}
        for line, call in _reads_markup(path)
    ]
    reported(found)
    assert any(_reads_markup(path) for path in modules() if room_of(path) == "parsing")


def test_no_parser_recovers_in_silence() -> None:
    """A recovering parser closes what was cut off and drops what it does not know. The caps of libxml2 are lifted for
    formats that are deep (`deep`), and for no other.
    """
    found = [
        f"{name_of(path)}:{node.lineno} {node.arg}="
        for path in modules()
        for node in nodes_of(path)
        if isinstance(node, ast.keyword)
        and node.arg in ("recover", "huge_tree")
        and ast.unparse(node.value) not in ("False", "deep" if node.arg == "huge_tree" else "False")
    ]
    reported(found)


def test_only_the_store_touches_the_disk() -> None:
    found = [
        f"{name_of(path)}:{node.lineno} {word}; ask biglam_pipeline.store.disk"
        for path in modules()
        if room_of(path) not in PROGRAMS | {"store"} and name_of(path) not in DISK
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and (word := _touches(node))
    ]
    reported(found)


def _touches(call: ast.Call) -> str:
    """The word by which a call reads or writes a file, or nothing."""
    target = call.func
    if isinstance(target, ast.Name):
        return "open(" if target.id == "open" else ""
    if not isinstance(target, ast.Attribute) or "resources.files(" in ast.unparse(target.value):
        return ""
    whole = ast.unparse(target)
    if target.attr in READS | PARQUET or whole in {"os.replace", "os.open", "os.fdopen", "os.rename", "os.makedirs"}:
        return f"{whole}("
    if target.attr != "open":
        return ""
    # Archives, shelves and the Hub have an `open` of their own: a path's takes nothing, or a mode.
    mode = call.args and isinstance(call.args[0], ast.Constant) and re.fullmatch(r"[rwaxbt+]+", str(call.args[0].value))
    named = {keyword.arg for keyword in call.keywords} & {"mode", "encoding", "newline"}
    bare = not call.args and not call.keywords and whole != "item.open"
    if whole == "tarfile.open":
        return "" if "fileobj" in {keyword.arg for keyword in call.keywords} else f"{whole}("
    return f"{whole}(" if mode or named or bare else ""


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("open(path)", True),
        ("path.open()", True),
        ('path.open("rb")', True),
        ('path.open(encoding="utf-8")', True),
        ("(base / name).read_text()", True),
        ("path.unlink(missing_ok=True)", True),
        ("os.replace(a, b)", True),
        ("np.memmap(path)", True),
        ("pl.scan_parquet(path)", True),
        ("tarfile.open(path)", True),
        ("tarfile.open(fileobj=stream)", False),
        ("item.open()", False),
        ("raw.open(number, request, now)", False),
        ('hub.open(repository, commit, "data/a.parquet")', False),
        ("disk.open_file(path)", False),
        ('resources.files("x").joinpath("y").read_text()', False),
        ('text.replace("a", "b")', False),
    ],
)
def test_a_touch_of_the_disk_is_recognised(call: str, found: bool) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert bool(_touches(node)) is found


def test_the_exceptions_are_still_needed() -> None:
    for name in DISK:
        words = {_touches(node) for node in nodes_of(PACKAGE / name) if isinstance(node, ast.Call)} - {""}
        assert words, f"{name} no longer touches the disk; take it off the list"


def test_the_clock_is_handed_in() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
    found = [
        f"{name_of(path)}:{node.lineno} asks {ast.unparse(node.func)}()"
        for path in modules()
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in clocks
        and room_of(path) in CORE
        and name_of(path) not in CLOCKS
    ]
    reported(found)


def test_a_context_of_dagster_is_closed_where_it_was_opened() -> None:
    """Left to the collector it closes in a later test, and puts back a storage whose instance is gone."""
    left = []
    for path in sorted([*PACKAGE.rglob("*.py"), *TESTS.rglob("*.py")]):
        if not re.search(r"dg\.(build_\w+_context|DagsterInstance)", path.read_text(encoding="utf-8")):
            continue  # to parse all the tests takes seconds
        nodes = nodes_of(path)
        opened = {id(item.context_expr) for node in nodes if isinstance(node, ast.With) for item in node.items}
        left += [
            f"{path.relative_to(ROOT)}:{node.lineno} opens {ast.unparse(node.func)}() without `with`"
            for node in nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and re.fullmatch(r"dg\.build_\w+_context|dg\.DagsterInstance\.\w+", ast.unparse(node.func))
            and id(node) not in opened
        ]
    reported(left)


# --- kinds ---


def listed(stage: str) -> dict[str, str]:
    """Class -> module of each kind in a stage's closed list, as its `__init__` imports them."""
    tree = tree_of(PACKAGE / stage / "__init__.py")
    union = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == KINDS[stage]
    )
    names = {node.id for node in ast.walk(union) if isinstance(node, ast.Name)} - {"Annotated", "Field"}
    homes = {
        alias.name: (node.module or "").split(".")[-1]
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return {name: homes[name] for name in names}


def kinds_there(stage: str) -> dict[str, str]:
    """Class -> `type` of every class of a stage that has a `type` of one word."""
    found = {}
    for path in (PACKAGE / stage).rglob("*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) == "type":
                        word = re.fullmatch(r"Literal\['(\w+)'\]", ast.unparse(line.annotation))
                        if word:
                            found[node.name] = word[1]
    return found


@pytest.mark.parametrize("stage", KINDS)
def test_list_file_type_and_class_agree(stage: str) -> None:
    snake = {name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in listed(stage)}
    assert listed(stage) == snake == kinds_there(stage)


@pytest.mark.parametrize("stage", [*KINDS, "checks"])
def test_a_kind_never_imports_another(stage: str) -> None:
    kinds = set(listed(stage).values()) if stage in KINDS else set(checks())
    home = [stage, *([FOLDERS[stage]] if stage in FOLDERS else [])]
    found = []
    for path in PACKAGE.joinpath(*home).rglob("*.py"):
        inside = path.relative_to(PACKAGE.joinpath(*home)).parts[0].removesuffix(".py")
        if inside == "__init__":
            continue
        for line, rest in own_imports(path):
            if rest[: len(home)] == home and len(rest) > len(home) and rest[len(home)] in kinds - {inside}:
                found.append(f"{name_of(path)}:{line} imports the kind {rest[len(home)]}")
    reported(found)


@pytest.mark.parametrize("stage", KINDS)
def test_the_folder_of_kinds_holds_nothing_else(stage: str) -> None:
    there = {path.stem for path in (PACKAGE / stage / FOLDERS[stage]).iterdir() if path.name[0].islower()}
    assert there == set(listed(stage).values())


@pytest.mark.parametrize("stage", KINDS)
def test_nobody_names_a_kind_but_the_closed_list(stage: str) -> None:
    """A kind declares itself: who asks which one it is has to be edited for each new one."""
    own = {PACKAGE / stage / "__init__.py"}
    kinds = listed(stage).values()
    found = []
    for path in modules():
        inside = path.relative_to(PACKAGE).parts
        if path in own or room_of(path) in PROGRAMS:
            continue
        here = ".".join(inside).removesuffix(".py")
        for line, name in imports_of(path):
            for kind in kinds:
                whole = f"{stage}.{FOLDERS[stage]}.{kind}"
                asked = name.removeprefix("biglam_pipeline.")
                if f"{asked}.".startswith(f"{whole}.") and not f"{here}.".startswith(f"{whole}."):
                    found.append(f"{name_of(path)}:{line} imports {name}")
        asks = [ast.unparse(node) for node in nodes_of(path) if isinstance(node, ast.Compare)]
        found += [
            f"{name_of(path)} asks {one}" for one in asks if re.search(r"(reader|normalize|harvest\w*)\.type\b", one)
        ]
    reported(found)


def checks() -> list[str]:
    """The files of checks/ that are checks: those with a `run`."""
    return sorted(
        path.stem
        for path in (PACKAGE / "checks").glob("*.py")
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree_of(path).body)
    )


def test_every_check_is_listed_under_its_own_name() -> None:
    tree = tree_of(PACKAGE / "checks" / "__init__.py")
    call = next(
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CHECKS"
    ).value
    assert isinstance(call, ast.Call)
    assert sorted(ast.unparse(one) for one in call.args) == checks()


def test_every_kind_and_check_has_a_test() -> None:
    texts = {
        path: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path.name != Path(__file__).name
    }
    found = [
        f"{stage}/{kind} has no biglam_pipeline_tests/{stage}/{FOLDERS[stage]}/test_{kind}.py"
        for stage in KINDS
        for kind in sorted(listed(stage).values())
        if not any(path.parent.name == FOLDERS[stage] and path.stem.startswith(f"test_{kind}") for path in texts)
    ]
    found += [
        f"checks/{name} is named by no test"
        for name in checks()
        if not any(re.search(rf"\b{name}\b", text) for text in texts.values())
    ]
    reported(found)


@pytest.mark.parametrize("room", sorted(STAGES | {"checks"}))
def test_a_stage_holds_its_sentence_and_its_list(room: str) -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    assert all(isinstance(node, allowed) for node in tree_of(PACKAGE / room / "__init__.py").body)


# --- sizes, names, habits ---


def test_no_file_is_longer_than_350_lines() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    reported([f"{name}: {length} lines" for name, length in lengths.items() if length > 350])


def test_no_function_is_longer_than_50_lines() -> None:
    found = []
    for path in modules():
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 50:
                    found.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    reported(found)


def test_nothing_is_called_by_no_name() -> None:
    every = [*modules(), *TESTS.rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}: {part}"
        for path in every
        for part in path.relative_to(ROOT).with_suffix("").parts
        if NO_NAMES & set(part.strip("_").split("_"))
    ]
    reported(found)


def test_every_module_begins_with_a_sentence() -> None:
    found = []
    for path in modules():
        first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]
        if not re.search(r"\S{2,} .*[.?:]", first.splitlines()[0] if first else "") or not first.rstrip().endswith(
            (".", "?")
        ):
            found.append(f"{name_of(path)}: {first[:80]!r}")
    reported(found)


def test_no_exception_is_swallowed() -> None:
    wide = {"Exception", "BaseException", ""}
    found = []
    for path in modules():
        for node in nodes_of(path):
            if isinstance(node, ast.ExceptHandler):
                names = re.findall(r"\w+", ast.unparse(node.type)) if node.type else [""]
                raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                if wide & set(names) and not raises and name_of(path) not in REPORTED:
                    found.append(f"{name_of(path)}:{node.lineno} except {' '.join(names)}")
            if isinstance(node, ast.Call) and ast.unparse(node).endswith(
                ("suppress(Exception)", "suppress(BaseException)")
            ):
                found.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
    reported(found)


def test_annotations_are_read_at_run_time() -> None:
    future = "from __future__ " + "import annotations"
    reported([str(path) for path in [*modules(), *TESTS.rglob("*.py")] if future in path.read_text(encoding="utf-8")])


LOCKS = ("requirements.lock", "requirements-dev.lock")
"""What runs; and what develops, with all of what runs."""


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_registry(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index" not in re.sub(r"[\w-]+==\S+", "", lock)


def test_both_locks_have_the_same_pins() -> None:
    runs, develops = (set(re.findall(r"^\S+==.*?(?= \\$)", (ROOT / name).read_text(), re.MULTILINE)) for name in LOCKS)
    assert runs < develops
    assert "pytest==" in "".join(develops - runs)


def test_every_library_that_runs_is_imported() -> None:
    """What only tests need belongs to `dev`; what nothing needs, nowhere."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.split(r"[<>=!~\[ ;]", one)[0].lower().replace("_", "-") for one in project["dependencies"]}
    names = {name.split(".")[0] for path in modules() for _, name in imports_of(path)}
    found = {
        library.lower().replace("_", "-")
        for module, libraries in packages_distributions().items()
        for library in libraries
        if module in names
    }
    assert asked <= found


def test_no_file_knows_a_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/[\w.]")
    folders = (PACKAGE, TESTS, ROOT / "docs", ROOT / ".github", ROOT / ".ci")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.name not in {"LICENSE", *LOCKS, ".git"}]
    found = []
    for path in files:
        if path.suffix in {".pyc", ".png", ".parquet", ".zip", ".gz"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if home.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number} {line.strip()[:100]}")
    reported(found)


def test_a_parameter_of_a_test_holds_no_moment() -> None:
    """gzip writes the time into its header: two workers that collect a second apart then have different tests."""
    found = []
    for path in TESTS.rglob("*.py"):
        for node in nodes_of(path):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.parametrize"):
                continue
            found += [
                f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call.func)}() without mtime=0"
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
                and ast.unparse(call.func) == "gzip.compress"
                and "mtime" not in {keyword.arg for keyword in call.keywords}
            ]
    reported(found)


def test_what_runs_stands_in_the_lock_of_what_runs() -> None:
    """`make run` installs that lock and nothing else: a library in the developers' lock alone is missed only there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for file, wanted in (
        ("requirements.lock", [*project["dependencies"], *extras["install"]]),
        ("requirements-dev.lock", [*project["dependencies"], *(one for some in extras.values() for one in some)]),
    ):
        pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", (ROOT / file).read_text(encoding="utf-8"), re.M)
        there = {re.sub(r"[-_.]+", "-", pin).lower() for pin in pins}
        names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", one)[0]).lower() for one in wanted}
        reported([f"{file} has no {name}: run `make lock`" for name in sorted(names - there)])
