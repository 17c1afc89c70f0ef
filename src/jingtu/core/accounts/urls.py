from django.urls import URLPattern, URLResolver, path

from . import deciding_views, factor_views, people_views, security_views, views

app_name = "accounts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("sign-in/passkey/", factor_views.passkey_sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/options/", factor_views.passkey_options, name="passkey-options"),
    path("account/factors/", factor_views.own_factors, name="factors"),
    path("account/factors/authenticator/", factor_views.totp_add, name="totp-add"),
    path("account/factors/passkey/", factor_views.passkey_add, name="passkey-add"),
    path("account/factors/codes/", factor_views.codes_new, name="codes-new"),
    path("account/factors/<int:factor_id>/remove/", factor_views.factor_remove, name="factor-remove"),
    path("account/confirm/", security_views.confirm, name="confirm"),
    path("account/sessions/", security_views.own_sessions, name="sessions"),
    path(
        "account/sessions/end-others/",
        security_views.sessions_end_others,
        name="sessions-end-others",
    ),
    path("account/sessions/<int:session_id>/end/", security_views.session_end, name="session-end"),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", views.token_revoke, name="token-revoke"),
    path("people/", people_views.people, name="people"),
    path("people/new/", people_views.user_create, name="user-create"),
    path("people/<int:user_id>/", people_views.user_detail, name="user"),
    path("people/<int:user_id>/change/", people_views.user_change, name="user-change"),
    path("people/<int:user_id>/suspend/", people_views.user_suspend, name="user-suspend"),
    path("people/<int:user_id>/activate/", people_views.user_activate, name="user-activate"),
    path("people/<int:user_id>/password/", people_views.user_password, name="user-password"),
    path("people/<int:user_id>/posts/new/", people_views.post_grant, name="post-grant"),
    path("people/posts/<int:post_id>/end/", people_views.post_end, name="post-end"),
    path("people/proposals/", deciding_views.proposal_list, name="proposals"),
    path(
        "people/proposals/<int:proposal_id>/confirm/",
        deciding_views.proposal_confirm,
        name="proposal-confirm",
    ),
    path(
        "people/proposals/<int:proposal_id>/refuse/", deciding_views.proposal_refuse, name="proposal-refuse"
    ),
    path(
        "people/proposals/<int:proposal_id>/withdraw/",
        deciding_views.proposal_withdraw,
        name="proposal-withdraw",
    ),
    path("people/<int:user_id>/factors/reset/", deciding_views.factor_reset, name="factor-reset"),
    path("people/reviews/", deciding_views.review_list, name="reviews"),
    path("people/reviews/new/", deciding_views.campaign_open, name="campaign-open"),
    path("people/reviews/<int:review_id>/", deciding_views.review_decide, name="review-decide"),
    path("people/dormant/", deciding_views.dormant, name="dormant"),
    path("people/units/", people_views.units, name="units"),
    path("people/units/new/", people_views.unit_form, name="unit-create"),
    path("people/units/<int:unit_id>/", people_views.unit_form, name="unit"),
]
