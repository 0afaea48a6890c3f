"""How `model.profile()` looks: a table of what a run will take, as text."""

from __future__ import annotations

import textwrap

from kerasish.training.profiling.profile import Profile

__all__ = ["duration", "human", "remarks", "tell"]

_BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
_DECIMAL = ["", "k", "M", "G", "T", "P", "E", "Z"]


def tell(profile: Profile, name: str) -> str:
    """Return the table, and below it a sentence for whatever should be known besides.

    Args:
        profile: what was found out.
        name: the name of the model.
    """
    what = {"train": "training", "predict": "prediction"}[profile.kind]
    title = f'Model: "{name}", {what} with batches of {profile.batch_size:,}'
    rows = _rows(profile)
    left, middle = (max(len(row[i]) for row in rows) for i in (0, 1))
    lines = [f" {a:{left}}  {b:>{middle}}  {c}".rstrip() for a, b, c in rows]
    said = [textwrap.fill(remark, 79) for remark in remarks(profile)]
    return "\n".join([title, "", *lines, *([""] if said else []), *said])


def _rows(p: Profile) -> list[tuple[str, str, str]]:
    """Return what stands left, the number, and what stands right of it."""
    rows = [
        ("Trainable params", f"{p.trainable:,}", f"({human(p.trainable_bytes, binary=True)})"),
        ("Other params", f"{p.other:,}", f"({human(p.other_bytes, binary=True)})"),
        ("Optimizer params", f"{p.optimizer:,}", f"({human(p.optimizer_bytes, binary=True)})"),
        (
            "Operations of a step",
            human(p.flops, "FLOP"),
            f"{human(p.epoch_flops, 'FLOP')} an epoch",
        ),
        ("Read and written in a step", human(p.moved_bytes, binary=True), ""),
        (
            "Peak memory of a step",
            human(p.peak_bytes, binary=True),
            f"{_percent(p.memory_share)} of {human(p.available_bytes, binary=True)} free",
        ),
    ]
    if p.largest_batch_size is not None:
        each = f"{human(p.sample_bytes or 0, binary=True)} a sample"
        rows.append(("Largest batch that fits", f"about {_rounded(p.largest_batch_size)}", each))
    if p.step_seconds is not None and p.epoch_seconds is not None:
        samples, flops = human(p.samples_per_second or 0), human(p.flops_per_second or 0, "FLOP/s")
        epoch = f"{p.samples:,} samples in {p.steps:,} step{'s' * (p.steps > 1)}"
        rows += [
            ("Time of a step", duration(p.step_seconds), f"{samples} samples/s, {flops}"),
            ("Time of an epoch", duration(p.epoch_seconds), epoch),
        ]
    return rows


def remarks(profile: Profile) -> list[str]:
    """Return a sentence for whatever should be known besides the numbers."""
    p, found = profile, []
    if not p.fits:
        advice = f" Take a batch_size of at most {_rounded(p.largest_batch_size)}."
        found.append(
            f"Warning: a step needs {human(p.peak_bytes, binary=True)} of memory, and "
            f"{human(p.available_bytes, binary=True)} are free."
            + (advice if p.largest_batch_size else "")
        )
    elif p.step_seconds is None:
        found.append("Not timed: there is no room for a copy of the model's state.")
    if p.kind == "predict":
        found.append("This is prediction, since `compile` was given no loss to train with.")
    if p.asked_batch_size > p.samples:
        found.append(f"batch_size={p.asked_batch_size:,} was asked for; x has {p.samples:,}.")
    if p.made_up:
        found.append("Targets of zeros were made up; give `y` to use your own.")
    if p.unbounded_loops:
        loops = "a loop" if p.unbounded_loops == 1 else f"{p.unbounded_loops} loops"
        found.append(f"How often {loops} will go round is not known; one round was counted.")
    if p.eager:
        found.append("With `run_eagerly=True` steps take longer than the compiled one timed here.")
    return found


def human(number: float, unit: str = "", *, binary: bool = False) -> str:
    """Write a number in the unit that reads best.

    Args:
        number: how many.
        unit: of what.
        binary: whether it is bytes, in steps of 1,024.

    Examples:
        >>> human(1.3e9, "FLOP"), human(12_900_000, binary=True), human(512, binary=True)
        ('1.3 GFLOP', '12.3 MiB', '512 B')
    """
    base = 1024 if binary else 1000
    units = _BINARY if binary else [prefix + unit for prefix in _DECIMAL]
    step = 0
    # What would be rounded up to the next unit is written in it.
    while step < len(units) - 1 and number >= base - (0.05 if step else 0.5):
        number, step = number / base, step + 1
    return f"{number:.1f} {units[step]}" if step else f"{number:.0f} {units[0]}".rstrip()


def duration(seconds: float) -> str:
    """Write a time with its two largest units.

    Examples:
        >>> duration(0.00123), duration(200), duration(90_000)
        ('1.23 ms', '3 min 20 s', '25 h 0 min')
    """
    for factor, unit in ((1e-6, "us"), (1e-3, "ms"), (1.0, "s")):
        if seconds < 999.5 * factor and (unit != "s" or seconds < 59.95):
            return f"{seconds / factor:.3g} {unit}"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def _percent(share: float) -> str:
    if share < 0.001:
        return "less than 0.1 %"
    return f"{100 * share:,.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def _rounded(number: int | None) -> str:
    """Write a whole number down to two digits: more of it is not known."""
    if number is None or number < 100:
        return f"{number}"
    scale = int(10 ** (len(str(number)) - 2))
    return f"{number // scale * scale:,}"
