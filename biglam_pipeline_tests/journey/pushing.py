"""Commits as git would make them: the Hub's client looks at a card first, and a push does not, nor did it years ago."""

import base64
import json

import httpx


def push(endpoint: str, repository: str, files: dict[str, bytes]) -> str:
    """Commits small files to `main`; the commit."""
    lines: list[dict[str, object]] = [{"key": "header", "value": {"summary": "pushed", "description": ""}}]
    for path, data in files.items():
        content = base64.b64encode(data).decode()
        lines.append({"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}})
    answer = httpx.post(
        f"{endpoint}/api/datasets/{repository}/commit/main",
        content="\n".join(json.dumps(line) for line in lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    answer.raise_for_status()
    return str(answer.json()["commitOid"])
