"""The templates of letters: the shipped ones, and the office's in their place where those are whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sync import i18n
from sync.i18n import gettext as _
from sync.notices import KINDS

if TYPE_CHECKING:
    import jinja2

    from sync.letters.sandbox import Sandbox

FOLDER = Path(__file__).parent / "templates"
ENDING = ".j2"
FRAME, MANY, PARTS = "letter", "many", "parts"
NAMES: tuple[str, ...] = (FRAME, *KINDS, MANY, PARTS)
"""All templates, without their ending."""
BLOCKS = ("subject", "text", "html")
MAX_SIGNS = 1_000_000
"""Characters of one block; a template that draws more is broken."""
_MAX_BYTES = 1 << 20
_UNKNOWN_NAME = re.compile(r"^'([^']+)' is undefined|has no (?:attribute|element) '?([^']+?)'?$")
_Drawn = TypeVar("_Drawn")
_Stamp = tuple[tuple[str, int, int], ...]


class _Unfit(Exception):
    """What a template draws cannot be a part of a letter. `name` is the template's."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


@dataclass(frozen=True)
class Broken:
    """A template of the office that cannot be used: its name, the line (None: the whole file), what is wrong."""

    name: str
    line: int | None
    reason: str


@dataclass(frozen=True)
class Templates:
    """Templates that can be drawn; `broken` are those of the office that are not used."""

    plain: Sandbox
    escaping: Sandbox
    broken: tuple[Broken, ...] = ()

    def draw(self, name: str, block: str, names: Mapping[str, Any]) -> str:
        """The `block` of the template `name`; the block "html" is escaped, the others are plain text."""
        environment = self.escaping if block == "html" else self.plain
        template = environment.get_template(name + ENDING)
        drawn = _limited(name, template.blocks[block](template.new_context(dict(names))))
        if not drawn.strip():
            raise _Unfit(name, _("the block {block} is empty").format(block=block))
        return drawn


def with_own(folder: Path | None, draw: Callable[[Templates], _Drawn]) -> tuple[_Drawn, list[str]]:
    """What `draw` gives with the templates of the office's `folder`, and a line for each that cannot be used.

    A template of the office that fails is left out and the letter is drawn again; a shipped one that fails is a
    mistake of ours, and raises.
    """
    without: dict[str, Broken] = {}
    stamp = _stamp(folder)
    while True:
        try:
            templates = _templates(folder, stamp, frozenset(without), i18n.current())
            drawn = draw(templates)
        except Exception as error:
            culprit = _culprit(error, {name for name, _time, _size in stamp}.difference(without))
            if culprit is None:
                raise
            without[culprit.name] = culprit
        else:
            return drawn, [_told(folder, each) for each in (*templates.broken, *without.values())]


def shipped(name: str) -> str:
    """The text of a shipped template."""
    return (FOLDER / f"{name}{ENDING}").read_text(encoding="utf-8")


def _told(folder: Path | None, broken: Broken) -> str:
    file = f"{folder.name if folder else ''}/{broken.name}{ENDING}"
    place = file if broken.line is None else _("{file}, line {line}").format(file=file, line=broken.line)
    return _("{place}: {reason}. The template that travels with baocao is used instead.").format(
        place=place, reason=broken.reason
    )


def _limited(name: str, pieces: Iterable[str]) -> str:
    kept, signs = [], 0
    for piece in pieces:
        signs += len(piece)
        if signs > MAX_SIGNS:
            raise _Unfit(name, _("the letter would have more than {count} characters").format(count=MAX_SIGNS))
        kept.append(piece)
    return "".join(kept)


def _stamp(folder: Path | None) -> _Stamp:
    """What the office's templates look like from outside, to see that one was changed."""
    if folder is None:
        return ()
    found = []
    for name in NAMES:
        try:
            told = (folder / f"{name}{ENDING}").stat()
        except OSError:
            continue
        found.append((name, told.st_mtime_ns, told.st_size))
    return tuple(found)


