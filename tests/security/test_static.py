"""No line of the product hands words to a shell, to Python, to an unsafe reader or, joined to text, to SQL."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("gsmsend", "drivers", "hw") for path in (ROOT / folder).rglob("*.py"))

BUILT_IN = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "yaml", "telnetlib", "xmlrpc"}
CALLS = {
    "os.system", "os.popen", "os.spawnl", "os.spawnv", "os.execv", "os.execvp", "pty.spawn", "tempfile.mktemp",
    "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell", "builtins.eval",
    "builtins.exec",
}  # fmt: skip
SQL = {"text", "execute", "exec_driver_sql", "executemany", "executescript", "literal_column", "DDL"}


def name_of(node: ast.expr) -> str:
    """`os.path.join` of a call's function; empty for what has no plain name."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def joined(node: ast.expr) -> bool:
    """Whether a text is put together of a constant and something else."""
    match node:
        case ast.JoinedStr():
            # SQLite takes no parameters after PRAGMA; there the names are ours.
            head = node.values[0].value if isinstance(node.values[0], ast.Constant) else ""
            ours = isinstance(head, str) and head.startswith("PRAGMA ")
            return not ours and any(isinstance(one, ast.FormattedValue) for one in node.values)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return any(isinstance(one, ast.Constant | ast.JoinedStr) for one in (node.left, node.right))
        case ast.Call(func=ast.Attribute(attr="format" | "join", value=ast.Constant())):
            return True
    return False


def faults(tree: ast.AST) -> Iterator[str]:
    """What is not to be in a module, by line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            of = getattr(node, "module", None)
            for name in [of] if of else [one.name for one in node.names]:
                if name.split(".")[0] in MODULES:
                    yield f"{node.lineno}: imports {name}"
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node.func)
        if name in BUILT_IN | CALLS:
            yield f"{node.lineno}: calls {name}"
        for keyword in node.keywords:
            if keyword.arg == "shell" and not (
                isinstance(keyword.value, ast.Constant) and not keyword.value.value
            ):
                yield f"{node.lineno}: {name} with shell="
            if keyword.arg == "autoescape" and not (
                isinstance(keyword.value, ast.Constant) and keyword.value.value
            ):
                yield f"{node.lineno}: {name} with no autoescape"
        if name.endswith("Environment") and not any(one.arg == "autoescape" for one in node.keywords):
            yield f"{node.lineno}: {name} with no autoescape"
        if name.rpartition(".")[2] in SQL and node.args and joined(node.args[0]):
            yield f"{node.lineno}: {name} of a text put together"


def test_nothing_runs_words() -> None:
    assert len(FILES) > 100
    found = {str(path.relative_to(ROOT)): list(faults(ast.parse(path.read_text("utf-8")))) for path in FILES}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "eval(word)", "exec(word)", "os.system(word)", "subprocess.run(word, shell=True)", "import pickle",
        "subprocess.run(word, shell=flag)", "from yaml import load", "connection.execute(f'SELECT {word}')",
        "sa.text('SELECT ' + word)", "cursor.execute('SELECT %s' % word)", "sa.text('x {}'.format(word))",
        "Environment()", "Environment(autoescape=False)", "tempfile.mktemp()",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_is_for(line: str) -> None:
    assert len(list(faults(ast.parse(line)))) == 1
