"""Forms for loading a tree and for its dated changes."""

from __future__ import annotations

import hashlib
import re
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.services import Order, Part
from jingtu.core.regions.sources import TreeSpec

_OWN_ID = re.compile(r"#(\d+)\s*$")
SPLIT_PARTS = 4


class TreeField(forms.ModelChoiceField):
    """Trees by their names in the reader's language."""

    def label_from_instance(self, obj: RegionTree) -> str:
        return obj.name


class RegionField(forms.CharField):
    """A region typed as code or name, or picked from the suggestions below the field."""

    def __init__(self, actor: Actor, tree: RegionTree, **kwargs: Any) -> None:
        self.actor, self.tree = actor, tree
        super().__init__(**kwargs)
        address = reverse("regions:picker", query={"tree": tree.slug, "as": "datalist"})
        self.widget.attrs.update(
            {
                "autocomplete": "off",
                "hx-get": address,
                "hx-trigger": "input changed delay:200ms",
            }
        )

    def bind_list(self, name: str) -> None:
        """Tie the field to its list of suggestions."""
        self.widget.attrs["list"] = f"{name}-options"
        self.widget.attrs["hx-target"] = f"#{name}-options"

    def clean(self, value: Any) -> Region | None:
        text = super().clean(value)
        if not text:
            return None
        if match := _OWN_ID.search(text):
            region = Region.objects.filter(tree=self.tree, pk=int(match[1]), valid_to__isnull=True).first()
            if region is not None:
                return region
        try:
            return queries.find_region(self.actor, self.tree, text)
        except NotFound:
            pass
        named = list(Region.objects.filter(tree=self.tree, name=text, valid_to__isnull=True)[:2])
        if len(named) == 1:
            return named[0]
        near = queries.suggestions(self.actor, self.tree, text)
        hint = "、".join(f"{region.name}（{region.code}）" for region in near)
        if hint:
            raise forms.ValidationError(
                _("没有唯一的区划“%(text)s”。是否指：%(hint)s？") % {"text": text, "hint": hint}
            )
        raise forms.ValidationError(_("没有找到区划“%(text)s”。") % {"text": text})


