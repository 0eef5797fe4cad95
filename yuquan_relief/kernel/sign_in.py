"""Who signs in: accounts with their person, in one statement."""

from django.contrib.auth.backends import ModelBackend

from yuquan_relief.kernel.models import Account


class PersonBackend(ModelBackend):
    """Django's own check of the password; the account comes with its person."""

    def get_user(self, user_id: int) -> Account | None:
        """The active account of a session."""
        account = Account.objects.select_related("person").filter(pk=user_id).first()
        return account if account and self.user_can_authenticate(account) else None
