"""Speaks FTP behind the same door: what a server sends comes as an answer of HTTP, so that every rule of a guest holds.

FTP: https://www.rfc-editor.org/rfc/rfc959 ; SIZE, MDTM, MLSD and REST: https://www.rfc-editor.org/rfc/rfc3659 ; passive
mode: https://www.rfc-editor.org/rfc/rfc2428 ; anonymous, and who asks: https://www.rfc-editor.org/rfc/rfc1635

An address that ends in `/` is answered with its listing, as MLSD or LIST have it; any other with the file. Letters on
the wire are bytes here: names of old servers are in encodings that nobody says.
"""

import contextlib
import ftplib
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from urllib.parse import unquote_to_bytes

import httpcore
import httpx

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.web.deadline import Deadline
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.retry import Retry

MLSD = "text/x-ftp-mlsd"
"""Content-Type of a listing in the form of RFC 3659, 7: facts, a blank, a name."""
LIST = "text/x-ftp-list"
"""Of one in the server's own form."""
_BLOCK = 1 << 16
_MOST_LINES = 500
"""Of one reply: a server's greeting may be long, and is not endless."""
_UNKNOWN = ("500", "501", "502", "504")
"""Commands that a server does not know (RFC 959, 4.2.1)."""
_CROWDED = re.compile(r"too many|maximum|limit|full|busy|try again|later|OOPS", re.IGNORECASE)
"""ProFTPD and wu-ftpd say 530, as to a wrong password, where too many are there; vsftpd `500 OOPS` of its faults."""


class FtpTransport(httpx.BaseTransport):
    """One server, spoken to over one connection, which is opened again where it was closed."""

    def __init__(self, limits: Limits, deadline: Deadline) -> None:
        """deadline: of the step that is under way; the sockets keep to it."""
        self._limits, self._deadline = limits, deadline
        self._session: _Session | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The head of an answer: 200, 206 or 304. ObjectFailed where it has no such file, SourceChanged where it lets
        nobody in, Retry; errors of httpx where the connection fails.
        """
        where = f"ftp://{request.headers['Host']}{request.url.raw_path.decode('ascii')}"
        path = unquote_to_bytes(request.url.raw_path).decode("latin-1")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
            raise ObjectFailed("name", f"{where}: a control character stands in it, which no name of a file holds")
        with self._translated(where):
            session = self._open(request, where)
            return session.list(path, where) if path.endswith("/") else session.fetch(path, where, request.headers)

    def close(self) -> None:
        """Ends the connection, without a word: whatever is under way on it is given up."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open(self, request: httpx.Request, where: str) -> "_Session":
        if self._session is not None:
            with contextlib.suppress(EOFError, OSError, ftplib.Error):
                self._session.voidcmd("NOOP")
                return self._session
            self.close()
        self._session = session = _Session(self._limits, self._deadline)
        session.give_up = self.close
        try:
            session.connect(request.url.host, request.url.port or 21, session.left(self._limits.connect_seconds))
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        session.enter(request.headers["User-Agent"], where)
        return session

    @contextlib.contextmanager
    def _translated(self, where: str) -> Iterator[None]:
        """The errors of `ftplib` as those of this folder; after one, nobody knows what the connection says next."""
        try:
            yield
        except TimeoutError as error:
            self.close()
            raise httpx.ReadTimeout(str(error)) from error
        except (EOFError, OSError) as error:
            self.close()
            raise httpx.ReadError(str(error) or "closed by the server") from error
        except ftplib.error_temp as error:
            self.close()
            raise Retry(where, f"FTP says {error}", status=503 if str(error).startswith("421") else 0) from error
        except ftplib.Error as error:
            self.close()
            raise Retry(
                where, f"does not speak FTP as it is written ({error})", lasting="damaged", at_most=2
            ) from error
        except (httpx.ConnectError, Retry, SourceChanged):
            self.close()
            raise


class _Endless(ftplib.Error):
    """A reply that does not end."""


class _Dataless(ftplib.Error):
    """A server that opens no way for data."""