class LoadForm(forms.Form):
    """A region file and what its tree is called."""

    file = forms.FileField(
        label=gettext_lazy("区划文件（CSV）"),
        help_text=gettext_lazy("列：code,name,parent[,level,valid_from,valid_to]；UTF-8 或 GB18030。"),
    )
    slug = forms.SlugField(
        label=gettext_lazy("标识"),
        max_length=64,
        help_text=gettext_lazy("小写英文字母、数字和连字符；同一标识再次导入即为更新。"),
    )
    name_zh = forms.CharField(label=gettext_lazy("中文名"), max_length=64)
    name_en = forms.CharField(label=gettext_lazy("英文名"), max_length=128)
    kind = forms.ChoiceField(label=gettext_lazy("种类"), choices=RegionTree.Kind.choices)
    fictional = forms.BooleanField(label=gettext_lazy("虚构示范数据"), required=False)
    source = forms.CharField(label=gettext_lazy("来源"), max_length=200, required=False)
    source_date = forms.DateField(
        label=gettext_lazy("数据日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean_file(self) -> bytes:
        """The content of the file, within the size limit."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > settings.UPLOAD_LIMIT_BYTES:
            limit = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
            raise forms.ValidationError(_("文件超过 %(limit)s MB。") % {"limit": limit})
        return bytes(uploaded.read())

    def spec(self) -> TreeSpec:
        """What the form says of the tree."""
        data = self.cleaned_data
        return TreeSpec(
            slug=data["slug"],
            name_zh=data["name_zh"].strip(),
            name_en=data["name_en"].strip(),
            fictional=data["fictional"],
            kind=data["kind"],
            source=data["source"].strip(),
            source_date=data["source_date"],
        )


class OrderForm(forms.Form):
    """What every change has: from which day, by which document."""

    date = forms.DateField(
        label=gettext_lazy("生效日期"),
        initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("从这一天起按新区划计算；此前的时期仍按当时的区划计算。"),
    )
    document = forms.CharField(label=gettext_lazy("依据文件"), max_length=200, required=False)
    note = forms.CharField(label=gettext_lazy("备注"), max_length=500, required=False)

    def __init__(self, *args: Any, actor: Actor, region: Region, **kwargs: Any) -> None:
        self.actor, self.region = actor, region
        self.acting = actor  # on whose rights the change is tried or made
        self.confirming = False
        super().__init__(*args, **kwargs)
        self.add_fields()
        # What changes comes first, then when and by which document.
        self.order_fields([name for name in self.fields if name not in OrderForm.base_fields])

    def add_fields(self) -> None:
        """Add or fill the fields that depend on the region."""

    def order(self) -> Order:
        """The order as the services take it; a confirmed one holds for the tree that was previewed."""
        data = self.cleaned_data
        return Order(
            data["date"],
            data["document"],
            data["note"],
            self.previewed_revision() if self.confirming else None,
        )

    def previewed_revision(self) -> int | None:
        """Of the tree as it was when these very entries were previewed; None where they were not."""
        revision, _sep, entries = self.data.get("previewed", "").partition(".")
        return int(revision) if revision.isdecimal() and entries == self.entries_digest() else None

    def entries_digest(self) -> str:
        """Names what was entered, so that a confirmation is of what was previewed."""
        entered = [(name, cast(QueryDict, self.data).getlist(name)) for name in sorted(self.fields)]
        return hashlib.sha256(repr(entered).encode()).hexdigest()[:32]


class CreateForm(OrderForm):
    """A new region below this one."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=128)
    code = forms.CharField(label=gettext_lazy("代码"), max_length=32)
    level = forms.CharField(label=gettext_lazy("级别"), max_length=32)

    def add_fields(self) -> None:
        child = queries.children(self.actor, self.region).first()
        self.fields["level"].initial = child.level if child else ""


class RenameForm(OrderForm):
    """Another name or code."""

    name = forms.CharField(label=gettext_lazy("新名称"), max_length=128)
    code = forms.CharField(label=gettext_lazy("新代码"), max_length=32)

    def add_fields(self) -> None:
        self.fields["name"].initial, self.fields["code"].initial = self.region.name, self.region.code


class MoveForm(OrderForm):
    """Another parent."""

    code = forms.CharField(
        label=gettext_lazy("新代码"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("代码不变则留空。"),
    )

    def add_fields(self) -> None:
        parent = RegionField(
            self.actor,
            self.region.tree,
            label=_("新上级"),
            help_text=_("输入名称、拼音首字母或代码，从提示中选择。"),
        )
        parent.bind_list("parent")
        self.fields["parent"] = parent
        self.order_fields(["parent"])


class MergeForm(OrderForm):
    """Siblings that are merged with this region."""

    siblings = forms.TypedMultipleChoiceField(
        label=gettext_lazy("与哪些区划合并"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("合并为"),
        choices=[("into", gettext_lazy("并入本区划")), ("new", gettext_lazy("设立新区划"))],
        widget=forms.RadioSelect,
        initial="into",
    )
    name = forms.CharField(label=gettext_lazy("新区划名称"), max_length=128, required=False)
    code = forms.CharField(label=gettext_lazy("新区划代码"), max_length=32, required=False)

    def add_fields(self) -> None:
        self.others = {
            region.pk: region
            for region in Region.objects.filter(
                parent_id=self.region.parent_id, tree_id=self.region.tree_id, valid_to__isnull=True
            )
            .exclude(pk=self.region.pk)
            .order_by("position")
        }
        choices = [(pk, f"{region.name}（{region.code}）") for pk, region in self.others.items()]
        self.fields["siblings"].choices = choices  # type: ignore[attr-defined]


class SplitForm(OrderForm):
    """Up to four new regions and which child goes to which."""

    keeps = forms.BooleanField(
        label=gettext_lazy("原区划保留（未分出的下级仍归原区划）"), required=False, initial=True
    )

    def add_fields(self) -> None:
        for number in range(1, SPLIT_PARTS + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("新区划%(number)s名称") % {"number": number}, max_length=128, required=number == 1
            )
            self.fields[f"code_{number}"] = forms.CharField(
                label=_("新区划%(number)s代码") % {"number": number}, max_length=32, required=number == 1
            )
            self.fields[f"share_{number}"] = forms.DecimalField(
                label=_("新区划%(number)s占原区划的比例（%%）") % {"number": number},
                required=False,
                max_digits=7,
                decimal_places=4,
                min_value=0,
                max_value=100,
                help_text=_("文件载明时填写，用于估算此前各期的可比数。") if number == 1 else "",
            )
        targets = [("0", _("原区划"))] + [
            (str(number), _("新区划%(number)s") % {"number": number}) for number in range(1, SPLIT_PARTS + 1)
        ]
        self.child_ids = []
        for child in queries.children(self.actor, self.region):
            self.child_ids.append(child.pk)
            self.fields[f"child_{child.pk}"] = forms.ChoiceField(
                label=child.name, choices=targets, initial="0"
            )

    def parts(self) -> list[Part]:
        """The parts that were named, each with the children it takes."""
        data = self.cleaned_data
        return [
            Part(
                data[f"name_{number}"],
                data[f"code_{number}"],
                [pk for pk in self.child_ids if data[f"child_{pk}"] == str(number)],
                share=data[f"share_{number}"] / 100 if data[f"share_{number}"] is not None else None,
            )
            for number in range(1, SPLIT_PARTS + 1)
            if data[f"name_{number}"] or any(data[f"child_{pk}"] == str(number) for pk in self.child_ids)
        ]


class AliasForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=gettext_lazy("别名"), max_length=128)


class PeerGroupForm(forms.Form):
    """A group of regions assessed against each other."""

    code = forms.SlugField(label=gettext_lazy("标识"), max_length=64)
    name_zh = forms.CharField(label=gettext_lazy("中文名"), max_length=64)
    name_en = forms.CharField(label=gettext_lazy("英文名"), max_length=128)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    members = forms.CharField(
        label=gettext_lazy("成员"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("每行一个区划的代码或名称。"),
    )

    def __init__(self, *args: Any, actor: Actor, tree: RegionTree, **kwargs: Any) -> None:
        self.actor, self.tree = actor, tree
        super().__init__(*args, **kwargs)

    def clean_members(self) -> list[int]:
        """Own ids of the regions named line by line; every line that names none is told."""
        one = RegionField(self.actor, self.tree)
        found: list[int] = []
        errors = []
        for number, line in enumerate(self.cleaned_data["members"].splitlines(), start=1):
            if not line.strip():
                continue
            try:
                region = one.clean(line.strip())
            except forms.ValidationError as error:
                told = {"number": number, "text": " ".join(error.messages)}
                errors.append(forms.ValidationError(_("第 %(number)s 行：%(text)s"), params=told))
                continue
            if region is not None:
                found.append(region.pk)
        if errors:
            raise forms.ValidationError(errors)
        return found
