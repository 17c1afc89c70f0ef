"""``jingtu keys``: the keys that encrypt secrets in the database.

They belong to the machine: whoever runs these commands has its own rights, and the audit trail says "system".
"""

from __future__ import annotations

import typer

from jingtu.core.accounts import factors as _factors  # noqa: F401  (says where its secrets stand)
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.console import AsJson, emit_json, language, out
from jingtu.portal.maintenance.services import rotate_keys

app = typer.Typer(no_args_is_help=True, help="加密密钥 · keys that encrypt secrets in the database")


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """显示密钥版本；有缺失时退出码为 1 · Show the keys; exit code 1 when one is missing."""
    ring, used = vault.versions(), vault.used_versions()
    missing = sorted(used - set(ring))
    if as_json:
        emit_json({"versions": ring, "used": sorted(used), "missing": missing})
    elif language() == "zh":
        out.print(f"密钥版本：{_listed(ring)}；使用中：{_listed(used)}；缺失：{_listed(missing)}")
    else:
        out.print(f"Keys: {_listed(ring)}; in use: {_listed(used)}; missing: {_listed(missing)}")
    if missing:
        raise typer.Exit(1)


@app.command("rotate")
def rotate(as_json: AsJson = False) -> None:
    """生成新密钥并重新加密，服务不必停止 · Add a key and move every secret to it, while the site serves."""
    done = rotate_keys(SYSTEM)
    if as_json:
        emit_json({"version": done.version, "moved": done.moved, "dropped": done.dropped})
    elif language() == "zh":
        out.print(f"已启用密钥 {done.version}，重新加密 {done.moved} 项；停用：{_listed(done.dropped)}")
    else:
        out.print(
            f"Key {done.version} is in use, {done.moved} secrets moved; dropped: {_listed(done.dropped)}"
        )


def _listed(numbers: object) -> str:
    assert isinstance(numbers, (list, set))
    return "、".join(str(number) for number in sorted(numbers)) or "–"
