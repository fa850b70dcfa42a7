"""An FTP server on loopback with files in memory, which knows as many commands as it is allowed, and misbehaves.

https://www.rfc-editor.org/rfc/rfc959 , https://www.rfc-editor.org/rfc/rfc3659
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class FtpFile:
    """One file, and when it was written (YYYYMMDDHHMMSS)."""

    content: bytes
    modified: str = "20240102030405"


@dataclass
class FtpServer:
    """`files` by their paths; `log` has the commands as they came."""

    files: dict[bytes, FtpFile] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    """Commands that it answers with 500."""
    replies: dict[str, str] = field(default_factory=dict)
    """Command -> what it says instead of doing it."""
    greeting: bytes = b"220 Welcome\r\n"
    lines: dict[bytes, list[bytes]] = field(default_factory=dict)
    """Folder -> the lines of its listing, instead of the true ones."""
    pasv_host: str = "127,0,0,1"
    cut: dict[bytes, int] = field(default_factory=dict)
    """Path -> after how many bytes the transfer ends, once, with 426."""
    log: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0
    before: Callable[[str], None] = lambda _: None
    """Is shown every command before it is obeyed."""

    @property
    def url(self) -> str:
        return f"ftp://127.0.0.1:{self.port}"

    def put(self, path: str, content: bytes, modified: str = "20240102030405") -> None:
        self.files[path.encode()] = FtpFile(content, modified)

    def asked(self, command: str) -> list[str]:
        return [line for line in self.log if line.partition(" ")[0] == command]


class _Conversation:
    def __init__(self, server: FtpServer, sock: socket.socket) -> None:
        self.server, self.sock, self.file = server, sock, sock.makefile("rb")
        self.here, self.rest = b"/", 0
        self.data: socket.socket | None = None

    def run(self) -> None:
        with self.file:
            try:
                self.converse()
            finally:
                self.hang_up()

    def hang_up(self) -> None:
        if self.data is not None:
            self.data.close()
        self.data = None

    def converse(self) -> None:
        self.sock.sendall(self.server.greeting)
        while line := self.file.readline():
            text = line.rstrip(b"\r\n")
            name, _, argument = text.partition(b" ")
            command = name.decode().upper()
            shown = text.decode("utf-8", "backslashreplace")
            self.server.log.append(shown)
            self.server.before(shown)
            if command in self.server.unknown:
                self.say("500 unknown")
            elif command in self.server.replies:
                self.say(self.server.replies[command])
            elif not hasattr(self, command):
                self.say("502 not implemented")
            else:
                getattr(self, command)(argument)
            if command == "QUIT":
                return

    def say(self, text: str) -> None:
        self.sock.sendall(f"{text}\r\n".encode())

    def USER(self, _: bytes) -> None:  # noqa: N802
        self.say("331 any password")

    def PASS(self, _: bytes) -> None:  # noqa: N802
        self.say("230-Hello\r\n 230 not yet\r\n230 in")

    def NOOP(self, _: bytes) -> None:  # noqa: N802
        self.say("200 yes")

    TYPE = NOOP

    def CWD(self, argument: bytes) -> None:  # noqa: N802
        folder = argument.rstrip(b"/") + b"/"
        known = (
            folder == b"/" or folder in self.server.lines or any(one.startswith(folder) for one in self.server.files)
        )
        self.here = folder if known else self.here
        self.say("250 there" if known else "550 no such folder")

    def PASV(self, _: bytes) -> None:  # noqa: N802
        self.hang_up()
        self.data = socket.create_server(("127.0.0.1", 0))
        high, low = divmod(self.data.getsockname()[1], 256)
        self.say(f"227 Entering Passive Mode ({self.server.pasv_host},{high},{low}).")

    def SIZE(self, argument: bytes) -> None:  # noqa: N802
        one = self.server.files.get(argument)
        self.say(f"213 {len(one.content)}" if one else "550 no such file")

    def MDTM(self, argument: bytes) -> None:  # noqa: N802
        one = self.server.files.get(argument)
        self.say(f"213 {one.modified}" if one else "550 no such file")

    def REST(self, argument: bytes) -> None:  # noqa: N802
        self.rest = int(argument)
        self.say("350 from there")

    def RETR(self, argument: bytes) -> None:  # noqa: N802
        one, begin = self.server.files.get(argument), self.rest
        self.rest = 0
        if one is None:
            self.hang_up()
            self.say("550 Failed to open file.")
            return
        end = self.server.cut.pop(argument, None)
        self.send(one.content[begin : None if end is None else begin + end], "226 done" if end is None else "426 broke")

    def MLSD(self, _: bytes) -> None:  # noqa: N802
        self.send(b"".join(line + b"\r\n" for line in self.server.lines.get(self.here) or self.entries(self.fact)))

    def LIST(self, _: bytes) -> None:  # noqa: N802
        self.send(b"".join(line + b"\r\n" for line in self.server.lines.get(self.here) or self.entries(self.long)))

    def entries(self, write: Callable[[bytes, FtpFile | None], bytes]) -> Iterator[bytes]:
        folders = set()
        for path, one in sorted(self.server.files.items()):
            if path.startswith(self.here):
                first, slash, _ = path[len(self.here) :].partition(b"/")
                if slash and first not in folders:
                    folders.add(first)
                    yield write(first, None)
                elif not slash:
                    yield write(first, one)

    @staticmethod
    def fact(name: bytes, one: FtpFile | None) -> bytes:
        if one is None:
            return b"type=dir;modify=20240101000000; " + name
        return f"Type=file;Size={len(one.content)};Modify={one.modified}; ".encode() + name

    @staticmethod
    def long(name: bytes, one: FtpFile | None) -> bytes:
        if one is None:
            return b"drwxr-xr-x    2 ftp      ftp          4096 Jan 02  2024 " + name
        return f"-rw-r--r--    1 ftp      ftp      {len(one.content):8} Jan 02 03:04 ".encode() + name

    def send(self, content: bytes, last: str = "226 done") -> None:
        assert self.data is not None
        self.data.settimeout(5)
        taken, _ = self.data.accept()
        self.say("150 here it comes")
        with taken, self.data:
            taken.sendall(content)
        self.say(last)


@contextlib.contextmanager
def ftp_server() -> Iterator[FtpServer]:
    """Serves until the block ends."""
    server = FtpServer()
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    opened: list[socket.socket] = []

    def converse(sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            _Conversation(server, sock).run()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                server.sessions += 1
                opened.append(sock)
                threading.Thread(target=converse, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in opened:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        thread.join(5)
