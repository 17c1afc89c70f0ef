"""Keep the English translation complete.

The interface is written in Chinese; every app holds its English in ``locale/en/LC_MESSAGES/django.po``.

    python scripts/messages.py update    # extract; keep what is translated, leave what is new empty
    python scripts/messages.py check     # exit 1 when a sentence lacks its English, or two apps disagree on it
    python scripts/messages.py compile   # write the .mo files that Django reads

Django's own extractor needs the system's gettext; Babel does the same from Python alone, given a reader
for Django templates, which Django supplies itself (``templatize``).
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "jingtu"
KEYWORDS: dict[str, Any] = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def apps() -> list[Path]:
    """Folders that hold their own translations: every Django app."""
    return sorted(path.parent for path in SOURCE.rglob("apps.py"))


def extract_template(fileobj: io.BytesIO, keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Babel extraction method for Django templates."""
    from django.utils.translation.template import templatize

    source = templatize(fileobj.read().decode("utf-8"))
    # A template's indentation means nothing, but it would to the tokenizer.
    source = "\n".join(line.lstrip() for line in source.split("\n"))
    yield from extract_python(io.BytesIO(source.encode("utf-8")), keywords, tags, options)


def new_catalog() -> Catalog:
    return Catalog(locale="en", project="Jingtu", charset="utf-8", fuzzy=False)


def messages_of(app: Path) -> Catalog:
    """All sentences of an app's code and templates."""
    catalog = new_catalog()
    files: Iterable[Path] = sorted([*app.rglob("*.py"), *app.rglob("*.html"), *app.rglob("*.txt")])
    nested = [other for other in apps() if other != app and app in other.parents]
    for path in files:
        if "migrations" in path.parts or any(other in path.parents for other in nested):
            continue
        method: Any = "python" if path.suffix == ".py" else extract_template
        with path.open("rb") as handle:
            for line, message, comments, context in extract(
                method, handle, keywords=KEYWORDS, comment_tags=("Translators:",), options={}
            ):
                name = str(path.relative_to(ROOT))
                catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def catalogue_path(app: Path) -> Path:
    return app / "locale" / "en" / "LC_MESSAGES" / "django.po"


def existing(app: Path) -> Catalog | None:
    path = catalogue_path(app)
    if not path.exists():
        return None
    with path.open("rb") as handle:
        return read_po(handle, locale="en")


def catalogues() -> Iterator[tuple[str, Catalog]]:
    """Every app's English, with the file that holds it."""
    for app in apps():
        if (known := existing(app)) is not None:
            yield str(catalogue_path(app).relative_to(ROOT)), known


def update() -> None:
    for app in apps():
        fresh = messages_of(app)
        if not len(fresh):
            continue
        known = existing(app) or new_catalog()
        known.update(fresh, no_fuzzy_matching=True)
        known.obsolete.clear()
        path = catalogue_path(app)
        path.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        write_po(buffer, known, width=110, include_lineno=False, sort_output=True)
        # Dates would make every run a change.
        text = re.sub(
            r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By):.*\n',
            "",
            buffer.getvalue().decode(),
            flags=re.M,
        )
        path.write_text(text, encoding="utf-8")


def clashes(catalogues: Iterable[tuple[str, Catalog]]) -> list[str]:
    """Sentences whose English differs between catalogues, each with its files and texts.

    Django merges the catalogues of all apps and the first app wins everywhere, so a page of another app
    would show the wrong word. The same meaning needs one wording, another meaning a context.
    """
    wordings: dict[tuple[str, ...], dict[tuple[str, ...], list[str]]] = {}
    for name, catalogue in catalogues:
        for message in catalogue:
            forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
            if forms[0] and all(texts):
                key = (message.context or "", *forms)
                wordings.setdefault(key, {}).setdefault(texts, []).append(name)
    return [
        f"{' / '.join(forms)!r}{f' (context {context!r})' if context else ''} has different English: "
        + "; ".join(f"{' / '.join(texts)!r} in {', '.join(names)}" for texts, names in found.items())
        for (context, *forms), found in wordings.items()
        if len(found) > 1
    ]


def check() -> int:
    """Name every sentence that lacks its English, whose English lost a placeholder, or clashes."""
    found = 0
    for app in apps():
        fresh, known = messages_of(app), existing(app)
        for message in fresh:
            if not message.id:
                continue
            ident = message.id if isinstance(message.id, str) else message.id[0]
            other = known.get(message.id, message.context) if known else None
            texts: list[str] = []
            if other is not None:
                texts = [other.string] if isinstance(other.string, str) else list(other.string)
            if other is None or not texts or not all(texts) or other.fuzzy:
                problem = "no English"
            elif set(PLACEHOLDER.findall(ident)) - set(PLACEHOLDER.findall(texts[-1])):
                problem = "placeholder lost"
            else:
                continue
            found += 1
            place = message.locations[0] if message.locations else ("?", 0)
            print(f"{place[0]}:{place[1]}: {problem}: {ident!r}")
    for clash in clashes(catalogues()):
        found += 1
        print(clash)
    return found


def compile_all() -> None:
    for app in apps():
        known = existing(app)
        if known is None:
            continue
        with catalogue_path(app).with_suffix(".mo").open("wb") as handle:
            write_mo(handle, known)


def main() -> None:
    actions = {"update": update, "check": check, "compile": compile_all}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit("usage: python scripts/messages.py update|check|compile")
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True, INSTALLED_APPS=[])
    django.setup()
    if found := actions[sys.argv[1]]():
        sys.exit(f"{found} sentences to translate or to mend")


if __name__ == "__main__":
    main()
