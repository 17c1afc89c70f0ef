"""The help topics, in reading order; ``templates/ui/help/<language>/<topic>.html`` holds the text."""

from django.utils.translation import gettext_lazy as _

TOPICS = {
    "start": _("十分钟上手"),
    "screens": _("各页面的用途"),
    "numbers": _("数字从哪里来"),
    "states": _("状态与用词"),
    "keyboard": _("键盘与无障碍"),
}
