"""The command `baocao`."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence

from sync import i18n


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; ends the process with the exit status of the design."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # Before the commands are imported: their help texts are translated as they are declared.
    language = early_language(arguments)
    i18n.use(language)
    i18n.use_for_click(language)
    _speak_utf8()
    from sync.cli.commands import baocao

    baocao.main(args=list(arguments), prog_name="baocao")


def early_language(arguments: Sequence[str]) -> str:
    """The language that `--lang` asks for, before anything else of the command line is understood."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    asked = [after for word, after in itertools.pairwise(words) if word == "--lang"]
    language = (asked or [os.environ.get("BAOCAO_LANG", "vi")])[-1]
    return language if language in i18n.LANGUAGES else "vi"


def _speak_utf8() -> None:
    # Consoles of Windows may still be in a code page that has no Vietnamese letters.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
