"""Errors that services raise and doors (pages, API, command line) turn into answers."""

from __future__ import annotations

from jingtu.engine.problems import InvalidInput, Problem, refuse, register_texts

__all__ = ["Conflict", "InvalidInput", "NotFound", "PermissionDenied", "Problem", "refuse", "register_texts"]

register_texts(
    {
        "kernel.permission_denied": (
            "您的岗位无权执行此操作：{what}。如确需办理，请向安全管理员申请相应岗位。",
            "Your posts do not allow this: {what}. If you need it, ask the security administrator for the post.",
        ),
        "kernel.not_found": ("没有找到：{what}。", "Not found: {what}."),
    }
)


class PermissionDenied(Exception):
    """The actor may not do this. Doors answer 403, or 404 where existence itself is not to be known."""

    def __init__(self, what: str) -> None:
        self.problem = Problem("kernel.permission_denied", {"what": what})
        super().__init__(self.problem.text("en"))


class NotFound(Exception):
    """No such thing, or none that the actor may know of."""

    def __init__(self, what: str) -> None:
        self.problem = Problem("kernel.not_found", {"what": what})
        super().__init__(self.problem.text("en"))


class Conflict(Exception):
    """The thing is not in a state that allows this, or somebody else was faster."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.text("en"))
