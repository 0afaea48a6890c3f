"""RemoteMonitor: sends the logs of epochs to a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping

from kerasish.callbacks.callback import Callback
from kerasish.core.errors import ArgumentError

__all__ = ["RemoteMonitor"]

# Timeout of a request, during which training waits.
_SECONDS = 10.0


class RemoteMonitor(Callback):
    """Sends the logs of each epoch to a server, as an HTTP POST.

    The body is a JSON object with `epoch`, counted from 0, and the logs. If the server cannot be
    reached, a warning says so and training continues.

    Args:
        root: the address of the server.
        path: the path of the request.
        field: the name of the form field with the JSON.
        headers: HTTP headers to send as well.
        send_as_json: whether the body is the JSON itself, instead of a form.

    Raises:
        ArgumentError: if `root` is not the address of a web server.

    Examples:
        >>> monitor = RemoteMonitor("http://localhost:9000", send_as_json=True)
        >>> monitor.path
        '/publish/epoch/end/'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not root.startswith(("http://", "https://")):
            raise ArgumentError(
                f"RemoteMonitor sends to a web server; `root` must begin with http:// or https://, "
                f"got {root!r}."
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = dict(headers or {})
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Send the logs."""
        text = json.dumps(
            {"epoch": epoch} | {name: _as_json(v) for name, v in (logs or {}).items()}
        )
        if self.send_as_json:
            body, kind = text, "application/json"
        else:
            form = {self.field: text}
            body, kind = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind} | self.headers
        request = urllib.request.Request(self.root + self.path, body.encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=_SECONDS).close()
        except (OSError, urllib.error.HTTPError) as error:
            warnings.warn(f"RemoteMonitor could not send to {self.root}: {error}.", stacklevel=2)


def _as_json(value: object) -> object:
    """Return an array or a number in a form that JSON has."""
    return value.tolist() if hasattr(value, "tolist") else value
