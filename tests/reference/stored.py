"""A published version read back from its stored files, without the engine."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.reference.card import Card, subject_rows
from tests.reference.spans import span
from tests.reference.world import Stated, World


class Version:
    """The facts, the tree, the definitions, targets and decisions that one version of a run was computed from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = self._json("manifest.json")
        self.published = self._json("publication.json")
        self.hash = hashlib.sha256((folder / "publication.json").read_bytes()).hexdigest()
        tree = pq.read_table(folder / "tree.parquet").to_pylist()
        within = self.manifest["within"]
        definitions = {
            kind: entries
            for kind, entries in self._json("definitions.json").items()
            if isinstance(entries, list)
        }
        inside = tree[within : tree[within]["last"] + 1]
        codes = {row["id"]: row["code"] for row in inside}
        decimals = {entry["code"]: entry.get("decimals", 0) for entry in definitions["elements"]}
        regions = [
            {
                "code": row["code"],
                "name": row["name"],
                "level": row["level"],
                "parent": tree[row["parent"]]["code"] if number else "",
            }
            for number, row in enumerate(inside)
        ]
        facts = [
            Stated(
                row["element"],
                codes[row["region_id"]],
                row["period"],
                tuple(sorted(tuple(part.split("=")) for part in row["category"].split(";") if part)),
                Fraction(row["value"], 10 ** decimals[row["element"]]),
            )
            for row in pq.read_table(folder / "facts.parquet").to_pylist()
        ]
        self.world = World.of(regions, facts, definitions)
        self.groups = {
            name: [tree[place]["code"] for place in places]
            for name, places in self.manifest["peer_groups"].items()
        }
        targets = self._json("targets.json") if "targets.json" in self.manifest["files"] else []
        self.targets = tuple(
            {**one, "region": one["region"][1], "level": one["level"] if one["scope"] == "level" else ""}
            for one in targets
        )
        ledger = self._json("ledger.json") if "ledger.json" in self.manifest["files"] else None
        self.card = Card(
            self.world,
            self.manifest["scorecard"],
            span(self.manifest["period"]),
            self.targets,
            self.groups,
            ledger,
        )

    def rows(self) -> list[dict[str, Any]]:
        """What the version must state about every place, computed by hand."""
        return subject_rows(self.card, self.groups)

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))