@lru_cache(maxsize=16)
def _templates(folder: Path | None, stamp: _Stamp, without: frozenset[str], _language: str) -> Templates:
    """The office's templates as they lie in `folder` now, but those in `without`; sentences are in `_language`."""
    sources: dict[str, tuple[str, str]] = {}
    broken = []
    for name, _time, _size in stamp:
        if folder is None or name in without:
            continue
        source = _read(folder, name)
        fault = source if isinstance(source, Broken) else _fault(name, source)
        if fault is not None:
            broken.append(fault)
        else:
            sources[name + ENDING] = (str(source), str(folder / f"{name}{ENDING}"))
    from sync.letters.sandbox import sandbox

    plain, escaping = (sandbox(FOLDER, sources, escaping=escaping) for escaping in (False, True))
    return _with_parts(Templates(plain, escaping, tuple(broken)))


def _with_parts(templates: Templates) -> Templates:
    """The macros of `parts` are at hand in every template, as `parts`."""
    for environment in (templates.plain, templates.escaping):
        environment.globals["parts"] = environment.get_template(PARTS + ENDING).module
    return templates


def _read(folder: Path, name: str) -> str | Broken:
    file = folder / f"{name}{ENDING}"
    try:
        content = file.read_bytes()
    except OSError as error:
        return Broken(name, None, _("the file cannot be read: {reason}").format(reason=error.strerror))
    if len(content) > _MAX_BYTES:
        return Broken(name, None, _("the file is larger than a template can be"))
    try:
        # Notepad begins UTF-8 files with a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Broken(name, line, _("the file is not in UTF-8; save it again with the encoding UTF-8"))


def _fault(name: str, source: str) -> Broken | None:
    """What is wrong with a template before it is drawn."""
    import jinja2

    from sync.letters.sandbox import sandbox

    environment = sandbox(FOLDER, {}, escaping=False)
    try:
        environment.compile(source)
        tree = environment.parse(source)
    except jinja2.TemplateSyntaxError as error:
        reason = _("this is no valid Jinja template: {reason}").format(reason=error.message)
        return Broken(name, error.lineno, reason)
    except (RecursionError, MemoryError, SyntaxError) as error:
        return Broken(name, None, _because(error))
    if name == PARTS:
        return _missing(name, {macro.name for macro in tree.find_all(jinja2.nodes.Macro)}, _macros())
    return _missing(name, {block.name for block in tree.find_all(jinja2.nodes.Block)}, frozenset(BLOCKS))


def _missing(name: str, found: set[str], needed: frozenset[str]) -> Broken | None:
    missing = ", ".join(sorted(needed - found))
    if not missing:
        return None
    sentence = _("the macro {missing} is missing") if name == PARTS else _("the block {missing} is missing")
    return Broken(name, None, sentence.format(missing=missing))


def _macros() -> frozenset[str]:
    import jinja2

    tree = jinja2.Environment(autoescape=True).parse(shipped(PARTS))
    return frozenset(macro.name for macro in tree.find_all(jinja2.nodes.Macro))


def _culprit(error: Exception, own: Collection[str]) -> Broken | None:
    """The office's template that `error` comes from: the innermost one on the way to it."""
    if isinstance(error, _Unfit):
        name = error.name if error.name in own else PARTS
        return Broken(name, None, str(error)) if name in own else None
    found = None
    trace = error.__traceback__
    while trace is not None:
        template: jinja2.Template | None = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None and template.name and template.name.removesuffix(ENDING) in own:
            line = template.get_corresponding_lineno(trace.tb_lineno)
            found = Broken(template.name.removesuffix(ENDING), line, _because(error))
        trace = trace.tb_next
    return found


def _because(error: Exception) -> str:
    import jinja2

    if isinstance(error, jinja2.exceptions.SecurityError):
        return _("this is not allowed in a template: {reason}").format(reason=error)
    unknown = _UNKNOWN_NAME.search(str(error)) if isinstance(error, jinja2.UndefinedError) else None
    if unknown:
        sentence = _("there is no name '{name}' here; the comment on top of the shipped template has them all")
        return sentence.format(name=unknown[1] or unknown[2])
    return _("this cannot be drawn: {reason}").format(reason=f"{type(error).__name__}: {error}")
