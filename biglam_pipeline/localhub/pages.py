"""What does a person see in a browser? The repositories, and for each its card, first rows, files and history."""

import posixpath
import urllib.parse
from html import escape

from starlette.responses import HTMLResponse, Response

from biglam_pipeline.localhub.cards import body_of
from biglam_pipeline.localhub.community import find
from biglam_pipeline.localhub.discussions import Discussion
from biglam_pipeline.localhub.exchange import Call, Endpoint
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.listing import MAX_CARD_BYTES, card_of, describe
from biglam_pipeline.localhub.markdown import Place, render
from biglam_pipeline.localhub.preview import first_parquet, picture_type, read_rows, rows_html
from biglam_pipeline.localhub.repositories import Repository, Tree, gone
from biglam_pipeline.localhub.styles import STYLE

SHOWN_COMMITS, SHOWN_FILES = 50, 500
# No script may run here, whatever a card holds, and no other host is asked for anything.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


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


def _label(text: str, kind: str = "") -> str:
    return f'<span class="label{" " + kind if kind else ""}">{escape(text)}</span>'


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
    """One repository at a revision: card, first rows, files, discussions, history."""
    repository, commit_id, tree = hub.revision(call)
    row = describe(hub, repository, commit_id)
    title = str(row["cardData"].get("pretty_name") or repository.id)
    labels = ["private" if repository.private else "public", *row["tags"]]
    parts = {
        "Card": _card(hub, repository, commit_id, tree),
        "First rows": _rows(hub, repository, commit_id, tree),
        "Files": _files(repository, tree, call.at.get("rev", "main")),
        "Discussions": _discussions(repository),
        "History": _commits(repository, commit_id),
        "Use": _use(repository, call),
    }
    anchors = {name: name.lower().replace(" ", "-") for name, html in parts.items() if html}
    within = "".join(f'<a href="#{anchor}">{name}</a>' for name, anchor in anchors.items())
    body = (
        f"<header><nav>{_link('/', 'All datasets')}</nav><h1>{escape(title)}</h1>"
        f'<p><code>{escape(repository.id)}</code> <span class="soft">at</span> <code>{commit_id[:12]}</code></p>'
        f"<p>{''.join(_label(label) for label in labels)}</p></header>"
        f'<nav class="within">{within}</nav><main>'
        + "".join(f'<section id="{anchor}">{_heading(name)}{parts[name]}</section>' for name, anchor in anchors.items())
        + "</main>"
    )
    return _page(title, body)


def _heading(name: str) -> str:
    return "" if name == "Card" else f"<h2>{name}</h2>"  # a card has a title of its own


def _card(hub: Hub, repository: Repository, commit_id: str, tree: Tree) -> str:
    readme = tree.get("README.md")
    text = body_of(hub.text(readme, MAX_CARD_BYTES)) if readme and not gone(repository, readme) else ""
    if not text.strip():
        return "<p>No card yet.</p>"
    here = f"/datasets/{repository.id}"

    def path_of(address: str) -> str | None:
        asked = urllib.parse.urlsplit(address)
        path = posixpath.normpath(urllib.parse.unquote(asked.path))
        return path if not asked.scheme and not asked.netloc and path in tree else None

    def picture(address: str) -> str | None:
        path = path_of(address)
        if path is None or picture_type(b"".join(hub.read(tree[path], 0, min(12, tree[path].size)))) is None:
            return None
        return urllib.parse.quote(f"{here}/picture/{commit_id}/{path}")

    def link(address: str) -> str | None:
        path = path_of(address)
        return urllib.parse.quote(f"{here}/resolve/{commit_id}/{path}") if path else None

    places: tuple[Place, Place] = (picture, link)
    return f'<div class="card">{render(text, *places, depth=1)}</div>'


def _rows(hub: Hub, repository: Repository, commit_id: str, tree: Tree) -> str:
    path = first_parquet(repository, tree)
    if path is None:
        return ""
    rows = read_rows(hub, tree[path])
    if rows is None:
        return f"<p>The rows of <code>{escape(path)}</code> cannot be read.</p>"
    address = urllib.parse.quote(f"/datasets/{repository.id}/picture/{commit_id}/{path}")
    shown = len(rows.columns[0]) if rows.columns else 0
    left_out = f"; {rows.left_out} columns, empty here or too many, are not shown" if rows.left_out else ""
    return (
        f'<p class="soft">{shown:,} of {rows.total:,} rows of <code>{escape(path)}</code>{left_out}</p>'
        f'<div class="rows" tabindex="0" role="region" aria-label="First rows">{rows_html(rows, address)}</div>'
    )


