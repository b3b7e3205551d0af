"""Parts of file names: `$Fpnx(x)`, `$BASENAME(x)` and `$DIRNAME(x)`."""

from __future__ import annotations


def parts_of(text: str, flags: str) -> str:
    """The parts of a file's name that the letters of `$F` ask for.

    d: the folder, one more for each d; p: all folders; n: the name; x: the extension with its dot; b: without
    the folder's last slash or the extension's dot; q: in double quotes, with a also in single ones; u and w:
    with slashes or backslashes.
    """
    letters = flags.lower()
    quote = ("'" if "a" in letters else '"') if "q" in letters else ""
    name = _unquoted(text)
    for letter, new, old in (("w", "\\", "/"), ("u", "/", "\\")):
        if letter in letters:
            name = name.replace(old, new)
    return f"{quote}{_chosen(name, letters)}{quote}"


def basename(text: str, suffix: str) -> str:
    """The name without its folders, and without the suffix if it ends in it."""
    name = _unquoted(text)
    last = name[name.rfind("/") + 1 :]
    if suffix and last.lower().endswith(suffix.lower()):
        return last[: len(last) - len(suffix)]
    return last


def dirname(text: str) -> str:
    """The folders of a name, with the last slash."""
    name = _unquoted(text)
    return name[: name.rfind("/") + 1]


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _chosen(name: str, letters: str) -> str:
    cut = name.rfind("/") + 1
    dot = name.rfind(".", cut + 1)
    extension = len(name) if dot < 0 else dot
    bare = "b" in letters
    folders, parent = "p" in letters, "d" in letters
    file, ending = "n" in letters, "x" in letters
    if not cut and (file or ending):
        folders = parent = False
    if not (folders or parent):
        if ending and not file:
            return name[extension + (bare and extension < len(name)) :]
        return (name[cut:] if ending else name[cut:extension]) if file else name
    begin = _parents(name, letters.count("d")) if parent else 0
    if parent and not cut:
        return ""
    if file or ending:
        return name[begin:] if ending else name[begin:extension]
    return name[begin : cut - bare]


def _parents(name: str, count: int) -> int:
    """Where the name begins together with so many of its folders."""
    starts = [index + 1 for index, character in enumerate(name) if character in "/\\"]
    kept = starts[: len(starts) - count]
    return kept[-1] if kept else 0
