"""Parts of file names: `$Fpnx(x)`, `$BASENAME(x)` and `$DIRNAME(x)`."""

from __future__ import annotations


def parts_of(text: str, flags: str) -> str:
    """The parts of a file's name that the letters of `$F` ask for.

    d: the folder, one more for each d; p: all folders; n: the name; x: the extension with its dot; b: without
    the folder's last slash or the extension's dot; q: in double quotes, with a also in single ones; u and w:
    with slashes or backslashes. As in HTCondor a quoted part that is not there is one quote and not two.
    """
    letters = flags.lower()
    quote = ("'" if "a" in letters else '"') if "q" in letters else ""
    name = f"{quote}{_unquoted(text, quote)}{quote}"
    for letter, new, old in (("w", "\\", "/"), ("u", "/", "\\")):
        name = name.replace(old, new) if letter in letters else name
    begin, end = _extent(name, letters)
    return _requoted(name, begin, end, quote) if quote else name[begin:end]


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


def _unquoted(text: str, quote: str = "") -> str:
    """Without quotes around it. A double quote at its beginning goes even if there is none at its end."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    first = text[:1]
    if not first or first not in ('"', quote):
        return text
    return text[1:].removesuffix(first)


def _extent(name: str, letters: str) -> tuple[int, int]:
    """Where the wanted parts begin and end."""
    cut = name.rfind("/") + 1
    dot = name.rfind(".", cut + 1)
    extension = len(name) if dot < 0 else dot
    bare = "b" in letters
    file, ending, folders, parent = (letter in letters for letter in "nxpd")
    if not cut and (file or ending):
        folders = parent = False
    if parent:
        return _with_parents(name, letters, cut, extension)
    if folders:
        if not file:
            return (0, len(name)) if ending else (0, cut - (bare and cut > 0))
        return 0, len(name) if ending else extension
    if ending and not file:
        return extension + (bare and extension < len(name)), len(name)
    if file:
        return cut, len(name) if ending else extension
    return 0, len(name)


def _with_parents(name: str, letters: str, cut: int, extension: int) -> tuple[int, int]:
    if not cut:
        return 1, 1
    starts = [index + 1 for index, character in enumerate(name) if character in "/\\"]
    kept = starts[: max(len(starts) - letters.count("d"), 0)]
    begin = kept[-1] if kept else 0
    if "x" in letters:
        return begin, len(name)
    return begin, extension if "n" in letters else cut - ("b" in letters)


def _requoted(name: str, begin: int, end: int, quote: str) -> str:
    """The part in quotes, which take the place of characters around it."""
    characters = [*name, "", ""]
    if characters[begin] != quote:
        begin -= 1
        characters[begin] = quote
    if end > 1 and characters[end - 1] == quote:
        end -= 1
    characters[end] = quote
    return "".join(characters[begin : end + 1])
