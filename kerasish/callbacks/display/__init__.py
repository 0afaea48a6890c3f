"""How work in progress is shown: on a terminal, in a log file, in a notebook.

A `Display` keeps the facts of one line of work at a time (an epoch, an
evaluation) and decides when it wants to look at the numbers. A `Screen` puts
those facts somewhere::

    Display ── Work ── Line        what is known, and how it reads
       └────── Screen              where it goes
               ├── NoScreen        verbose=0
               ├── LogScreen       verbose=2, or verbose=1 into a file or a pipe
               ├── TerminalScreen  verbose=1 on a terminal
               └── NotebookScreen  verbose=1 in a notebook

Nothing here knows what a model is.
"""

from kerasish.callbacks.display.display import Display, make_display

__all__ = ["Display", "make_display"]
