"""What does a person see in a browser? The repositories, and for each its card, files and commits."""

import urllib.parse
from html import escape

from starlette.responses import HTMLResponse, Response

from biglam_pipeline.localhub.cards import body_of
from biglam_pipeline.localhub.exchange import Call, Endpoint
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.listing import card_of, describe
from biglam_pipeline.localhub.repositories import Repository, Tree

SHOWN_COMMITS = 50
STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5c6675; --line: #d9dde4; --paper: #fff; --tint: #f5f6f9;
  --link: #1f4fa3 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #9aa5b5; --line: #343b48; --paper: #14181f; --tint: #1c222c; --link: #8ab4ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
header p, footer, .soft { color: var(--soft) }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .4rem 0 } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere }
th { font-weight: 600; color: var(--soft); font-size: .85rem }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; overflow: auto;
  white-space: pre-wrap; font: .875rem/1.5 ui-monospace, monospace }
code { font: .875em ui-monospace, monospace }
.label { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem;
  font-size: .8rem; color: var(--soft); margin: 0 .3rem .3rem 0 }
"""
# No script may run here, whatever a card holds.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


def _page(title: str, body: str, status: int = 200) -> Response:
    html = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
    return HTMLResponse(html, status, HEADERS)


def size_text(size: int) -> str:
    """Bytes for people, in steps of a thousand as the Hub shows them."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def _table(heads: list[str], rows: list[list[str]], numbers: tuple[int, ...] = ()) -> str:
    """Cells are HTML already."""

    def line(tag: str, cells: list[str]) -> str:
        marks = [' class="number"' if at in numbers else "" for at in range(len(cells))]
        inner = "".join(f"<{tag}{mark}>{cell}</{tag}>" for mark, cell in zip(marks, cells, strict=True))
        return f"<tr>{inner}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', heads)}</thead><tbody>{body}</tbody></table>"


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(urllib.parse.quote(address))}">{escape(text)}</a>'


def _time(date: str) -> str:
    return f'<time datetime="{escape(date)}">{escape(date[:16].replace("T", " "))}</time>'


def home(hub: Hub, call: Call) -> Response:
    """Every repository the caller may see."""
    rows = []
    for repository in hub.repositories.all():
        if repository.private and not hub.authorized(call):
            continue
        row = describe(hub, repository, repository.resolve("main"))
        name = card_of(hub, hub.repositories.tree(repository, row["sha"])).get("pretty_name") or ""
        rows.append(
            [
                _link(f"/datasets/{repository.id}", repository.id)
                + f'<br><span class="soft">{escape(str(name))}</span>',
                "private" if repository.private else "public",
                escape(size_text(row["usedStorage"])),
                _time(row["lastModified"]),
            ]
        )
    listed = (
        _table(["Dataset", "Visibility", "Size", "Last change (UTC)"], rows, (2,))
        if rows
        else "<p>No dataset has been published here yet.</p>"
    )
    body = (
        "<header><h1>Datasets on this machine</h1>"
        f"<p>A Hub for one machine. Its files are in <code>{escape(str(hub.state.root))}</code>.</p></header>"
        f"<main>{listed}</main>"
        f"<footer><p>To use it: <code>HF_ENDPOINT={escape(call.base)}</code></p></footer>"
    )
    return _page("Datasets on this machine", body)


def dataset(hub: Hub, call: Call) -> Response:
    """One repository: card, files, commits."""
    repository, commit_id, tree = hub.revision(call)
    row = describe(hub, repository, commit_id)
    title = str(row["cardData"].get("pretty_name") or repository.id)
    labels = ["private" if repository.private else "public", *row["tags"]]
    tags = "".join(f'<span class="label">{escape(label)}</span>' for label in labels)
    readme = tree.get("README.md")
    content = b"".join(hub.read(readme, 0, readme.size)).decode("utf-8", "replace") if readme else ""
    card = body_of(content)
    body = (
        f"<header><p>{_link('/', 'All datasets')}</p><h1>{escape(title)}</h1>"
        f"<p><code>{escape(repository.id)}</code> at <code>{commit_id[:12]}</code></p><p>{tags}</p></header><main>"
        f"<section><h2>Card</h2>{f'<pre>{escape(card)}</pre>' if card else '<p>No card yet.</p>'}</section>"
        f"<section><h2>Files</h2>{_files(repository, tree)}</section>"
        f"<section><h2>Commits</h2>{_commits(repository, commit_id)}</section></main>"
        f"<footer><p>To load it: <code>HF_ENDPOINT={escape(call.base)}</code> and "
        f"<code>load_dataset(&quot;{escape(repository.id)}&quot;)</code></p></footer>"
    )
    return _page(title, body)


def _files(repository: Repository, tree: Tree) -> str:
    rows = [
        [_link(f"/datasets/{repository.id}/resolve/main/{path}", path), escape(size_text(entry.size))]
        for path, entry in tree.items()
    ]
    total = escape(size_text(sum(entry.size for entry in tree.values())))
    return _table(["File", "Size"], [*rows, [f'<span class="soft">{len(rows)} files</span>', total]], (1,))


def _commits(repository: Repository, commit_id: str) -> str:
    tags: dict[str, list[str]] = {}
    for tag, target in repository.tags.items():
        tags.setdefault(target, []).append(tag)
    rows: list[list[str]] = []
    for at, commit in repository.history(commit_id):
        if len(rows) == SHOWN_COMMITS:
            rows.append(["", "older commits are not shown", ""])
            break
        marks = "".join(f' <span class="label">{escape(tag)}</span>' for tag in tags.get(at, []))
        rows.append([f"<code>{at[:8]}</code>", escape(commit.title) + marks, _time(commit.date)])
    return _table(["Commit", "Title", "Date (UTC)"], rows)


ENDPOINTS = (
    Endpoint("GET", "/", home),
    Endpoint("GET", "/datasets/{ns}/{name}", dataset),
)
