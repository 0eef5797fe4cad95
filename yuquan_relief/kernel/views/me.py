"""What each person sets for themselves: type size, password, signing code, one-time codes."""

import base64
import io
from typing import cast

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.forms import PasswordForm, SignCodeForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Account
from yuquan_relief.kernel.operations.people import keep_password
from yuquan_relief.kernel.signing import set_sign_code
from yuquan_relief.kernel.views.sign_in import safe_next


def account_of(request: HttpRequest) -> Account:
    """The signed-in account."""
    return cast(Account, request.user)


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """My settings."""
    return _page(request, 200)


def _page(request: HttpRequest, status: int, **forms: object) -> HttpResponse:
    account = account_of(request)
    device = TOTPDevice.objects.filter(user=account).order_by("-id").first()
    page = {
        "page_title": "我的",
        "password_form": forms.get("password_form") or PasswordForm(account=account),
        "code_form": forms.get("code_form") or SignCodeForm(account=account),
        "has_code": bool(account.sign_code),
        "device": device,
        "qr": _qr(device) if device and not device.confirmed else "",
    }
    return render(request, "kernel/me.html", page, status=status)


def _qr(device: TOTPDevice) -> str:
    out = io.BytesIO()
    segno.make(device.config_url).save(out, kind="png", scale=4)
    return base64.b64encode(out.getvalue()).decode()


@require_POST
@transaction.atomic
def change_password(request: HttpRequest) -> HttpResponse:
    """The new password holds from now on; other sessions of the account end."""
    account = account_of(request)
    form = PasswordForm(request.POST, account=account)
    if not form.is_valid():
        return _page(request, 422, password_form=form)
    keep_password(account, form.cleaned_data["new"], must_change=False)
    update_session_auth_hash(request, account)
    _tell(request, "change_password")
    messages.success(request, "密码已修改，其他地方的登录已退出")
    return redirect("/me/")


@require_POST
@transaction.atomic
def change_sign_code(request: HttpRequest) -> HttpResponse:
    """The new signing code holds from now on."""
    form = SignCodeForm(request.POST, account=account_of(request))
    if form.is_valid():
        try:
            set_sign_code(account_of(request), form.cleaned_data["code"])
        except Refused as refused:
            form.add_error("code", refused.reason)
    if not form.is_valid():
        return _page(request, 422, code_form=form)
    _tell(request, "change_sign_code")
    messages.success(request, "签批码已设置")
    return redirect("/me/")


@require_POST
@transaction.atomic
def totp(request: HttpRequest) -> HttpResponse:
    """Begin, confirm or end one-time codes for the account."""
    account, act = account_of(request), request.POST.get("act")
    if act == "begin":
        TOTPDevice.objects.filter(user=account, confirmed=False).delete()
        TOTPDevice.objects.create(user=account, name="手机", confirmed=False)
    elif act == "confirm":
        device = TOTPDevice.objects.filter(user=account, confirmed=False).first()
        if device is None or not device.verify_token(request.POST.get("token", "").strip()):
            messages.error(request, "动态口令不对，请重新填写手机上显示的 6 位数字")
            return redirect("/me/")
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        _tell(request, "begin_totp")
        messages.success(request, "动态口令已开通，下次登录时使用")
    elif act == "end" and not account.check_password(request.POST.get("password", "")):
        messages.error(request, "登录密码不对，动态口令没有停用")
    elif act == "end":
        TOTPDevice.objects.filter(user=account).delete()
        _tell(request, "end_totp")
        messages.success(request, "动态口令已停用")
    return redirect("/me/")


def _tell(request: HttpRequest, action: str) -> None:
    actor = cast(PersonRequest, request).actor
    record("account", str(actor.account_id), action, actor=actor)


@require_POST
def change_size(request: HttpRequest) -> HttpResponse:
    """Large or normal type, remembered for the account."""
    large = request.POST.get("size") == "large"
    Account.objects.filter(pk=account_of(request).pk).update(large_type=large)
    return redirect(safe_next(request, request.POST.get("next", "/")))


def alive(request: HttpRequest) -> HttpResponse:
    """The person is still there; the idle time begins again."""
    request.session["seen_at"] = 0
    return HttpResponse(status=204)
