"""Panels of a chart, one below the other, as an SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def stacked(width: int, height: int, panels: Sequence[Iterable[str]]) -> str:
    """The document. Each panel is its elements, drawn within `width` and `height`."""
    total = height * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" font-family="sans-serif" '
        f'font-size="12">',
        f'<rect width="{width}" height="{total}" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate(0 {number * height})">', *panel, "</g>"]
    return "\n".join([*parts, "</svg>"])
