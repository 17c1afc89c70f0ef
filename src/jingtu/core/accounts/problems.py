"""Sentences of refusals and names of audited actions of this app."""

from __future__ import annotations

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.engine.problems import register_texts

register_texts(
    {
        "accounts.username_taken": ("用户名“{username}”已被使用。", "The user name “{username}” is taken."),
        "accounts.username_bad": (
            "用户名须为 2—64 位小写字母、数字及 . _ -，并以字母或数字开头。",
            "A user name has 2 to 64 lower-case letters, digits and . _ - and starts with a letter or digit.",
        ),
        "accounts.name_bad": (
            "姓名最多 {limit} 个字，不得含控制字符或看不见的字符。",
            "A name has at most {limit} characters, none of them control characters or invisible.",
        ),
        "accounts.email_bad": ("不是有效的电子邮箱地址。", "This is no valid e-mail address."),
        "accounts.language_unknown": (
            "没有语言“{language}”，只有 zh 和 en。",
            "There is no language “{language}”, only zh and en.",
        ),
        "accounts.name_empty": ("请填写名称。", "Please give the name."),
        "accounts.full_name_empty": ("请填写姓名。", "Please give the full name."),
        "accounts.reason_needed": ("请写明原因。", "Please give the reason."),
        "accounts.password_weak": (
            "密码不符合要求：{detail}",
            "The password does not meet the rules: {detail}",
        ),
        "accounts.password_wrong": ("当前密码不正确。", "The present password is not correct."),
        "accounts.password_same": (
            "新密码不得与当前密码相同。",
            "The new password must differ from the present one.",
        ),
        "accounts.not_your_charge": (
            "该账号不由您管理：管理员账号由安全管理员管理，其他账号由系统管理员管理，任何人不得停用自己或为自己重置密码。",
            "This account is not in your charge: the security administrator looks after administrators, "
            "the system administrator after everybody else, and nobody suspends or resets their own.",
        ),
        "accounts.already_suspended": ("该账号已经停用。", "The account is suspended already."),
        "accounts.not_suspended": ("该账号没有停用。", "The account is not suspended."),
        "accounts.user_suspended": (
            "该账号已停用，不能授予岗位。",
            "The account is suspended; it cannot be given posts.",
        ),
        "accounts.post_ended_already": ("该岗位已经终止。", "The post has ended already."),
        "accounts.users_exist": (
            "系统中已有用户，初始化只能在没有任何用户时进行。",
            "There are users already; the first accounts are made only when there are none.",
        ),
        "accounts.unit_exists": ("该区划下已有同名单位。", "A unit of that name exists there already."),
        "accounts.unit_region_wrong": (
            "考核对象必须属于成员单位树。",
            "The subject of assessment must belong to a tree of member units.",
        ),
        "accounts.unit_region_taken": (
            "该考核对象已对应其他单位。",
            "That subject of assessment stands for another unit already.",
        ),
        "accounts.region_ended": (
            "该区划已撤并，请选择现行区划。",
            "That region no longer exists; choose one of today's.",
        ),
        "accounts.token_days": (
            "有效期须为 1—{most} 天。",
            "A token lives between 1 and {most} days.",
        ),
        "accounts.token_too_many": (
            "有效的令牌已达 {most} 个，请先撤销不用的令牌。",
            "There are {most} live tokens already; revoke those no longer in use.",
        ),
        "accounts.token_revoked": ("该令牌已经撤销。", "The token has been revoked already."),
        "accounts.second_person": (
            "须由另一人确认：提出人和当事人本人都不能确认。",
            "A second person must confirm this: neither who proposed it nor whom it is about.",
        ),
        "accounts.proposed_already": (
            "同样的变更已经提出，正等待确认。",
            "The same change has been proposed and waits for confirmation.",
        ),
        "accounts.proposal_decided": (
            "该变更已经处理或已逾期失效。",
            "This change has been decided, or has lapsed.",
        ),
        "accounts.no_factor": ("该用户没有第二因素。", "The user has no second factor."),
        "accounts.campaign_short": (
            "截止日期至少留出一周。",
            "Leave at least a week until the last day.",
        ),
        "accounts.campaign_open": (
            "已有一次年度确认正在进行。",
            "A yearly confirmation is going on already.",
        ),
        "accounts.region_gone": (
            "该区划已撤销，岗位不能原样保留，请改任或终止。",
            "That region no longer exists: move the post or end it.",
        ),
        "accounts.no_successor": (
            "没有可改任的区划，请终止后另行授予。",
            "There is no region to move to: end the post and grant another.",
        ),
        "accounts.review_decided": ("该岗位已经处理。", "This post has been dealt with."),
        "accounts.no_post": (
            "您的账号目前没有有效岗位，不能使用业务页面。请联系安全管理员。",
            "Your account holds no post in force, so no page of work opens. Ask the security administrator.",
        ),
        "accounts.code_wrong": (
            "验证码不正确。请确认手机时间准确，再填写当前显示的数字。",
            "The code is not right. Check that the phone's clock is, and enter the digits it shows now.",
        ),
        "accounts.totp_exists": ("您已设置验证器。", "You have an authenticator already."),
        "accounts.passkey_wrong": (
            "通行密钥没有通过验证，请重试。",
            "The passkey could not be verified; please try again.",
        ),
        "accounts.passkeys_many": (
            "通行密钥已达 {most} 个，请先删除不用的。",
            "There are {most} passkeys already; remove those no longer in use.",
        ),
        "accounts.factor_first": (
            "请先设置验证器或通行密钥。",
            "Set up an authenticator or a passkey first.",
        ),
        "accounts.second_factor_first": (
            "您的岗位要求启用第二因素，请先在网页上设置。",
            "Your post requires a second factor; set one up on the site first.",
        ),
        "accounts.confirm_needed": (
            "此操作须先验证身份：请在网页上打开“我的账号 → 验证身份”，{minutes} 分钟内再试；程序请使用接口令牌。",
            "Prove first that it is you (My account → Confirm identity on the site), then try again within "
            "{minutes} minutes; programs use an API token.",
        ),
        "accounts.role_unknown": ("没有“{role}”这种角色。", "There is no role “{role}”."),
        "accounts.module_unknown": ("没有“{module}”这个模块。", "There is no module “{module}”."),
    }
)

