"""The only writers of facts, one verb a function."""

from jingtu.core.facts.services.changes import change_fact, retract_fact, settle_fact, undo_import
from jingtu.core.facts.services.elements import store_elements
from jingtu.core.facts.services.imports import begin_import, confirm_import, import_path, problems_of
from jingtu.core.facts.services.outputs import (
    begin_export,
    expire_exports,
    export_facts,
    export_outcome,
    make_template,
    run_export_job,
)
from jingtu.core.facts.services.reported import store_reported

__all__ = [
    "begin_export",
    "begin_import",
    "change_fact",
    "confirm_import",
    "expire_exports",
    "export_facts",
    "export_outcome",
    "import_path",
    "make_template",
    "problems_of",
    "retract_fact",
    "run_export_job",
    "settle_fact",
    "store_elements",
    "store_reported",
    "undo_import",
]
