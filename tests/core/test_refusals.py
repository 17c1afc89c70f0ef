"""A refusal says in words what the posts do not allow, never the name the code has for it."""

from __future__ import annotations

import pytest

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import PermissionDenied


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_is_named_in_words(permission: Permission) -> None:
    problem = PermissionDenied(permission).problem
    assert permission.value not in problem.text("zh")
    assert permission.value not in problem.text("en")


def test_anything_else_is_named_as_it_was_given() -> None:
    assert "印发通报" in PermissionDenied("印发通报").problem.text("zh")
