"""Trees to closures `(state, dot) -> value`, made once and run often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vedette.template import nodes as ast
from vedette.template.access import checked, field_of, invoke, items
from vedette.template.calls import Param, Signature, signature_of
from vedette.template.literals import quote
from vedette.template.state import NOT_FED, Break, Continue, Eval, Run, State
from vedette.template.values import ABSENT, truth, type_name

MAX_DEPTH = 100  # templates calling templates


class Compiler:
    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions

    # Statements.

    def list(self, node: ast.List) -> Run:
        steps = [self.statement(child) for child in node.nodes]
        if len(steps) == 1:
            return steps[0]

        def run(s: State, dot: Any) -> None:
            for step in steps:
                step(s, dot)

        return run

    def statement(self, node: ast.Node) -> Run:
        match node:
            case ast.Text():
                return self.text(node)
            case ast.Action():
                return self.action(node)
            case ast.If() | ast.With():
                return self.branch(node)
            case ast.Range():
                return self.range(node)
            case ast.Call():
                return self.call_template(node)
            case ast.Break():
                return _raise_break
            case ast.Continue():
                return _raise_continue
        raise AssertionError(f"BUG: no statement {node!r}")

    def text(self, node: ast.Text) -> Run:
        text = node.text

        def run(s: State, dot: Any) -> None:
            s.out.text(text)

        return run

    def action(self, node: ast.Action) -> Run:
        evaluate, pipe = self.pipe(node.pipe), node.pipe
        if pipe.declared:

            def declare(s: State, dot: Any) -> None:
                s.node = node
                evaluate(s, dot)

            return declare

        def run(s: State, dot: Any) -> None:
            s.node = node
            value = evaluate(s, dot)
            if callable(value):
                s.node = node
                s.fail(f"can't print {node} of type {type_name(value)}")
            s.out.value(value, pipe)

        return run

    def branch(self, node: ast.If | ast.With) -> Run:
        evaluate, body = self.pipe(node.pipe), self.list(node.body)
        otherwise = self.list(node.otherwise) if node.otherwise is not None else None
        changes_dot = isinstance(node, ast.With)

        def run(s: State, dot: Any) -> None:
            s.node = node
            mark = len(s.variables)
            value = evaluate(s, dot)
            if truth(value):
                body(s, value if changes_dot else dot)
            elif otherwise is not None:
                otherwise(s, dot)
            del s.variables[mark:]

        return run

    def range(self, node: ast.Range) -> Run:
        evaluate, body = self.pipe(node.pipe, loop=True), self.list(node.body)
        otherwise = self.list(node.otherwise) if node.otherwise is not None else None
        names = [variable.idents[0] for variable in node.pipe.declared]
        is_assign = node.pipe.is_assign

        def run(s: State, dot: Any) -> None:
            s.node = node
            start = len(s.variables)
            value = evaluate(s, dot)
            mark = start if is_assign else start + len(names)
            empty = True
            for key, element in items(s, value, len(names)):
                empty = False
                if len(names) == 1:
                    _bind(s, names[0], element, start, is_assign=is_assign)
                elif names:
                    _bind(s, names[0], key, start, is_assign=is_assign)
                    _bind(s, names[1], element, start + 1, is_assign=is_assign)
                try:
                    body(s, element)
                except Continue:
                    continue
                except Break:
                    break
                finally:
                    del s.variables[mark:]
            del s.variables[start:]
            if empty and otherwise is not None:
                otherwise(s, dot)

        return run

    def call_template(self, node: ast.Call) -> Run:
        evaluate = self.pipe(node.pipe) if node.pipe is not None else None
        name = node.name

        def run(s: State, dot: Any) -> None:
            s.node = node
            tree = s.program.trees.get(name)
            if tree is None:
                s.fail(f"template {quote(name)} not defined")
            if s.depth >= MAX_DEPTH:
                s.fail(f"exceeded maximum template depth ({MAX_DEPTH})")
            inner = evaluate(s, dot) if evaluate is not None else ABSENT
            child = State(
                s.program, s.functions, tree, s.out, s.missing_key, [["$", inner]], None, s.depth + 1
            )
            s.program.body(name)(child, inner)

        return run

    # Pipelines.

    def pipe(self, node: ast.Pipe, *, loop: bool = False) -> Eval:
        commands = [self.command(command) for command in node.commands]
        names = [variable.idents[0] for variable in node.declared]
        # A loop binds its variables itself, one iteration at a time, but `=` assigns only there.
        push = bool(names) and not (loop and node.is_assign)
        is_assign = node.is_assign

        def evaluate(s: State, dot: Any) -> Any:
            s.node = node
            value: Any = NOT_FED
            for command in commands:
                value = command(s, dot, value)
                if value is None:
                    value = ABSENT
            if push:
                for name in names:
                    if is_assign:
                        s.assign(name, value)
                    else:
                        s.variables.append([name, value])
            return value

        return evaluate

    def command(self, node: ast.Command, *, bare: bool = False) -> Callable[[State, Any, Any], Any]:
        first = node.args[0]
        args = node.args[1:]
        match first:
            case ast.Field():
                return self.field_chain(first, None, first.idents, args)
            case ast.Chain():
                return self.chain(first, args)
            case ast.Identifier():
                return self.function(first, args, node if len(node.args) > 1 or not bare else first)
            case ast.Variable() if len(first.idents) > 1:
                return self.field_chain(first, first.idents[0], first.idents[1:], args)
        evaluate = self.word(first)

        def run(s: State, dot: Any, final: Any) -> Any:
            if not isinstance(first, ast.Pipe):
                s.node = first
            if args or final is not NOT_FED:
                s.fail(f"can't give argument to non-function {first}")
            return evaluate(s, dot)

        return run

    def word(self, node: ast.Node) -> Eval:
        """A command of one plain word."""
        match node:
            case ast.Pipe():
                return self.pipe(node)
            case ast.Variable():
                name = node.idents[0]
                return lambda s, dot: s.variable(name)
            case ast.Dot():
                return lambda s, dot: dot
            case ast.Bool() | ast.Number():
                value = node.value
                return lambda s, dot: value
            case ast.String():
                text = node.text
                return lambda s, dot: text
            case ast.Nil():
                return lambda s, dot: s.fail("nil is not a command")
        raise AssertionError(f"BUG: no word {node!r}")

    # Fields and methods.

    def field_chain(
        self, node: ast.Node, variable: str | None, idents: tuple[str, ...], args: tuple[ast.Node, ...]
    ) -> Callable[[State, Any, Any], Any]:
        """``.a.b arg`` or ``$x.a.b arg``: fields from dot or a variable; the last may be a method with arguments."""
        *inner, last = idents
        no_args = _CallArguments(self, ())
        last_args = _CallArguments(self, args)

        def run(s: State, dot: Any, final: Any) -> Any:
            s.node = node
            value = dot if variable is None else s.variable(variable)
            for name in inner:
                value = field_of(s, dot, value, name, no_args, NOT_FED, node)
            return field_of(s, dot, value, last, last_args, final, node)

        return run

    def chain(self, node: ast.Chain, args: tuple[ast.Node, ...]) -> Callable[[State, Any, Any], Any]:
        if isinstance(node.node, ast.Nil):

            def refuse(s: State, dot: Any, final: Any) -> Any:
                s.node = node
                s.fail(f"indirection through explicit nil in {node}")

            return refuse
        head = self.operand(node.node)
        *inner, last = node.fields
        no_args = _CallArguments(self, ())
        last_args = _CallArguments(self, args)

        def run(s: State, dot: Any, final: Any) -> Any:
            s.node = node
            value = head(s, dot)
            for name in inner:
                value = field_of(s, dot, value, name, no_args, NOT_FED, node)
            return field_of(s, dot, value, last, last_args, final, node)

        return run

    # Functions.

    def function(
        self, node: ast.Identifier, args: tuple[ast.Node, ...], blamed: ast.Node
    ) -> Callable[[State, Any, Any], Any]:
        if node.name in ("and", "or"):
            return self.logic(node, args)
        name = node.name
        signature = signature_of(self.functions[name])
        arguments = _CallArguments(self, args)
        prepared = {final: arguments.prepare(signature, final=final) for final in (False, True)}
        wrong = {final: signature.complaint(node.name, len(args), final=final) for final in (False, True)}

        def run(s: State, dot: Any, final: Any) -> Any:
            s.node = node
            fed = final is not NOT_FED
            complaint = wrong[fed]
            if complaint is not None:
                s.fail(complaint)
            values = [evaluate(s, dot) for evaluate in prepared[fed]]
            if fed:
                values.append(checked(s, final, signature.at(len(values))))
            return invoke(s, blamed, name, s.functions[name], values)

        return run

    def logic(self, node: ast.Identifier, args: tuple[ast.Node, ...]) -> Callable[[State, Any, Any], Any]:
        """`and`, `or`: the first value that decides, later ones not evaluated."""
        stops_on = node.name == "or"
        operands = [self.operand(arg) for arg in args]

        def run(s: State, dot: Any, final: Any) -> Any:
            s.node = node
            if not operands and final is NOT_FED:
                s.fail(f"wrong number of args for {node.name}: want at least 1 got 0")
            value: Any = None
            for operand in operands:
                value = operand(s, dot)
                if truth(value) == stops_on:
                    return value
            return value if final is NOT_FED else final

        return run

    # Arguments.

    def operand(self, node: ast.Node, param: Param | None = None) -> Eval:
        """`node` as an argument of type `param` (None: anything, nothing is checked)."""
        param = param or ANYTHING
        match node:
            case ast.Nil():
                return self.nil(node, param)
            case ast.Bool() | ast.Number() | ast.String():
                return self.constant(node, param)
            case ast.Dot():
                evaluate: Eval = lambda s, dot: dot  # noqa: E731
            case ast.Pipe():
                evaluate = self.pipe(node)
            case ast.Variable() if len(node.idents) == 1:
                evaluate = self.word(node)
            case ast.Field() | ast.Variable() | ast.Identifier() | ast.Chain():
                command = self.command(ast.Command(node.at, (node,)), bare=True)
                evaluate = lambda s, dot: command(s, dot, NOT_FED)  # noqa: E731
            case _:
                raise AssertionError(f"BUG: no operand {node!r}")

        def run(s: State, dot: Any) -> Any:
            s.node = node
            return checked(s, evaluate(s, dot), param)

        return run

    def nil(self, node: ast.Node, param: Param) -> Eval:
        def run(s: State, dot: Any) -> Any:
            s.node = node
            if not param.nilable:
                s.fail(f"cannot assign nil to {param.go_type}")
            return None

        return run

    def constant(self, node: ast.Bool | ast.Number | ast.String, param: Param) -> Eval:
        value: Any = node.text if isinstance(node, ast.String) else node.value
        wanted = param.python_type
        fits = wanted is None or param.accepts(value)
        if isinstance(node, ast.Number) and wanted in (int, float):
            converted = node.integer if wanted is int else node.real
            fits = converted is not None
            value = value if converted is None else converted
        if fits:

            def run(s: State, dot: Any) -> Any:
                s.node = node
                return value

            return run

        noun = {"string": "string", "int": "integer", "float64": "float", "bool": "bool"}

        def refuse(s: State, dot: Any) -> Any:
            s.node = node
            if param.go_type in noun:
                s.fail(f"expected {noun[param.go_type]}; found {node}")
            s.fail(f"can't handle {node} for arg of type {param.go_type}")

        return refuse


ANYTHING = Param("interface {}")


class _CallArguments:
    """The arguments of a call whose signature may be known only when it happens (methods)."""

    def __init__(self, compiler: Compiler, nodes: tuple[ast.Node, ...]) -> None:
        self.compiler = compiler
        self.nodes = nodes
        self._prepared: dict[tuple[Signature, bool], list[Eval]] = {}

    def prepare(self, signature: Signature, *, final: bool) -> list[Eval]:
        key = (signature, final)
        found = self._prepared.get(key)
        if found is None:
            if signature.complaint("", len(self.nodes), final=final):
                return []
            found = self._prepared[key] = [
                self.compiler.operand(node, signature.at(at)) for at, node in enumerate(self.nodes)
            ]
        return found


def _raise_break(s: State, dot: Any) -> None:
    raise Break


def _raise_continue(s: State, dot: Any) -> None:
    raise Continue


def _bind(s: State, name: str, value: Any, slot: int, *, is_assign: bool) -> None:
    if is_assign:
        s.assign(name, value)
    else:
        s.variables[slot][1] = value
