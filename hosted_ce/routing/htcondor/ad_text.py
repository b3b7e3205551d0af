"""ClassAds as text, one attribute a line, as condor_q -long prints them and `-jobads` takes them."""

from __future__ import annotations

import re

from hosted_ce.routing.classad import Ad, AdError, ExpressionError
from hosted_ce.routing.htcondor.expressions import whole
from hosted_ce.routing.htcondor.place import Place

MOST_ATTRIBUTES = 2_000
_LINE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.*)\Z", re.ASCII | re.DOTALL)


class AdTextError(ValueError):
    """A line is no attribute. `place` says which."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


def read_ad(text: str, file: str = "ad") -> Ad:
    """The ad of a text; empty lines and comments (`#`) are passed over. Raises AdTextError."""
    ad = Ad()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = Place(file, number)
        found = _LINE.match(line)
        if not found:
            raise AdTextError(place, "this is not `Name = expression`")
        try:
            ad[found[1]] = whole(found[2]).tree
        except (AdError, ExpressionError) as error:
            raise AdTextError(place, f"{found[1]}: {error}") from error
        if len(ad) > MOST_ATTRIBUTES:
            raise AdTextError(place, f"more than {MOST_ATTRIBUTES} attributes")
    return ad


def write_ad(ad: Ad) -> str:
    """The ad as text, in the order of the names."""
    return "".join(f"{name} = {text}\n" for name, text in ad.texts().items())
