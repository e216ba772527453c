"""The plain twins are whole, and can stand in for the kernels."""

from __future__ import annotations

import ast
import inspect
import threading
from pathlib import Path

import pytest

import vedette
from vedette.kernels import group_reduce, plain, window_counters
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.json import encode_result
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.labels import Labels

SOURCE = Path(vedette.__file__).parent
# What answers a query once samples are in hand.
QUERIES = sorted([*(SOURCE / "metrics" / "promql").rglob("*.py"), *(SOURCE / "algebra").rglob("*.py")])


def imports(path: Path) -> list[tuple[str, str]]:
    """``(module, name)`` of everything that a file takes from the kernels."""
    return [
        (node.module, alias.name)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vedette.kernels")
        for alias in node.names
    ]


def stub(name: str) -> dict[str, list[str]]:
    """The functions of a kernel's stub, and the names of their parameters."""
    tree = ast.parse((SOURCE / "kernels" / f"{name}.pyi").read_text())
    return {
        node.name: [arg.arg for arg in node.args.args]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_kernel_that_queries_call_has_a_twin() -> None:
    called = {
        name
        for path in QUERIES
        for module, name in imports(path)
        if module == "vedette.kernels" and name != "plain"
    }
    assert called, "queries call no kernels at all"
    missing = sorted(called - set(plain.MODULES))
    assert not missing, f"write src/vedette/kernels/plain/NAME.py for {missing} and add it to plain.MODULES"


@pytest.mark.parametrize("name", plain.MODULES)
def test_a_twin_has_the_functions_and_parameters_of_its_kernel(name: str) -> None:
    declared, twins = stub(name), plain.functions(plain.twin(name))
    assert sorted(plain.functions(plain.kernel(name))) == sorted(declared), (
        f"{name}.pyi is not what {name}.pyx has"
    )
    for function, parameters in declared.items():
        assert function in twins, f"{name}.{function} has no twin in src/vedette/kernels/plain/{name}.py"
        assert list(inspect.signature(twins[function]).parameters) == parameters, f"{name}.{function}"


@pytest.mark.parametrize("name", plain.MODULES)
def test_a_twin_is_compared_with_its_kernel(name: str) -> None:
    tests = "".join(path.read_text() for path in sorted(Path(__file__).parent.glob("test_*.py")))
    assert f'"{name}"' in tests
    for function in stub(name):
        assert f'"{function}"' in tests, f"no test in tests/kernels asks {name}.{function} and its twin"


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_kernels_are_called_through_their_module(path: Path) -> None:
    """A function that was taken out of its module when the program started can't be replaced any more."""
    found = imports(path)
    taken = [
        f"{module}.{name}" for module, name in found if module != "vedette.kernels" and "plain" not in module
    ]
    assert not taken, "say module.function(...)"
    kernels = {name for module, name in found if module == "vedette.kernels"}
    kept = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in kept_functions(ast.parse(path.read_text()), kernels)
    ]
    assert not kept, "call the kernel where its result is needed"


def kept_functions(tree: ast.AST, kernels: set[str]) -> list[ast.Attribute]:
    """Where ``module.function`` is named outside of a function's body."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            todo += [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in kernels:
            found.append(node)
        todo += ast.iter_child_nodes(node)
    return found


def test_twins_stand_in_until_the_last_user_has_left() -> None:
    compiled = window_counters.run
    with plain.replaced():
        assert window_counters.run is plain.twin("window_counters").run
        with plain.replaced():
            pass
        assert window_counters.run is plain.twin("window_counters").run
        assert all(
            vars(plain.kernel(name))[function] is twin
            for name in plain.MODULES
            for function, twin in plain.functions(plain.twin(name)).items()
            if function in stub(name)
        )
    assert window_counters.run is compiled


def test_kernels_come_back_after_a_failure() -> None:
    compiled = group_reduce.add_sum
    with pytest.raises(ZeroDivisionError), plain.replaced():
        _ = 1 / 0
    assert group_reduce.add_sum is compiled


def test_a_function_without_a_twin_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(plain.twin("group_reduce"), "top")
    with pytest.raises(LookupError, match=r"group_reduce\.top has no plain twin"), plain.replaced():
        pass
    assert not plain.functions(group_reduce)["add_sum"].__module__.endswith("plain.group_reduce")


def test_many_threads_may_ask_for_twins() -> None:
    store = MemoryStorage()
    for i in range(40):
        for t in range(20):
            store.add(
                Labels({"__name__": "m_total", "i": str(i), "g": str(i % 3)}), t * 15_000, float(i * t % 17)
            )
    query = "sum by (g) (rate(m_total[1m]))"
    want = encode_result(Engine(store).range(query, 0, 300_000, 15_000))
    wrong: list[bytes] = []

    def ask() -> None:
        for _ in range(3):
            with plain.replaced():
                got = encode_result(Engine(store).range(query, 0, 300_000, 15_000))
            if got != want:
                wrong.append(got)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert window_counters.run is not plain.twin("window_counters").run
