"""What is shown while a model works, and the table that `summary` prints."""

import contextlib
import io
import math
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from kerasish.callbacks.display import Display, make_display
from kerasish.callbacks.display.lines import (
    HEAVY,
    Line,
    arrange,
    format_pace,
    format_value,
    plain,
)
from kerasish.callbacks.display.screens import LogScreen
from kerasish.callbacks.display.terminal import TerminalScreen
from kerasish.callbacks.progbar_logger import ProgbarLogger
from kerasish.core.errors import ArgumentError
from kerasish.models.summary import SummaryRow, SummaryTotals
from kerasish.models.table import print_table

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # all but the line feed


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Counted(Mapping[str, float]):
    """Logs that count how often they are read."""

    def __init__(self, **values: float) -> None:
        self.values_, self.reads = values, 0

    def __getitem__(self, name: str) -> float:
        self.reads += 1
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        self.reads += 1
        return len(self.values_)


class Slow(Counted):
    """Logs for which the reader waits: the device is still computing them."""

    def __init__(self, clock: Clock, seconds: float, **values: float) -> None:
        super().__init__(**values)
        self.clock, self.seconds = clock, seconds

    def __getitem__(self, name: str) -> float:
        self.clock.now, self.seconds = self.clock.now + self.seconds, 0.0
        return super().__getitem__(name)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Encoded(io.TextIOWrapper):
    """A stream that cannot write every character, and fails on one it cannot."""

    def __init__(self, encoding: str, tty: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def text(self) -> str:
        self.flush()
        written: bytes = self.buffer.getvalue()  # type: ignore[attr-defined]
        return written.decode(self.encoding)


def log(interval: float = 30.0) -> tuple[Display, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return Display(LogScreen(stream, interval), clock), stream, clock


def bar(width: int = 80) -> tuple[Display, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    console = Console(
        file=stream, force_terminal=True, width=width, height=24, legacy_windows=False, _environ={}
    )
    return Display(TerminalScreen(console), clock), stream, clock


def train(display: Display, epochs: int = 2, steps: int = 469) -> None:
    for epoch in range(epochs):
        display.begin(f"Epoch {epoch + 1}/{epochs}", steps)
        display.status("compiling")
        for step in range(steps):
            display.update(step + 1, {"accuracy": 0.9312, "loss": 0.221})
        display.status("validating")
        display.end(steps, {"accuracy": 0.9312, "loss": 0.221, "val_loss": 1.2e-5})
    display.close()


def without_style(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


# Numbers


def test_metrics_have_four_decimals_and_small_ones_an_exponent() -> None:
    shown = [format_value(x) for x in (0.5, -2, 0.001, 9.9e-4, -1e-7, 0, 3e9, math.inf)]
    expected = ["0.5000", "-2.0000", "0.0010", "9.9000e-04", "-1.0000e-07", "0.0000"]
    assert shown == [*expected, "3.0000e+09", "inf"]


def test_a_metric_that_is_no_number_does_not_stop_the_training() -> None:
    assert format_value("high") == "high"
    assert format_value(None) == "None"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0us/step"),
        (0.00099, "990us/step"),
        (0.0009996, "1.0ms/step"),
        (0.00999, "10ms/step"),
        (0.9996, "1.0s/step"),
        (75.0, "75s/step"),
    ],
)
def test_the_unit_of_the_pace_fits_its_size(seconds: float, text: str) -> None:
    assert format_pace(seconds, "step") == text


# A log file


def test_a_log_has_a_title_and_a_line_per_epoch_and_no_control_characters() -> None:
    display, stream, _ = log()
    train(display)
    line = "469/469 - 0s - 0us/step - accuracy: 0.9312 - loss: 0.2210 - val_loss: 1.2000e-05"
    expected = ["Epoch 1/2", "compiling ...", line, "Epoch 2/2", line]
    assert stream.getvalue().splitlines() == expected
    assert not CONTROL.search(stream.getvalue())


def test_a_log_gets_a_line_every_half_minute_of_a_long_epoch() -> None:
    display, stream, clock = log()
    display.begin("Epoch 1/1", 1000)
    for step in range(70):
        clock.now += 1
        display.update(step + 1, {"loss": 0.5})
    lines = stream.getvalue().splitlines()
    assert lines[1:] == [
        "  30/1000 - 16:10 left - 1.0s/step - loss: 0.5000",
        "  60/1000 - 15:40 left - 1.0s/step - loss: 0.5000",
    ]


def test_an_ascii_stream_takes_any_name_of_a_metric() -> None:
    stream = Encoded("ascii")
    display = make_display(1, stream=stream)
    display.begin("Epoch 1/1", 1)
    display.end(1, {"précision": 0.5})
    assert "pr?cision: 0.5000" in stream.text()


def test_verbose_2_is_one_line_per_epoch_wherever_it_goes() -> None:
    stream = Terminal()
    train(make_display(2, stream=stream), epochs=1, steps=3)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert re.match(r"3/3 - 0s - \S+s/step - accuracy: 0.9312 - loss: 0.2210 - val", lines[1])


def test_silence() -> None:
    stream = Terminal()
    logs = Counted(loss=1.0)
    display = make_display(0, stream=stream)
    display.begin("Epoch 1/1", 10)
    assert not display.wants_update()
    assert display.interval == math.inf
    display.update(1, logs)
    assert logs.reads == 0
    display.close()
    assert stream.getvalue() == ""


def test_verbose_is_checked() -> None:
    with pytest.raises(ArgumentError, match="not 7"):
        make_display(7)
    assert make_display("auto", stream=io.StringIO()).interval == 30


def test_forced_colour_does_not_make_a_file_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    train(make_display(1, stream=stream), steps=3)
    assert not CONTROL.search(stream.getvalue())


# Time


def test_logs_are_read_only_when_they_are_shown() -> None:
    display, _, clock = bar()
    logs = Counted(loss=0.5)
    display.begin("Epoch 1/1", 100)
    assert display.wants_update(clock.now)
    display.update(1, logs)
    assert logs.reads == 1
    for step in range(2, 50):
        clock.now += 0.001
        assert not display.wants_update(clock.now)
        display.update(step, logs)
    assert logs.reads == 1
    clock.now += 0.1
    assert display.wants_update()
    display.update(50, logs)
    assert logs.reads == 2
    display.end(100, logs)
    assert logs.reads == 3


def test_compiling_and_validating_are_no_time_of_the_steps() -> None:
    display, stream, clock = log()
    display.begin("Epoch 1/1", 10)
    display.status("compiling")
    clock.now += 20
    display.status("compiling")  # said twice, counted once
    clock.now += 20
    for step in range(10):
        display.update(step + 1, {})
        clock.now += 0.025
    display.status("validating")
    clock.now += 7
    display.end(10, {})
    assert (
        stream.getvalue().splitlines()[-1]
        == "10/10 - 47s (40s compiling, 7s validating) - 25ms/step"
    )


def test_the_pace_waits_for_what_was_only_dispatched() -> None:
    display, stream, clock = log(math.inf)
    display.begin("Epoch 1/1", 9)
    for step in range(9):
        clock.now += 0.00007
        display.update(step + 1, {})
    display.end(9, Slow(clock, 2.0, loss=0.5))
    assert stream.getvalue().splitlines()[-1] == "9/9 - 2s - 222ms/step - loss: 0.5000"


# A terminal


def test_the_bar_leaves_titles_and_finished_lines() -> None:
    display, stream, _ = bar(width=100)
    train(display)
    text = without_style(stream.getvalue())
    line = (
        "━━━━━━━━━━━━━━━━━━━━ 0s 0us/step - accuracy: 0.9312 - loss: 0.2210 - val_loss: 1.2000e-05"
    )
    assert text.count(f"469/469 {line}") == 2
    assert text.index("Epoch 1/2") < text.index(line) < text.index("Epoch 2/2")


def test_the_running_bar_shows_the_time_left() -> None:
    display, stream, clock = bar()
    display.begin(None, 469)
    clock.now += 3
    display.update(120, {"accuracy": 0.9})
    wait_until(lambda: "accuracy" in stream.getvalue())
    display.close()
    assert "120/469 ━━━━━╺────────────── 9s 25ms/step - accuracy: 0.9000" in without_style(
        stream.getvalue()
    )


def test_a_status_ticks_while_nothing_is_called() -> None:
    display, stream, clock = bar()
    display.begin("Epoch 1/1", 10)
    display.status("compiling")
    clock.now += 12
    wait_until(lambda: "compiling 12s" in without_style(stream.getvalue()))
    display.close()


def test_a_status_shows_the_steps_that_were_done() -> None:
    display, stream, clock = bar()
    display.begin("Epoch 1/1", 10)
    for step in range(10):
        clock.now += 0.001
        display.update(step + 1, {})
    display.status("validating")
    wait_until(lambda: "validating" in stream.getvalue())
    display.close()
    assert re.search(r"10/10 ━{20} validating", without_style(stream.getvalue()))


def test_an_unknown_number_of_steps_shows_at_the_end() -> None:
    display, stream, _ = bar()
    display.begin("Epoch 1/1", None)
    display.update(3, {})
    wait_until(lambda: "3/Unknown" in without_style(stream.getvalue()))
    display.end(57, {"loss": 1.0})
    assert "57/57 ━━━━━━━━━━━━━━━━━━━━ 0s" in without_style(stream.getvalue())


@pytest.mark.parametrize("width", [20, 30, 50, 80, 200])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    metrics = tuple(f"metric_{i}: 0.5000" for i in range(12))
    line = Line(120, 469, ("9s", "25ms/step"), metrics)
    rows = plain(arrange(line, width, HEAVY)).splitlines()
    assert all(len(row) <= max(width, 25) for row in rows)
    assert " ".join(rows).count("0.5000") == 12


@pytest.mark.parametrize("finish", ["close", "end", "interrupt"])
def test_the_cursor_comes_back(finish: str) -> None:
    display, stream, _ = bar()
    with contextlib.suppress(KeyboardInterrupt):
        try:
            display.begin("Epoch 1/1", 10)
            display.update(4, {"loss": 0.5})
            if finish == "interrupt":
                raise KeyboardInterrupt
            if finish == "end":
                display.end(10, {"loss": 0.5})
        finally:
            display.close()
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")
    last = without_style(stream.getvalue()).splitlines()[-1]
    assert last.startswith("10/10" if finish == "end" else " 4/10")
    before = stream.getvalue()
    display.close()
    display.update(5, {})
    display.status("gone")
    display.end(10, {})
    assert stream.getvalue() == before


def test_one_bar_at_a_time() -> None:
    outer, stream, _ = bar()
    inner = Display(TerminalScreen(outer._screen._console))  # type: ignore[attr-defined]
    outer.begin("Epoch 1/1", 10)
    inner.begin(None, 5)
    assert len(TerminalScreen._moving) == 1
    inner.end(5, {})
    outer.update(1, {})  # not yet time to refresh, but it may come back
    outer.end(10, {"loss": 0.5})
    assert not TerminalScreen._moving
    text = without_style(stream.getvalue())
    assert text.index("5/5 ━") < text.index("10/10 ━")


def test_what_a_callback_prints_stays_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm")
    display = make_display(1)
    display.begin("Epoch 1/1", 10)
    print("whole line")
    print("half a line", end="")
    display.end(10, {})
    assert sys.stdout is stream
    text = without_style(stream.getvalue())
    assert text.index("whole line") < text.index("half a line") < text.index("10/10 ━")


def test_a_low_terminal_is_not_flooded() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=40, height=5, _environ={})
    screen = TerminalScreen(console)
    line = Line(1, 2, ("1s",), tuple(f"metric_{i}: 0.5000" for i in range(40)))
    assert len(screen._text(line, moving=True).plain.splitlines()) == 4
    assert len(screen._text(line, moving=False).plain.splitlines()) > 4


def test_an_ascii_terminal_gets_an_ascii_bar() -> None:
    stream = Encoded("ascii", tty=True)
    console = Console(file=stream, force_terminal=True, width=80, legacy_windows=False, _environ={})
    train(make_display(1, console=console), epochs=1, steps=4)
    assert "4/4 ==================== 0s" in without_style(stream.text())


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    train(bar()[0])
    wait_until(lambda: threading.active_count() <= before)


# A notebook


class Handle:
    """What `IPython.display.display(..., display_id=True)` gives back."""

    def __init__(self, bundle: dict[str, str]) -> None:
        self.states = [bundle]

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.states.append(bundle)


@pytest.fixture
def handles(monkeypatch: pytest.MonkeyPatch) -> list[Handle]:
    made: list[Handle] = []

    def show(bundle: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw and display_id
        made.append(Handle(bundle))
        return made[-1]

    fake: Any = ModuleType("IPython")
    fake.get_ipython = lambda: SimpleNamespace(kernel=object())
    fake.display = SimpleNamespace(display=show)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    return made


def test_a_notebook_keeps_one_output_of_plain_text(
    handles: list[Handle], capsys: pytest.CaptureFixture[str]
) -> None:
    train(make_display(1))
    (handle,) = handles
    assert handle.states[0]["text/plain"].startswith("Epoch 1/2\n  0/469 ╺")
    last = handle.states[-1]
    assert list(last) == ["text/plain"]
    lines = last["text/plain"].splitlines()
    assert [lines[0], lines[2]] == ["Epoch 1/2", "Epoch 2/2"]
    assert re.fullmatch(r"469/469 ━{20} 0s \S+s/step - accuracy: 0.*1.2000e-05", lines[3])
    assert not CONTROL.search(last["text/plain"])
    assert capsys.readouterr().out == ""


def test_a_notebook_ticks_while_nothing_is_called(handles: list[Handle]) -> None:
    display = make_display(1)
    display.begin(None, 10)
    display.status("compiling")
    wait_until(lambda: "compiling" in handles[0].states[-1]["text/plain"])
    display.close()
    display.close()
    shown = len(handles[0].states)
    time.sleep(0.3)
    assert len(handles[0].states) == shown


def test_a_long_training_does_not_send_all_of_itself_each_time(handles: list[Handle]) -> None:
    train(make_display(1), epochs=100, steps=1)
    assert len(handles) == 4
    assert all(len(h.states[-1]["text/plain"].splitlines()) <= 62 for h in handles)


def test_a_stream_that_was_asked_for_is_used_in_a_notebook_too(handles: list[Handle]) -> None:
    stream = io.StringIO()
    train(make_display(1, stream=stream), steps=1)
    assert stream.getvalue()
    assert not handles


def test_ipython_in_a_terminal_is_no_notebook(
    handles: list[Handle], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    train(make_display(1), steps=1)
    assert "Epoch 1/2\n" in capsys.readouterr().out
    assert not handles


def test_rich_is_not_imported_before_it_is_used() -> None:
    code = (
        "import sys, kerasish.callbacks.display as d, kerasish.models.table;"
        "d.make_display(2).close(); assert not {'rich', 'IPython'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The callback


def progress(verbose: int = 1, **params: object) -> tuple[ProgbarLogger, io.StringIO]:
    stream = io.StringIO()
    callback = ProgbarLogger(make_display(verbose, stream=stream))
    callback.params = {"epochs": 5, "steps": 3, "verbose": verbose, **params}
    return callback, stream


def test_a_fit_with_validation_has_one_line_per_epoch() -> None:
    callback, stream = progress()
    callback.on_train_begin()
    for epoch in (3, 4):  # initial_epoch=3
        callback.on_epoch_begin(epoch)
        for batch in range(3):
            callback.on_train_batch_end(batch, {"loss": 0.5})
        callback.on_test_begin()
        callback.on_test_batch_end(0, {"loss": 9.0})
        callback.on_test_end({"loss": 9.0})
        callback.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 9.0})
    callback.on_train_end()
    lines = stream.getvalue().splitlines()
    assert [lines[0], lines[2]] == ["Epoch 4/5", "Epoch 5/5"]
    assert len(lines) == 4
    assert re.fullmatch(r"3/3 - 0s - \S+s/step - loss: 0.5000 - val_loss: 9.0000", lines[1])


@pytest.mark.parametrize("kind", ["test", "predict"])
def test_evaluate_and_predict_have_a_line_without_a_title(kind: str) -> None:
    callback, stream = progress(steps=2)
    getattr(callback, f"on_{kind}_begin")()
    for batch in range(2):
        getattr(callback, f"on_{kind}_batch_end")(batch, {"loss": 0.5})
    getattr(callback, f"on_{kind}_end")({"loss": 0.5})
    loss = " - loss: 0.5000" if kind == "test" else ""
    assert re.fullmatch(rf"2/2 - 0s - \S+s/step{loss}\n", stream.getvalue())


def test_logs_stay_unread_between_two_looks() -> None:
    callback, _ = progress()
    logs = Counted(loss=0.5)
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0, logs)
    assert logs.reads == 0
    assert not callback.wants_update()
    assert callback.interval == 30
    callback.on_epoch_end(0, logs)
    assert logs.reads == 1


def test_the_bar_asks_for_the_batch_that_ends_a_status() -> None:
    display, stream, clock = log(math.inf)  # it looks at no numbers before the end
    callback = ProgbarLogger(display)
    callback.params = {"epochs": 1, "steps": 9}
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    for batch in range(9):
        if batch == 0:
            callback.status("compiling")
            clock.now += 20
        if batch == 8 or callback.wants_update():
            assert batch in (0, 8)
            callback.on_train_batch_end(batch, {"loss": 0.5})
    clock.now += 1.8  # the logs are read before the validation begins
    callback.on_test_begin()
    assert not callback.wants_update()
    callback.status("compiling")
    clock.now += 5
    assert callback.wants_update()
    callback.on_test_batch_end(0, {})
    clock.now += 2
    assert not callback.wants_update()
    callback.on_test_end({})
    callback.on_epoch_end(0, {"loss": 0.5})
    assert (
        stream.getvalue().splitlines()[-1]
        == "9/9 - 29s (25s compiling, 2s validating) - 200ms/step - loss: 0.5000"
    )


def test_a_validation_is_not_read_for_the_bar_of_the_epoch() -> None:
    display, _, clock = bar()
    callback = ProgbarLogger(display)
    callback.params = {"epochs": 1, "steps": 2}
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    assert callback.wants_update()
    callback.on_test_begin()
    clock.now += 60
    assert not callback.wants_update()
    callback.on_test_end({})
    assert callback.wants_update()
    callback.close()


def test_a_run_can_start_after_one_that_broke_off() -> None:
    callback, stream = progress()
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    callback.status("compiling")
    callback.close()
    callback.close()
    callback.on_test_begin()
    callback.on_test_batch_end(2, {})
    callback.on_test_end({})
    assert stream.getvalue().splitlines()[:2] == ["Epoch 1/5", "compiling ..."]
    assert stream.getvalue().splitlines()[-1].startswith("3/3 - 0s")


def test_verbose_comes_from_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    callback = ProgbarLogger()
    for verbose in (0, 2):
        callback.params = {"steps": 1, "verbose": verbose}
        callback.on_predict_begin()
        callback.on_predict_batch_end(0)
        callback.on_predict_end()
        assert bool(capsys.readouterr().out) == bool(verbose)


# The summary

LONG = "transformer_encoder_block_0_self_attention[bold]"
ROWS = [
    SummaryRow("input_layer", "InputLayer", "(None, 28, 28, 1)", 0),
    SummaryRow("backbone", "Functional", "(None, 13, 13, 64)", 1_234_567, (), False),
    SummaryRow("stem", "Conv2D", "(None, 13, 13, 64)", 18_496, (), False, depth=1),
    SummaryRow(LONG, "MultiHeadSelfAttention", "(None, 64)", 640, (), True),
]
TOTALS = SummaryTotals(640, 2560, 1_234_567, 4_938_268)


def text_of(
    rows: list[SummaryRow],
    totals: SummaryTotals = TOTALS,
    length: int = 80,
    trainable: bool = False,
) -> str:
    printed: list[str] = []
    title = 'Model: "functional"'
    print_table(
        rows, totals, title, line_length=length, print_fn=printed.append, show_trainable=trainable
    )
    (text,) = printed  # one call with all of it
    return text


def test_the_summary_looks_like_keras() -> None:
    text = text_of([SummaryRow("dense", "Dense", "(None, 64)", 50_240, (), True)])
    lines = text.splitlines()
    assert lines[0] == 'Model: "functional"'
    assert re.fullmatch(r"┃ Layer \(type\) +┃ Output Shape +┃ +Param # ┃", lines[2])
    assert re.fullmatch(r"│ dense \(Dense\) +│ \(None, 64\) +│ +50,240 │", lines[4])
    assert lines[-3:] == [
        " Total params: 1,235,207 (4.71 MB)",
        " Trainable params: 640 (2.50 KB)",
        " Non-trainable params: 1,234,567 (4.71 MB)",
    ]
    assert not CONTROL.search(text)


def test_the_optimizer_counts_when_there_is_one() -> None:
    text = text_of(ROWS, SummaryTotals(640, 2560, 0, 0, 1281, 5124))
    assert " Total params: 1,921 (7.50 KB)\n" in text
    assert text.endswith(" Optimizer params: 1,281 (5.00 KB)")


@pytest.mark.parametrize("length", [50, 60, 80, 120])
def test_the_summary_keeps_within_its_width(length: int) -> None:
    lines = text_of(ROWS, length=length).splitlines()
    table = [line for line in lines if line[0] in "┏┃┡│├└"]
    assert {len(line) for line in table} == {len(table[0])}
    assert len(table[0]) <= length
    assert "[" in "".join(lines)  # it is no markup
    assert "1,234,567" in "".join(lines)


def test_columns_appear_when_they_have_something_to_say() -> None:
    assert "Connected to" not in text_of(ROWS)
    joined = SummaryRow("add", "Add", "(None, 64)", 0, ("a[0][0]", "b[0][0]"))
    text = text_of([*ROWS, joined], length=120, trainable=True)
    assert "Connected to" in text
    assert "a[0][0]," in text
    assert "Trainable" in text
    assert re.search(r"└ stem \(Conv2D\).*│ N +│", text)


def test_the_summary_prints_ascii_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Encoded("latin-1")
    monkeypatch.setattr(sys, "stdout", stream)
    print_table(ROWS, TOTALS, "Model", line_length=80)
    text = stream.text()
    assert text.isascii()
    assert "| - stem (Conv2D)" in text
    assert text.endswith(" Non-trainable params: 1,234,567 (4.71 MB)\n")


def test_the_summary_has_colour_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    print_table(ROWS, TOTALS, "Model", line_length=80)
    assert "\x1b[" in stream.getvalue()
    assert without_style(stream.getvalue()).startswith("Model\n┏━")


def test_an_empty_model_has_a_summary_too() -> None:
    assert "Total params: 0 (0.00 B)" in text_of([], SummaryTotals(0, 0, 0, 0))
