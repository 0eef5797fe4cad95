"""Who acts: a person in a post, or the clock's robot."""

from dataclasses import dataclass

from .roles import ROLES, Reach, Role


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person as signed in under one post. Text fields are as of now, for events."""

    person_id: int | None
    account_id: int | None
    name: str
    role_code: str
    title: str
    unit_id: int | None
    unit_name: str
    post_id: int | None = None
    office_id: int | None = None  # the town or street of a village post, or the office itself
    office_code: str = ""
    district_id: int | None = None
    address: str = ""
    request_id: str = ""
    scopes: frozenset[str] = frozenset({"read", "act"})

    @property
    def role(self) -> Role:
        """The role of the post."""
        return ROLES[self.role_code]

    @property
    def reach(self) -> Reach:
        """How far the actor sees."""
        return Reach.DISTRICT if self.is_robot else self.role.reach

    @property
    def human_id(self) -> int:
        """The person who acts; raises PermissionError for the robot, which signs nothing."""
        if self.person_id is None:
            raise PermissionError(self.name)
        return self.person_id

    @property
    def is_robot(self) -> bool:
        """Whether the clock acts."""
        return self.role_code == "robot"

    def can(self, capability: str) -> bool:
        """Whether the post carries `capability`; the robot may do only what a Step gives it."""
        return not self.is_robot and capability in self.role.can


ROBOT = Actor(
    person_id=None,
    account_id=None,
    name="系统",
    role_code="robot",
    title="时钟",
    unit_id=None,
    unit_name="系统",
)