def _files(repository: Repository, tree: Tree, revision: str) -> str:
    folder = f"/datasets/{repository.id}/resolve/{urllib.parse.quote(revision, safe='')}"
    rows = []
    for path, entry in list(tree.items())[:SHOWN_FILES]:
        name = f'<a href="{escape(f"{folder}/{urllib.parse.quote(path)}")}">{escape(path)}</a>'
        if gone(repository, entry):
            name = f"<s>{escape(path)}</s>" + _label("deleted for good")
        rows.append([name, escape(size_text(entry.size))])
    total = escape(size_text(sum(entry.size for entry in tree.values())))
    count = f"{len(tree)} files" + (f", the first {SHOWN_FILES} are shown" if len(tree) > SHOWN_FILES else "")
    return _table(["File", "Size"], [*rows, [f'<span class="soft">{count}</span>', total]], (1,))


def _discussions(repository: Repository) -> str:
    rows = [
        [
            _link(f"/datasets/{repository.id}/discussions/{discussion.num}", f"#{discussion.num} {discussion.title}"),
            _status(discussion),
            _time(discussion.created),
        ]
        for discussion in reversed(repository.discussions.values())
    ]
    return _table(["Title", "Status", "Begun (UTC)"], rows) if rows else ""


def _status(discussion: Discussion) -> str:
    kind = "discussion" if discussion.base is None else "pull request"
    return f"{kind} {_label(discussion.status, discussion.status)}"


def _commits(repository: Repository, commit_id: str) -> str:
    tags: dict[str, list[str]] = {}
    for tag, target in repository.tags.items():
        tags.setdefault(target, []).append(tag)
    rows: list[list[str]] = []
    for at, commit in repository.history(commit_id):
        if len(rows) == SHOWN_COMMITS:
            rows.append(["", "older commits are not shown", ""])
            break
        marks = "".join(_label(tag, "tag") for tag in tags.get(at, []))
        name = f'<a href="/datasets/{escape(repository.id)}/tree/{at}"><code>{at[:8]}</code></a>'
        rows.append([name, escape(commit.title) + marks, _time(commit.date)])
    return _table(["Commit", "Title", "Date (UTC)"], rows)


def _use(repository: Repository, call: Call) -> str:
    lines = f'# with HF_ENDPOINT={call.base}\nfrom datasets import load_dataset\n\nload_dataset("{repository.id}")'
    return f"<pre><code>{escape(lines)}</code></pre>"


def discussion(hub: Hub, call: Call) -> Response:
    """One discussion or pull request, with all that was said and done."""
    repository = hub.repository(call)
    found = find(repository, call.at["num"])
    events = []
    for event in found.events:
        who = f'<span class="soft">{escape(event["author"]["name"])}, {_time(event["createdAt"])}</span>'
        data = event["data"]
        match event["type"]:
            case "comment":
                # Rendered again: only what `render` lets through is ever shown.
                text = '<p class="soft">hidden</p>' if data["hidden"] else render(data["latest"]["raw"], depth=2)
                events.append(f'<article class="remark"><p>{who}</p>{text}</article>')
            case "commit":
                events.append(f"<p><code>{data['oid'][:8]}</code> {escape(data['subject'])} {who}</p>")
            case "status-change":
                events.append(f"<p>{_label(data['status'], data['status'])} {who}</p>")
            case _:
                events.append(f"<p>now called {escape(str(data.get('to', '')))} {who}</p>")
    home_link = _link(f"/datasets/{repository.id}", repository.id)
    heading = f'<h1>{escape(found.title)} <span class="soft">#{found.num}</span></h1><p>{_status(found)}</p>'
    return _page(found.title, f"<header><nav>{home_link}</nav>{heading}</header><main>{''.join(events)}</main>")


ENDPOINTS = (
    Endpoint("GET", "/", home),
    Endpoint("GET", "/datasets/{ns}/{name}", dataset),
    Endpoint("GET", "/datasets/{ns}/{name}/tree/{rev}", dataset),
    Endpoint("GET", "/datasets/{ns}/{name}/discussions/{num}", discussion),
)