class _Session(ftplib.FTP):
    """A connection on which somebody is logged in."""

    def __init__(self, limits: Limits, deadline: Deadline) -> None:
        super().__init__(encoding="latin-1")
        self._limits, self._deadline = limits, deadline
        self._read, self._mode, self._has_mlsd = b"", "", True
        self.give_up: Callable[[], None] = self.close

    # --- what ftplib leaves open: https://docs.python.org/3/library/ftplib.html has one timeout for each read ---

    def getline(self) -> str:
        """A line of a reply, before the step has to be over."""
        while b"\n" not in self._read:
            if len(self._read) > self.maxline:
                raise _Endless(f"a line of more than {self.maxline} bytes")
            self._read += self.receive(self.sock)
        line, _, self._read = self._read.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def getmultiline(self) -> str:
        """A reply, of so many lines at most (RFC 959, 4.2)."""
        lines = [self.getline()]
        if lines[0][3:4] == "-":
            while not lines[-1].startswith(f"{lines[0][:3]} "):
                lines.append(self.getline())
                if len(lines) > _MOST_LINES:
                    raise _Endless(f"a reply of more than {_MOST_LINES} lines")
        return "\n".join(lines)

    def receive(self, sock: socket.socket | None, *, whole: bool = False) -> bytes:
        """What comes next; whole: nothing is the end, and no error."""
        assert sock is not None
        sock.settimeout(self.left())
        block = sock.recv(_BLOCK)
        self._deadline.heard = True
        if not block and not whole:
            raise EOFError("closed by the server")
        return block

    def left(self, most: float | None = None) -> float:
        """Seconds for what is read next; TimeoutError where the step is over."""
        try:
            return self._deadline.within(self._limits.read_seconds if most is None else most)
        except httpcore.ReadTimeout as error:
            raise TimeoutError(str(error)) from error

    # --- conversation ---

    def enter(self, user_agent: str, where: str) -> None:
        """Logs in as everybody may, and says who asks."""
        contact = re.search(r"\(\+(.+)\)", user_agent)
        try:
            self.login("anonymous", contact[1] if contact else "anonymous@")
        except ftplib.error_perm as error:
            if _CROWDED.search(str(error)):
                raise Retry(where, f"FTP says {error}", status=503) from error
            refusal = SourceChanged(
                f"{where}: lets nobody in without a password (FTP says {error}); nothing more is asked. Ask the "
                "custodian for an open address, or copy the files into a folder, and write file:FOLDER"
            )
            refusal.status = 401
            raise refusal from error
        with contextlib.suppress(ftplib.error_perm, ftplib.error_temp):
            self.sendcmd("OPTS UTF8 ON")  # IIS sends names in UTF-8 only then (RFC 2640 has no such word)

    def list(self, path: str, where: str) -> httpx.Response:
        """The listing of a folder. It is gone into first: many programs read a name behind LIST as options."""
        try:
            self.voidcmd(f"CWD {path.rstrip('/') or '/'}")
        except ftplib.error_perm as error:
            raise _gone(where, error) from error
        self._as("A")
        if self._has_mlsd:
            try:
                return self._answer(self._begin("MLSD")[0], {"Content-Type": MLSD})
            except ftplib.error_perm as error:
                if str(error)[:3] not in _UNKNOWN:
                    raise _gone(where, error) from error
                self._has_mlsd = False
        try:
            return self._answer(self._begin("LIST")[0], {"Content-Type": LIST})
        except ftplib.error_perm as error:
            raise _gone(where, error) from error

    def fetch(self, path: str, where: str, asked: httpx.Headers) -> httpx.Response:
        """A file, or the rest of one, or that it is what it was."""
        self._as("I")
        size, modified = self._number(f"SIZE {path}"), self._modified(path)
        headers = {"Date": formatdate(usegmt=True), "Accept-Ranges": "bytes"}
        if modified:
            headers["Last-Modified"] = format_datetime(modified, usegmt=True)
        if modified and size is not None:
            headers["ETag"] = f'W/"{size}-{modified:%Y%m%d%H%M%S}"'
        if asked.get("If-None-Match", "") == headers.get("ETag", " "):
            return httpx.Response(304, headers=headers)
        begin = int(asked.get("Range", "").removeprefix("bytes=").rstrip("-") or 0)
        if begin and (size is None or begin >= size or asked.get("If-Range") != headers.get("Last-Modified")):
            begin = 0
        try:
            data, said = self._begin(f"RETR {path}", begin)
        except ftplib.error_perm as error:
            if begin and str(error)[:3] in _UNKNOWN:  # it knows no REST
                begin, (data, said) = 0, self._begin(f"RETR {path}")
            else:
                raise _gone(where, error) from error
        size = said if size is None and not begin else size
        if begin:
            headers["Content-Range"] = f"bytes {begin}-{(size or 0) - 1}/{size}"
        if size is not None:
            headers["Content-Length"] = str(size - begin)
        return self._answer(data, headers, 206 if begin else 200)

    def _begin(self, command: str, begin: int = 0) -> tuple[socket.socket, int | None]:
        # To the server's own address, whichever its answer to PASV names: that of another would make us its hand
        # (the default of ftplib since 3.9.3: https://bugs.python.org/issue43285).
        self.timeout = self.left(self._limits.connect_seconds)
        return self.ntransfercmd(command, rest=begin or None)

    def makepasv(self) -> tuple[str, int]:
        """Where the data come from: some servers behind a firewall know EPSV alone (RFC 2428, 3)."""
        try:
            return super().makepasv()
        except (ftplib.error_perm, ftplib.error_proto, ftplib.error_reply) as error:
            assert self.sock is not None
            try:
                return ftplib.parse229(self.sendcmd("EPSV"), self.sock.getpeername())  # noqa: S321 - it reads a text
            except (ftplib.error_perm, ftplib.error_proto, ftplib.error_reply):
                raise _Dataless(f"it opens no connection for data: {error}") from error

    def _as(self, mode: str) -> None:
        if self._mode != mode:
            self.voidcmd(f"TYPE {mode}")
            self._mode = mode

    def _number(self, command: str) -> int | None:
        digits = self._said(command)
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None

    def _modified(self, path: str) -> datetime | None:
        """UTC (RFC 3659, 2.3); None where it does not say it."""
        try:
            return datetime.strptime(self._said(f"MDTM {path}")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None

    def _said(self, command: str) -> str:
        """What stands behind 213; nothing where it does not know the command, or has no such file."""
        try:
            return self.sendcmd(command)[3:].strip()
        except ftplib.error_perm:
            return ""

    def _answer(self, data: socket.socket, headers: dict[str, str], status: int = 200) -> httpx.Response:
        length = headers.get("Content-Length")
        return httpx.Response(status, headers=headers, stream=_Body(self, data, int(length) if length else None))


class _Body(httpx.SyncByteStream):
    """What comes over the data connection, whole only with the server's word for it: at its end, or its size before."""

    def __init__(self, session: _Session, data: socket.socket, due: int | None) -> None:
        self._session, self._data, self._due, self._ended = session, data, due, False

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        try:
            while block := self._session.receive(self._data, whole=True):
                received += len(block)
                yield block
            self._data.close()
            self._session.voidresp()
        except TimeoutError as error:
            if received != self._due:
                raise httpx.ReadTimeout(str(error)) from error
        except (EOFError, OSError) as error:
            if received != self._due:
                raise httpx.ReadError(str(error)) from error
        except ftplib.Error as error:
            raise httpx.ReadError(str(error)) from error
        else:
            self._ended = True
        # Routers forget a connection on which nothing is said while a large file comes over the other one: then all of
        # it is here, and the word for it never comes.

    def close(self) -> None:
        self._data.close()
        if not self._ended:  # the rest would come, and its reply in front of the next one
            self._session.give_up()


def _gone(where: str, error: ftplib.error_perm) -> ObjectFailed:
    folder = "" if where.endswith("/") else "; where it is a folder, write / at its end"
    said = "".join(letter for letter in str(error) if letter.isprintable())[:200]
    return ObjectFailed("not_found", f"{where}: is not there, or not open to everybody (FTP says {said}){folder}")
