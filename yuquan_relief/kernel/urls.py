"""Addresses of the ground floor."""

from django.urls import path

from yuquan_relief.kernel.views import audit, calendar, files, me, pages, people, settings, sign_in

urlpatterns = [
    path("login/", sign_in.sign_in, name="login"),
    path("logout/", sign_in.sign_out, name="logout"),
    path("me/", me.me, name="me"),
    path("me/post/", sign_in.choose_post, name="choose_post"),
    path("me/size/", me.change_size, name="change_size"),
    path("me/password/", me.change_password, name="change_password"),
    path("me/sign-code/", me.change_sign_code, name="change_sign_code"),
    path("me/totp/", me.totp, name="totp"),
    path("me/alive/", me.alive, name="alive"),
    path("menu/", pages.menu, name="menu"),
    path("help/", pages.help_page, name="help"),
    path("help/rules/", pages.rules_page, name="regulation"),
    path("files/<int:pk>/", files.file, name="file"),
    path("files/<int:pk>/view/", files.file, {"variant": "view"}, name="file_view"),
    path("files/<int:pk>/thumb/", files.file, {"variant": "thumb"}, name="file_thumb"),
    path("settings/ui/", pages.ui, name="gallery"),
    path("settings/health/", pages.health_page, name="health"),
    path("settings/units/", settings.units, name="units"),
    path("settings/people/", people.people, name="people"),
    path("settings/rules/", settings.rulebook, name="rulebook"),
    path("settings/rules/<str:parameter>/", settings.rule_entry, name="rule_entry"),
    path("settings/rules/value/<int:pk>/confirm/", settings.rule_confirm, name="rule_confirm"),
    path("settings/calendar/", calendar.calendar, name="calendar"),
    path("settings/calendar/day/", calendar.calendar_day, name="calendar_day"),
    path("audit/", audit.audit_page, name="audit"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
]
