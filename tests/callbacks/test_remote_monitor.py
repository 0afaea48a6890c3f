"""RemoteMonitor: what arrives at a server, and what happens without one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest

import kerasish
from kerasish import callbacks, layers
from kerasish.errors import ArgumentError


@pytest.fixture
def server():
    arrived = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            arrived.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", arrived
        running.shutdown()
        thread.join()


def fit(*given):
    model = kerasish.Sequential([kerasish.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    return model.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=list(given)).history


def test_each_epoch_arrives(server):
    root, arrived = server
    history = fit(
        callbacks.RemoteMonitor(root, headers={"X-Run": "a"}),
        callbacks.RemoteMonitor(root, path="/json", send_as_json=True),
    )
    form, plain = arrived[2:]
    assert form[0] == "/publish/epoch/end/" and form[1]["X-Run"] == "a"
    expected = {"epoch": 1, "loss": history["loss"][1]}
    assert json.loads(parse_qs(form[2])["data"][0]) == pytest.approx(expected)
    assert plain[0] == "/json" and plain[1]["Content-Type"] == "application/json"
    assert json.loads(plain[2]) == pytest.approx(expected)


def test_a_server_that_is_not_there_costs_a_warning():
    with pytest.warns(UserWarning, match="could not send"):
        history = fit(callbacks.RemoteMonitor("http://127.0.0.1:9"))
    assert len(history["loss"]) == 2


def test_an_address_that_is_none_is_refused():
    with pytest.raises(ArgumentError, match="http"):
        callbacks.RemoteMonitor("file:///etc/passwd")


def test_a_bar_that_is_given_is_the_only_one(capsys):
    model = kerasish.Sequential([kerasish.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], verbose=2, callbacks=[callbacks.ProgbarLogger()])
    assert capsys.readouterr().out.count("Epoch 1/1") == 1
