"""The actor that an account is under one of its posts."""

from .actor import Actor
from .models import Account, Post


def actor_in(account: Account, post: Post, *, address: str, request_id: str = "") -> Actor:
    """The person of the account as they act in `post`, whose unit and its parent are loaded."""
    office = post.unit.parent if post.unit.is_village else post.unit
    assert office is not None
    return Actor(
        office_id=office.pk,
        office_code=office.code[:9],
        district_id=office.parent_id or office.pk,
        person_id=account.person_id,
        account_id=account.pk,
        name=account.person.name,
        role_code=post.role,
        title=post.title,
        unit_id=post.unit_id,
        unit_name=post.unit.name,
        post_id=post.pk,
        address=address,
        request_id=request_id,
    )
