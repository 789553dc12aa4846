"""A second window on the same catalogue brings the first to the front instead of opening."""

import hashlib
import logging
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)
CONNECT_MS = 200


def server_name(path: Path) -> str:
    """One name per user and catalogue."""
    owner = os.environ.get("USERNAME") or os.environ.get("USER") or str(Path.home())
    key = f"{owner}\0{os.path.normcase(path.resolve())}"
    return f"lookalike-{hashlib.sha256(os.fsencode(key)).hexdigest()[:24]}"


class Front(QObject):
    """Listens for other windows that want this window's catalogue."""

    wanted = Signal()  # come to the front

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None

    def raise_other(self, path: Path) -> bool:
        """Bring the window that has this catalogue to the front. False where there is none."""
        socket = QLocalSocket()
        socket.connectToServer(server_name(path))
        if not socket.waitForConnected(CONNECT_MS):
            return False
        socket.write(b"raise\n")
        socket.waitForBytesWritten(CONNECT_MS)
        socket.disconnectFromServer()
        return True

    def hold(self, path: Path) -> None:
        """This window has the catalogue now, and no other."""
        self.release()
        name = server_name(path)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(name):
            # Left behind by a window that was killed: nobody answered, so it is stale.
            QLocalServer.removeServer(name)
            if not server.listen(name):
                log.info("No other window can find this one: %s", server.errorString())
                return
        server.newConnection.connect(self._answer)
        self._server = server

    def release(self) -> None:
        """The catalogue was closed."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def _answer(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.disconnected.connect(socket.deleteLater)
            self.wanted.emit()
