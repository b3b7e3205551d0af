"""osg-configure's files: sections and options, each with its line. Any text is read; what is none is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hosted_ce.routing.htcondor.place import Place, shown
from hosted_ce.site_import.notes import Notes
from hosted_ce.site_import.values import Found

_HEAD = re.compile(r"\[([^\]]*)\]")
_OPTION = re.compile(r"([^=:\s][^=:]*?)\s*[=:]\s*(.*)")
_UNSET = frozenset({"", "unavailable", "default", "blank"})


@dataclass(slots=True)
class Section:
    """`[name]` and its options by name in lower case; those without a value are left out."""

    name: str
    place: Place
    options: dict[str, Found] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def take(self, name: str) -> Found | None:
        """The option, or None where nothing is said."""
        self._taken.add(name)
        return self.options.get(name)

    def rest(self) -> Iterator[Found]:
        """The options that were not taken."""
        return (option for name, option in self.options.items() if name not in self._taken)


def read_sections(file: str, text: str, notes: Notes) -> list[Section]:
    """The sections of a text, in its order. Options of a section that comes twice are put together."""
    sections: dict[str, Section] = {}
    current: Section | None = None
    last = ""
    for number, line in enumerate(text.split("\n"), 1):
        place, bare = Place(file, number), line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        if head := _HEAD.match(bare):
            name = " ".join(head[1].split())
            if name in sections:
                notes.person(place, f"[{shown(name)}]", "this section comes twice; options given later count")
            current = sections.setdefault(name, Section(name, place))
            last = ""
        elif current and last and line[0].isspace() and not _OPTION.fullmatch(bare):
            before = current.options[last]
            current.options[last] = Found(f"{before.value} {bare}", before.place, before.what)
        elif current and (option := _OPTION.fullmatch(bare)):
            last = _put(current, option[1], option[2], place)
        else:
            notes.person(place, shown(bare), "this line is no option of a section, and was not read")
    return list(sections.values())


def _put(section: Section, name: str, value: str, place: Place) -> str:
    key = name.strip().lower()
    if value.strip().lower() in _UNSET:
        section.options.pop(key, None)
        return ""
    section.options[key] = Found(value.strip(), place, f"[{section.name}] {key}")
    return key
