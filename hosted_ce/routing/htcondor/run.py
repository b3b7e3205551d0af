"""Runs compiled steps on a pilot's ad, as HTCondor runs a transform."""

from __future__ import annotations

import re
from collections.abc import Callable

from hosted_ce.routing.classad import ATTRIBUTE_NAME, Ad, AdError, Tree, spell_for_macro
from hosted_ce.routing.classad import EvaluationFailed as NoValue
from hosted_ce.routing.classad import ExpressionError as NoExpression
from hosted_ce.routing.htcondor import steps
from hosted_ce.routing.htcondor.branches import Branches
from hosted_ce.routing.htcondor.conditions import ConditionError, holds
from hosted_ce.routing.htcondor.expressions import Expression, beginning, whole
from hosted_ce.routing.htcondor.macro_scope import TooMuch
from hosted_ce.routing.htcondor.macros import expand
from hosted_ce.routing.htcondor.patterns import fill, is_pattern, matching
from hosted_ce.routing.htcondor.place import Note, Place
from hosted_ce.routing.htcondor.scope import TransformScope

MACRO_NAME = re.compile(r"[A-Za-z0-9_./]+\Z")


class TransformFailed(Exception):
    """A transform cannot go on, and the pilot is not routed. `place` says where."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


def run(program: steps.Program, ad: Ad, scope: TransformScope) -> list[Note]:
    """Runs the program on the ad, and gives what went wrong without ending it. Raises TransformFailed."""
    runner = _Runner(ad, scope)
    runner.go(program)
    return runner.notes


def check(program: steps.Program, scope: TransformScope) -> None:
    """Runs what HTCondor runs when it loads a route: macros and conditions, without a pilot.

    Raises TransformFailed where HTCondor would refuse the route.
    """
    _Checker(None, scope).go(program)


class _Checker:
    """Follows ifs and macros only."""

    def __init__(self, ad: Ad | None, scope: TransformScope) -> None:
        self._scope = scope
        self._branches = Branches()

    def go(self, program: steps.Program) -> None:
        for step in program.steps:
            try:
                self._take(step)
            except TooMuch as error:
                raise TransformFailed(step.place, str(error)) from error
            except ConditionError as error:
                raise TransformFailed(step.place, f"this is no condition: {error}") from error

    def _take(self, step: steps.Step) -> None:
        match step:
            case steps.If(_, condition):
                self._branches.begin(lambda: holds(condition, self._scope))
            case steps.Elif(_, condition):
                self._branches.turn(lambda: holds(condition, self._scope))
            case steps.Else():
                self._branches.turn(lambda: True)
            case steps.EndIf():
                self._branches.end()
            case steps.Broken(always=True):
                raise TransformFailed(step.place, step.message)
            case _ if self._branches.running:
                self._do(step)

    def _do(self, step: steps.Step) -> None:
        match step:
            case steps.Broken(late=False):
                raise TransformFailed(step.place, step.message)
            case steps.Assign():
                self._assign(step)

    def _assign(self, step: steps.Assign) -> None:
        name = self._expand(step.name)
        if name.startswith(("+", "-")) and step.glue is None:
            # HTCondor makes a macro of it that only `$(MY.…)` reads, not an attribute.
            self._scope.assign(f"MY.{name[1:]}", step.value if name[0] == "+" else "")
        elif not MACRO_NAME.match(name):
            raise TransformFailed(step.place, f"`{name}` is not the name of a macro")
        elif step.glue is None:
            self._scope.assign(name, step.value)
        else:
            self._scope.append(name, step.value, step.glue)

    def _expand(self, text: steps.Text) -> str:
        return expand(text.source, self._scope) if text.macros else text.source


class _Runner(_Checker):
    """Changes the ad as well."""

    def __init__(self, ad: Ad, scope: TransformScope) -> None:
        super().__init__(ad, scope)
        self._ad = ad
        self.notes: list[Note] = []

    def _take(self, step: steps.Step) -> None:
        super()._take(step)
        if self._scope.complaints:
            self.notes += [Note(step.place, message) for message in self._scope.complaints]
            self._scope.complaints.clear()

    def _do(self, step: steps.Step) -> None:
        try:
            self._change(step)
        except (AdError, NoValue, NoExpression) as error:
            self.notes.append(Note(step.place, f"this is passed over: {error}"))

    def _change(self, step: steps.Step) -> None:
        match step:
            case steps.Set(_, attribute, value, default):
                if not (default and attribute in self._ad):
                    self._ad[attribute] = self._parse(value, whole).tree
            case steps.EvalSet(_, attribute, value):
                self._ad[attribute] = self._evaluate(value)
            case steps.EvalMacro(_, name, value):
                self._scope.assign_value(name, spell_for_macro(self._evaluate(value)))
            case steps.Copy():
                self._copy(step)
            case steps.Delete():
                self._delete(step)
            case steps.Broken():
                raise TransformFailed(step.place, step.message)
            case _:
                super()._do(step)

    def _parse(self, value: steps.Text, parse: Callable[[str], Expression]) -> Expression:
        return parse(self._expand(value))

    def _evaluate(self, value: steps.Text) -> Tree:
        return self._ad.simplify(self._parse(value, beginning).tree)

    def _copy(self, step: steps.Copy) -> None:
        template = self._expand(step.name)
        if isinstance(step.attribute, str):
            self._copy_one(step, step.attribute, template)
        elif not is_pattern(step.attribute):
            raise NoExpression(f"`{step.attribute.source}` is not a regular expression")
        else:
            for name in matching(step.attribute, self._ad):
                self._copy_one(step, name, fill(template, step.attribute, name))

    def _copy_one(self, step: steps.Copy, name: str, new: str) -> None:
        if not ATTRIBUTE_NAME.match(new):
            self.notes.append(Note(step.place, f"`{new}` cannot be the name of an attribute"))
        elif (tree := self._ad.get(name)) is not None:
            if step.move:
                del self._ad[name]
            self._ad[new] = tree

    def _delete(self, step: steps.Delete) -> None:
        if isinstance(step.attribute, str):
            del self._ad[step.attribute]
        elif not is_pattern(step.attribute):
            raise NoExpression(f"`{step.attribute.source}` is not a regular expression")
        else:
            for name in matching(step.attribute, self._ad):
                del self._ad[name]
