"""Units of measure as codes, with the word readers see."""

from __future__ import annotations

from jingtu.engine.problems import Language

UNITS: dict[str, tuple[str, str]] = {
    "%": ("%", "%"),
    "pp": ("个百分点", "percentage points"),
    "persons": ("人", "persons"),
    "person_times": ("人次", "person-times"),
    "users": ("名吸毒人员", "users"),
    "cases": ("起", "cases"),
    "gangs": ("个", "gangs"),
    "kg": ("千克", "kg"),
    "g": ("克", "g"),
    "tonnes": ("吨", "tonnes"),
    "plants": ("株", "plants"),
    "mu": ("亩", "mu"),
    "yuan": ("元", "yuan"),
    "wan_yuan": ("万元", "10,000 yuan"),
    "firms": ("家", "firms"),
    "outlets": ("个", "outlets"),
    "parcels": ("件", "parcels"),
    "institutions": ("家", "institutions"),
    "venues": ("家", "venues"),
    "inspections": ("次", "inspections"),
    "checks": ("次", "checks"),
    "schools": ("所", "schools"),
    "villages": ("个", "villages"),
    "townships": ("个", "townships"),
    "counties": ("个", "counties"),
    "sites": ("处", "sites"),
    "bases": ("个", "bases"),
    "agencies": ("家", "agencies"),
    "agreements": ("份", "agreements"),
    "events": ("场次", "events"),
    "items": ("项", "items"),
    "tasks": ("项", "tasks"),
    "documents": ("份", "documents"),
    "reports": ("份", "reports"),
    "clues": ("条", "clues"),
    "messages": ("条", "messages"),
    "times": ("次", "times"),
    "days": ("天", "days"),
    "hours": ("小时", "hours"),
    "years": ("年", "years"),
    "points": ("分", "points"),
    "score": ("分", "points"),
    "rank": ("名", "place"),
    "litres": ("升", "litres"),
    "tablets": ("片", "tablets"),
    "vehicles": ("辆", "vehicles"),
    "per_10k": ("‱", "per 10,000"),
    "per_100k": ("/10万人", "per 100,000"),
    "ratio": ("", ""),
}


def unit_name(code: str, language: Language = "zh") -> str:
    """The word for a unit; a code that is not listed stands for itself."""
    zh, en = UNITS.get(code, (code, code))
    return zh if language == "zh" else en
