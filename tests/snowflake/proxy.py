"""A way to a server that breaks when it is told to: a TCP proxy on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Verdict = str
"""`pass`; `refuse`: what was asked never reaches the server; `deafen`: it does, and the answer never comes back."""


class CuttingProxy:
    """Forwards one connection after the other to a port of this machine; `judge` decides over each request."""

    def __init__(self, port: int, judge: Callable[[bytes], Verdict]) -> None:
        self._to = port
        self._judge = judge
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        deaf = threading.Event()
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as server:
            threading.Thread(target=self._answer, args=(server, client, deaf), daemon=True).start()
            while data := client.recv(1 << 16):
                verdict = self._judge(data)
                if verdict == "refuse":
                    self.cuts += 1
                    return
                if verdict == "deafen":
                    self.cuts += 1
                    deaf.set()
                server.sendall(data)

    def _answer(self, server: socket.socket, client: socket.socket, deaf: threading.Event) -> None:
        server_port, port = self._to, self.port
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if deaf.is_set():
                    # The server has done it, and says so to nobody.
                    client.shutdown(socket.SHUT_RDWR)
                    return
                # Where files go to is said by address: they take the same way. Both ports have five digits.
                client.sendall(data.replace(b"127.0.0.1:%d" % server_port, b"127.0.0.1:%d" % port))
