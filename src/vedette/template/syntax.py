"""Tokens to trees: the grammar of text/template."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from vedette.template import literals
from vedette.template import nodes as ast
from vedette.template.errors import TemplateError
from vedette.template.lex import Kind, Token, tokenize
from vedette.template.literals import quote

_OPERANDS = frozenset(
    (
        Kind.BOOL,
        Kind.CHAR_CONSTANT,
        Kind.DOT,
        Kind.FIELD,
        Kind.IDENTIFIER,
        Kind.NUMBER,
        Kind.NIL,
        Kind.RAW_STRING,
        Kind.STRING,
        Kind.VARIABLE,
        Kind.LEFT_PAREN,
    )
)
_STRINGS = (Kind.STRING, Kind.RAW_STRING)


def parse_trees(
    text: str, *, name: str, functions: Collection[str], variables: Collection[str] = ()
) -> dict[str, ast.Tree]:
    """Every template that `text` defines, the outermost under `name`. Raises `TemplateError`.

    `variables` are names (with their ``$``) that the caller will give at execution.
    """
    parser = _Parser(text, name=name, functions=functions, variables=variables)
    parser.file()
    return parser.trees


class _Parser:
    def __init__(
        self, text: str, *, name: str, functions: Collection[str], variables: Collection[str]
    ) -> None:
        self.text = text
        self.name = name
        self.functions = functions
        self.trees: dict[str, ast.Tree] = {}
        self.tokens = tokenize(text)
        self.index = 0
        self.given = ["$", *variables]
        self.variables = list(self.given)
        self.range_depth = 0
        self.action_line = 0

    # The token stream.

    def next(self) -> Token:
        token = self.tokens[min(self.index, len(self.tokens) - 1)]
        self.index += 1
        return token

    def peek(self) -> Token:
        return self.tokens[min(self.index, len(self.tokens) - 1)]

    def skip_space(self) -> None:
        while self.peek().kind is Kind.SPACE:
            self.index += 1

    def next_non_space(self) -> Token:
        self.skip_space()
        return self.next()

    def peek_non_space(self) -> Token:
        self.skip_space()
        return self.peek()

    def fault(self, message: str) -> TemplateError:
        last = self.tokens[max(0, min(self.index, len(self.tokens)) - 1)]
        return TemplateError(f"template: {self.name}:{last.line}: {message}")

    def fail(self, message: str) -> NoReturn:
        raise self.fault(message)

    def unexpected(self, token: Token, context: str) -> NoReturn:
        if token.kind is not Kind.ERROR:
            self.fail(f"unexpected {token} in {context}")
        extra = ""
        if self.action_line and self.action_line != token.line:
            extra = f" in action started at {self.name}:{self.action_line}"
            if token.text.endswith(" action"):
                extra = extra.removeprefix(" in action")
        self.fail(f"{token}{extra}")

    def expect(self, kind: Kind, context: str) -> Token:
        token = self.next_non_space()
        if token.kind is not kind:
            self.unexpected(token, context)
        return token

    def unquote(self, token: Token) -> str:
        try:
            return literals.unquote(token.text)
        except literals.LiteralError as error:
            self.fail(str(error))

    # Files and lists.

    def file(self) -> None:
        start = self.peek().at
        body: list[ast.Node] = []
        while self.peek().kind is not Kind.EOF:
            if self.peek().kind is Kind.LEFT_DELIM:
                before = self.index
                line = self.next().line
                if self.next_non_space().kind is Kind.DEFINE:
                    self.action_line = line
                    self.definition()
                    continue
                self.index = before
            node = self.text_or_action()
            if isinstance(node, (ast.End, ast.Else)):
                self.fail(f"unexpected {node}")
            body.append(node)
        self.add(self.name, ast.List(start, tuple(body)))

    def add(self, name: str, root: ast.List) -> None:
        tree = ast.Tree(name, self.name, self.text, root)
        known = self.trees.get(name)
        if known is None or known.is_empty():
            self.trees[name] = tree
        elif not tree.is_empty():
            self.fail(f"template: multiple definition of template {quote(name)}")

    def definition(self) -> None:
        context = "define clause"
        token = self.next_non_space()
        if token.kind not in _STRINGS:
            self.unexpected(token, context)
        name = self.unquote(token)
        self.expect(Kind.RIGHT_DELIM, context)
        self.own_scope(name, context)

    def own_scope(self, name: str, context: str) -> None:
        """A body that sees none of the variables around it, stored under `name`."""
        outer, depth = self.variables, self.range_depth
        self.variables, self.range_depth = list(self.given), 0
        body, end = self.item_list()
        if not isinstance(end, ast.End):
            self.fail(f"unexpected {end} in {context}")
        self.add(name, body)
        self.variables, self.range_depth = outer, depth

    def item_list(self) -> tuple[ast.List, ast.Node]:
        """Nodes up to ``{{end}}`` or ``{{else}}``, and which of the two it was."""
        start = self.peek_non_space().at
        body: list[ast.Node] = []
        while self.peek_non_space().kind is not Kind.EOF:
            node = self.text_or_action()
            if isinstance(node, (ast.End, ast.Else)):
                return ast.List(start, tuple(body)), node
            body.append(node)
        self.next()
        raise self.fault("unexpected EOF")

    def text_or_action(self) -> ast.Node:
        token = self.next_non_space()
        if token.kind is Kind.TEXT:
            return ast.Text(token.at, token.text)
        if token.kind is not Kind.LEFT_DELIM:
            self.unexpected(token, "input")
        self.action_line = token.line
        node = self.action()
        self.action_line = 0
        return node

    # Actions.

    def action(self) -> ast.Node:
        token = self.next_non_space()
        match token.kind:
            case Kind.BLOCK:
                return self.block()
            case Kind.BREAK:
                self.loop_word(token)
                return ast.Break(token.at)
            case Kind.CONTINUE:
                self.loop_word(token)
                return ast.Continue(token.at)
            case Kind.ELSE:
                following = self.peek_non_space()
                if following.kind not in (Kind.IF, Kind.WITH):
                    following = self.expect(Kind.RIGHT_DELIM, "else")
                return ast.Else(following.at)
            case Kind.END:
                return ast.End(self.expect(Kind.RIGHT_DELIM, "end").at)
            case Kind.IF:
                return self.control(ast.If, "if")
            case Kind.RANGE:
                return self.control(ast.Range, "range")
            case Kind.WITH:
                return self.control(ast.With, "with")
            case Kind.TEMPLATE:
                return self.template()
        self.index -= 1
        return ast.Action(token.at, self.pipeline("command", Kind.RIGHT_DELIM))

    def loop_word(self, word: Token) -> None:
        token = self.next_non_space()
        if token.kind is not Kind.RIGHT_DELIM:
            self.unexpected(token, f"{{{{{word.text}}}}}")
        if not self.range_depth:
            self.fail(f"{{{{{word.text}}}}} outside {{{{range}}}}")

    def control(self, kind: type[ast.If] | type[ast.Range] | type[ast.With], context: str) -> ast.Node:
        scope = len(self.variables)
        pipe = self.pipeline(context, Kind.RIGHT_DELIM)
        self.range_depth += kind is ast.Range
        body, stop = self.item_list()
        self.range_depth -= kind is ast.Range
        otherwise: ast.List | None = None
        if isinstance(stop, ast.Else):
            following = self.peek().kind
            if (kind is ast.If and following is Kind.IF) or (kind is ast.With and following is Kind.WITH):
                # "else if" shares the {{end}} of what it stands in.
                self.next()
                otherwise = ast.List(stop.at, (self.control(kind, context),))
            else:
                otherwise, end = self.item_list()
                if not isinstance(end, ast.End):
                    self.fail(f"expected end; found {end}")
        del self.variables[scope:]
        return kind(pipe.at, pipe, body, otherwise)

    def template_name(self, context: str) -> tuple[Token, str]:
        token = self.next_non_space()
        if token.kind not in _STRINGS:
            self.unexpected(token, context)
        return token, self.unquote(token)

    def template(self) -> ast.Node:
        context = "template clause"
        token, name = self.template_name(context)
        pipe = None
        if self.next_non_space().kind is not Kind.RIGHT_DELIM:
            self.index -= 1
            pipe = self.pipeline(context, Kind.RIGHT_DELIM)
        return ast.Call(token.at, name, quote(name), pipe)

    def block(self) -> ast.Node:
        context = "block clause"
        token, name = self.template_name(context)
        pipe = self.pipeline(context, Kind.RIGHT_DELIM)
        self.own_scope(name, context)
        return ast.Call(token.at, name, quote(name), pipe)

    # Pipelines.

    def pipeline(self, context: str, end: Kind) -> ast.Pipe:
        start = self.peek_non_space().at
        declared, is_assign = self.declarations(context)
        commands: list[ast.Command] = []
        while True:
            token = self.next_non_space()
            if token.kind is end:
                break
            if token.kind not in _OPERANDS:
                self.unexpected(token, context)
            self.index -= 1
            commands.append(self.command())
        if not commands:
            self.fail(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.args[0], (ast.Bool, ast.Dot, ast.Nil, ast.Number, ast.String)):
                self.fail(f"non executable command in pipeline stage {stage}")
        return ast.Pipe(start, tuple(declared), is_assign, tuple(commands))

    def declarations(self, context: str) -> tuple[list[ast.Variable], bool]:
        declared: list[ast.Variable] = []
        while self.peek_non_space().kind is Kind.VARIABLE:
            before = self.index
            variable = self.next()
            following = self.peek_non_space()
            comma = following.kind is Kind.CHAR and following.text == ","
            if following.kind not in (Kind.ASSIGN, Kind.DECLARE) and not comma:
                self.index = before
                break
            self.next()
            declared.append(ast.Variable(variable.at, (variable.text,)))
            self.variables.append(variable.text)
            if not comma:
                return declared, following.kind is Kind.ASSIGN
            if context != "range" or len(declared) >= 2:
                self.fail(f"too many declarations in {context}")
            if self.peek_non_space().kind not in (Kind.VARIABLE, Kind.RIGHT_DELIM, Kind.RIGHT_PAREN):
                self.fail("range can only initialize variables")
        return declared, False

    def command(self) -> ast.Command:
        start = self.peek_non_space().at
        args: list[ast.Node] = []
        while True:
            self.skip_space()
            operand = self.operand()
            if operand is not None:
                args.append(operand)
            token = self.next()
            if token.kind is Kind.SPACE:
                continue
            if token.kind in (Kind.RIGHT_DELIM, Kind.RIGHT_PAREN):
                self.index -= 1
            elif token.kind is not Kind.PIPE:
                self.unexpected(token, "operand")
            break
        if not args:
            self.fail("empty command")
        return ast.Command(start, tuple(args))

    def operand(self) -> ast.Node | None:
        node = self.term()
        if node is None or self.peek().kind is not Kind.FIELD:
            return node
        at = self.peek().at
        fields: list[str] = []
        while self.peek().kind is Kind.FIELD:
            fields.append(self.next().text[1:])
        if isinstance(node, ast.Field):
            return ast.Field(at, (*node.idents, *fields))
        if isinstance(node, ast.Variable):
            return ast.Variable(at, (*node.idents, *fields))
        if isinstance(node, (ast.Bool, ast.String, ast.Number, ast.Nil, ast.Dot)):
            self.fail(f"unexpected . after term {quote(str(node))}")
        return ast.Chain(at, node, tuple(fields))

    def term(self) -> ast.Node | None:
        token = self.next_non_space()
        match token.kind:
            case Kind.IDENTIFIER:
                if token.text not in self.functions:
                    self.fail(f"function {quote(token.text)} not defined")
                return ast.Identifier(token.at, token.text)
            case Kind.DOT:
                return ast.Dot(token.at)
            case Kind.NIL:
                return ast.Nil(token.at)
            case Kind.VARIABLE:
                if token.text not in self.variables:
                    self.fail(f"undefined variable {quote(token.text)}")
                return ast.Variable(token.at, (token.text,))
            case Kind.FIELD:
                return ast.Field(token.at, (token.text[1:],))
            case Kind.BOOL:
                return ast.Bool(token.at, token.text == "true")
            case Kind.NUMBER | Kind.CHAR_CONSTANT:
                read = literals.number if token.kind is Kind.NUMBER else literals.character
                try:
                    return read(token.at, token.text)
                except literals.LiteralError as error:
                    self.fail(str(error))
            case Kind.LEFT_PAREN:
                return self.pipeline("parenthesized pipeline", Kind.RIGHT_PAREN)
            case Kind.STRING | Kind.RAW_STRING:
                return ast.String(token.at, token.text, self.unquote(token))
        self.index -= 1
        return None