register_actions(
    {
        "accounts.signed_in": ("登录", "Signed in"),
        "accounts.signed_out": ("退出登录", "Signed out"),
        "accounts.sign_in_locked": ("登录锁定", "Sign-in locked"),
        "accounts.identity_confirmed": ("验证身份", "Identity confirmed"),
        "accounts.factor_added": ("启用第二因素", "Second factor added"),
        "accounts.factor_removed": ("删除第二因素", "Second factor removed"),
        "accounts.factors_reset": ("重置第二因素", "Second factors reset"),
        "accounts.recovery_codes_made": ("生成恢复码", "Recovery codes made"),
        "accounts.sign_on_linked": ("关联单点登录", "Single sign-on linked"),
        "accounts.sign_on_refused": ("拒绝单点登录", "Single sign-on refused"),
        "accounts.sessions_ended": ("结束登录会话", "Sessions ended"),
        "accounts.user_created": ("新建用户", "User created"),
        "accounts.user_changed": ("修改用户", "User changed"),
        "accounts.user_suspended": ("停用用户", "User suspended"),
        "accounts.user_activated": ("启用用户", "User activated"),
        "accounts.password_reset": ("重置密码", "Password reset"),
        "accounts.password_changed": ("修改本人密码", "Own password changed"),
        "accounts.profile_changed": ("修改本人资料", "Own profile changed"),
        "accounts.token_created": ("新建接口令牌", "API token created"),
        "accounts.token_revoked": ("撤销接口令牌", "API token revoked"),
        "accounts.post_granted": ("授予岗位", "Post granted"),
        "accounts.post_extended": ("变更岗位期限", "Post's term changed"),
        "accounts.post_suspended": ("暂停岗位", "Post suspended"),
        "accounts.post_reviewed": ("确认岗位", "Post reviewed"),
        "accounts.posts_to_confirm": ("区划变更涉及岗位", "Posts touched by a change of regions"),
        "accounts.campaign_opened": ("开始年度确认", "Yearly confirmation opened"),
        "accounts.change_proposed": ("提出岗位变更", "Change of posts proposed"),
        "accounts.change_confirmed": ("确认岗位变更", "Change of posts confirmed"),
        "accounts.change_refused": ("退回岗位变更", "Change of posts refused"),
        "accounts.change_withdrawn": ("撤回岗位变更", "Change of posts withdrawn"),
        "accounts.change_lapsed": ("岗位变更逾期失效", "Change of posts lapsed"),
        "accounts.post_ended": ("终止岗位", "Post ended"),
        "accounts.unit_created": ("新建单位", "Unit created"),
        "accounts.unit_changed": ("修改单位", "Unit changed"),
    }
)
register_objects(
    {
        "user": ("用户", "User"),
        "username": ("用户名", "User name"),
        "post": ("岗位", "Post"),
        "proposal": ("岗位变更", "Change of posts"),
        "campaign": ("年度确认", "Yearly confirmation"),
        "unit": ("成员单位", "Unit"),
        "api_token": ("接口令牌", "API token"),
    }
)
