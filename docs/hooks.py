"""The page of operations, which are made from tables and have no source to be read."""

import inspect

from kerasish import ops


def on_page_markdown(markdown, **_):
    """Put the signature and the words of each operation where a page asks for them."""
    return markdown.replace("<!-- operations -->", "\n\n".join(map(_described, _names())))


def _names():
    return [name for name in ops.__all__ if not inspect.ismodule(getattr(ops, name))]


def _described(name):
    function = getattr(ops, name)
    words = inspect.getdoc(function) or ""
    return f"## {name}\n\n```python\n{name}{inspect.signature(function)}\n```\n\n{words}"
