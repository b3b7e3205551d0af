"""The Date of answers is of the second in which they are given."""

from __future__ import annotations

from hosted_ce.listening.date import DateHeader


def test_it_is_of_this_second() -> None:
    times = [784_111_777.0, 784_111_777.9, 784_111_778.0]
    date = DateHeader(lambda: times.pop(0))
    first, again, next_one = date(), date(), date()
    assert first == (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT"), "the example of RFC 9110, section 5.6.7"
    assert again is first
    assert next_one == (b"date", b"Sun, 06 Nov 1994 08:49:38 GMT")
