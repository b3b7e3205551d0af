"""Differences of site files: none where there is none, and none is left out."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, cast

from hypothesis import assume, given
from hypothesis import strategies as st

from hosted_ce.site import SiteFile
from hosted_ce.site.change_words import as_record
from hosted_ce.site.changes import What, differences, spelled_out
from tests.fakes.sites import cluster, document

names = st.sampled_from(["a", "b", "c", "d"])
words = st.sampled_from(["osg", "lhc", "gpu"])
counts = st.integers(1, 50)
environments = st.dictionaries(st.sampled_from(["A", "B", "C"]), words, max_size=3)
requests = st.fixed_dictionaries(
    {},
    optional={
        "cpus": counts,
        "memory": st.sampled_from(["1 GB", "2 GB"]),
        "walltime": st.sampled_from(["1h", "2h"]),
        "queue": words,
        "environment": environments,
        "whole_node": st.booleans(),
        "extra": st.lists(st.sampled_from(["--nice=1", "--nice=2", "--exclusive"]), max_size=4),
    },
)
limits = st.fixed_dictionaries({}, optional={"pilots": counts, "idle": counts})
routes = st.lists(
    st.fixed_dictionaries(
        {"name": names, "cluster": st.just("main"), "request": requests, "limits": limits},
        optional={"when": st.sampled_from(["true", "RequestGPUs > 0"])},
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each["name"],
)
hosts = st.lists(
    st.fixed_dictionaries({"host": names}, optional={"port": st.integers(1, 9)}), min_size=1, max_size=3
)
clusters = st.fixed_dictionaries(
    {}, optional={"spool": st.sampled_from(["~/x", "~/y"]), "poll": st.just("9s")}
)
issuers = st.lists(
    st.fixed_dictionaries(
        {"issuer": st.sampled_from(["https://x", "https://y"]), "account": st.just("osg01")},
        optional={"subjects": st.lists(names, min_size=1, max_size=3)},
    ),
    max_size=3,
)
mails = st.lists(st.sampled_from(["a@x.org", "b@x.org"]), max_size=3)


@st.composite
def sites(draw: st.DrawFn) -> SiteFile:
    """Site files, with all that lists and groups of keys can do."""
    main = cluster() | {"login": draw(hosts)} | draw(clusters)
    more = {"other": cluster("b")} if draw(st.booleans()) else {}
    return SiteFile.model_validate(
        document(*draw(routes), clusters={"main": main, **more}, issuers=draw(issuers), contacts=draw(mails))
    )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where single values are."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    else:
        yield path


def named(found: Any, path: tuple[Any, ...]) -> tuple[str, ...]:
    """The path as differences have it: by names, and never into an entry of another list."""
    spelled = []
    for part in path:
        if isinstance(part, int) and not (isinstance(found[part], dict) and "name" in found[part]):
            return tuple(spelled)
        found = found[part]
        spelled.append(found["name"] if isinstance(part, int) else part)
    return tuple(spelled)


@given(sites())
def test_a_file_does_not_differ_from_itself(site: SiteFile) -> None:
    again = SiteFile.model_validate(site.model_dump(mode="json"))
    assert differences(site, site) == differences(site, again) == ()


@given(sites(), sites())
def test_files_that_say_the_same_are_those_without_differences(old: SiteFile, new: SiteFile) -> None:
    """Also in the order of entries; groups of keys have none."""
    found = differences(old, new)
    assert (not found) == (spelled_out(old) == spelled_out(new))
    assert {(each.path, each.what) for each in found if each.what in {What.CHANGED, What.ORDER}} == {
        (each.path, each.what) for each in differences(new, old) if each.what in {What.CHANGED, What.ORDER}
    }


@given(sites(), sites())
def test_each_top_key_that_changed_is_named(old: SiteFile, new: SiteFile) -> None:
    before, after = spelled_out(old), spelled_out(new)
    changed = {key for key in before if before[key] != after[key]}
    assert {each.path[0] for each in differences(old, new)} == changed


@given(sites(), st.data())
def test_whatever_is_changed_is_told_at_its_place(site: SiteFile, data: st.DataObject) -> None:
    old = spelled_out(site)
    place = data.draw(st.sampled_from([path for path in leaves(old) if path[-1] != "name"]))
    new: Any = copy.deepcopy(old)
    *above, last = place
    holder = new
    for part in above:
        holder = holder[part]
    value = holder[last]
    holder[last] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else "2h"
    assume(old != new)
    found = differences(site, cast(SiteFile, _Spelled(new)))
    assert {each.path for each in found} == {named(old, place)}


@given(sites(), sites())
def test_each_is_one_line_of_words(old: SiteFile, new: SiteFile) -> None:
    for each in differences(old, new):
        words = as_record(each)["words"]
        assert words.isprintable()
        assert len(words) < 500


@given(sites(), sites())
def test_routes_that_came_and_went_are_told_by_name_and_place(old: SiteFile, new: SiteFile) -> None:
    before, after = [each.name for each in old.routes], [each.name for each in new.routes]
    found = [each for each in differences(old, new) if each.path[0] == "routes" and len(each.path) <= 2]
    assert {each.path[1] for each in found if each.what is What.REMOVED} == set(before) - set(after)
    assert {each.path[1]: each.place for each in found if each.what is What.ADDED} == {
        name: (after.index(name) + 1, len(after)) for name in set(after) - set(before)
    }
    order = [each for each in found if each.what is What.ORDER]
    both = set(before) & set(after)
    moved = [name for name in before if name in both] != [name for name in after if name in both]
    assert bool(order) == moved


class _Spelled:
    """Stands for a site file that would be spelled like that, valid or not."""

    def __init__(self, spelled: Any) -> None:
        self._spelled = spelled

    def model_dump(self, *, mode: str) -> Any:
        return self._spelled
