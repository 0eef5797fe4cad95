"""Verifying the chain of events: links, columns against the hashed text, head, anchors, guards.

One set-based pass reads each event once. Whatever cannot be read counts as broken, never as
sound. What is found is a `Problem`, in words for the audit administrator, without any value of
the columns. The stand-alone second verifier is tools/verify_audit.py (security.md 5.4).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

from .guards import APP_ROLE

GENESIS = hashlib.sha256(b"").digest()

# The text that event_append must have hashed, made once more from the readable columns.
RETOLD = """jsonb_build_object(
    'seq', seq, 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'alg', alg, 'on_day', on_day, 'person_id', person_id, 'account_id', account_id,
    'actor_name', actor_name, 'actor_post', actor_post, 'actor_unit', actor_unit,
    'address', address, 'request_id', request_id, 'subject_kind', subject_kind,
    'subject_key', subject_key, 'unit_id', unit_id, 'action', action, 'before', before,
    'after', after, 'due_on', due_on, 'note', note, 'body', body)::text"""

# The first event, from `first` on, with which something is wrong. %(anchor)s: the hash before
# event `first`, or NULL when that event is in the chain and is read as the anchor.
FIRST_BROKEN = f"""
SELECT seq, seq_before, is_linked, is_hashed, is_later, canon, retold
  FROM (SELECT seq, canon, retold, hash = sha256(prev || convert_to(canon, 'UTF8')) AS is_hashed,
               coalesce(lag(seq) OVER w, CASE WHEN %(first)s = 1 THEN 0 END) AS seq_before,
               prev = coalesce(lag(hash) OVER w, %(anchor)s) AS is_linked,
               at >= coalesce(lag(at) OVER w, at) AS is_later
          FROM (SELECT seq, at, prev, hash, canon, {RETOLD} AS retold
                  FROM kernel_event WHERE %(first)s = 1 OR seq >= %(first)s - 1) told
        WINDOW w AS (ORDER BY seq)) linked
 WHERE (%(first)s = 1 OR seq >= %(first)s)
   AND (seq = seq_before + 1 AND is_linked AND is_hashed AND is_later AND canon = retold)
       IS NOT TRUE
 ORDER BY seq LIMIT 1
"""

HEAD = """
SELECT h.seq, h.at, h.hash, e.seq, e.at, e.hash
  FROM (SELECT 1) one
  LEFT JOIN kernel_event_head h ON true
  LEFT JOIN (SELECT seq, at, hash FROM kernel_event ORDER BY seq DESC LIMIT 1) e ON true
"""

OFF_THE_CHAIN = """
SELECT c.seq, e.seq IS NOT NULL
  FROM ({anchors}) c LEFT JOIN kernel_event e ON e.seq = c.seq
 WHERE e.hash IS DISTINCT FROM c.hash
 ORDER BY c.seq LIMIT 1
"""


@dataclass(frozen=True)
class Problem:
    """Something that is not as it must be; `seq` is the event with which it begins."""

    what: str
    seq: int | None = None

    def __str__(self) -> str:
        return f"第 {self.seq} 条：{self.what}" if self.seq is not None else self.what


@dataclass(frozen=True)
class Witness:
    """What somebody outside has written down about the chain."""

    seq: int
    sha256: str


@dataclass(frozen=True)
class Verdict:
    """What was verified and what is broken. `last` is 0 for an empty chain."""

    first: int
    last: int
    head_sha256: str
    problems: tuple[Problem, ...]

    @property
    def checked(self) -> int:
        """The number of events that were read."""
        return max(self.last - self.first + 1, 0)


def verify(first: int = 1, witnesses: Sequence[Witness] = ()) -> Verdict:
    """Verify the chain from event `first` on, with its head, its anchors and the guards.

    `first` > 1 takes the event before it as given. Events that are appended meanwhile do no harm.
    """
    last, sha256, head = _head()
    problems = [
        *head,
        *_readable(lambda: _chain(first)),
        *_readable(_checkpoints),
        *_readable(lambda: _witnessed(witnesses)),
        *_readable(guard_problems),
    ]
    return Verdict(first, last, sha256, tuple(problems))


def _readable(check: Callable[[], Iterator[Problem]]) -> list[Problem]:
    """What the check finds; that it could not be made is itself a finding."""
    try:
        with transaction.atomic():
            return list(check())
    except DatabaseError as error:
        return [Problem(f"无法核验：{str(error).splitlines()[0]}")]


def _rows(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


# The head


def _head() -> tuple[int, str, list[Problem]]:
    """Number and hash of the last event, and whether the head row agrees with it."""
    try:
        with transaction.atomic():
            rows = _rows(HEAD)
    except DatabaseError as error:
        return 0, "", [Problem(f"无法核验链头：{str(error).splitlines()[0]}")]
    if len(rows) != 1 or rows[0][0] is None:
        return rows[0][3] or 0, _hex(rows[0][5]), [Problem("链头不是恰好一行，无法证明末尾完整")]
    seq, at, digest, last, last_at, last_digest = rows[0]
    if last is None:
        sound = seq == 0 and bytes(digest) == GENESIS
        return 0, _hex(digest), [] if sound else [Problem("链头指向的记录已经不在", seq)]
    problems = _head_problems((seq, at, digest), (last, last_at, last_digest))
    return last, _hex(last_digest), list(problems)


def _head_problems(head: tuple[Any, Any, Any], last: tuple[Any, Any, Any]) -> Iterator[Problem]:
    if head[0] > last[0]:
        yield Problem(f"自此至第 {head[0]} 条缺失，链的末尾被删", last[0] + 1)
    elif head[0] < last[0]:
        yield Problem("超出链头，不是系统写入的", head[0] + 1)
    elif bytes(head[2]) != bytes(last[2]):
        yield Problem("最后一条的摘要与链头不符", last[0])
    elif head[1] != last[1]:
        yield Problem("最后一条的时间与链头不符", last[0])


def _hex(digest: Any) -> str:
    return bytes(digest).hex() if digest is not None else ""


# The events


def _chain(first: int) -> Iterator[Problem]:
    anchor = GENESIS if first == 1 else None
    for row in _rows(FIRST_BROKEN, {"first": first, "anchor": anchor}):
        seq, before, is_linked, is_hashed, is_later, canon, retold = row
        if before is None:
            yield Problem("缺失，无法从这里接着核验", first - 1)
        elif seq > before + 1:
            yield Problem(f"缺失，下一条是第 {seq} 条", before + 1)
        elif seq < before + 1:
            yield Problem("序号重复或不在应有的位置", seq)
        else:
            found = [
                "" if is_linked else "与前一条的摘要接不上",
                "" if is_hashed else "原文与摘要不符",
                "" if is_later else "时间早于前一条",
                "" if canon == retold else _differing(canon, retold),
            ]
            yield Problem("；".join(filter(None, found)), seq)


def _differing(canon: str | None, retold: str | None) -> str:
    """Which columns do not say what the hashed text says; names only."""
    try:
        hashed, shown = json.loads(canon or ""), json.loads(retold or "")
        names = sorted(
            name
            for name in {*hashed, *shown}
            if name not in hashed
            or name not in shown
            or json.dumps(hashed[name], sort_keys=True) != json.dumps(shown[name], sort_keys=True)
        )
    except (ValueError, TypeError):
        return "原文无法读出"
    return f"列与原文不符（{'、'.join(names)}）" if names else "原文的写法被改动"


# The anchors


def _checkpoints() -> Iterator[Problem]:
    """The checkpoints in the database lie on the chain."""
    sql = OFF_THE_CHAIN.format(anchors="SELECT seq, hash FROM kernel_checkpoint")
    yield from (_off(seq, is_there, "检查点") for seq, is_there in _rows(sql))


def _witnessed(witnesses: Sequence[Witness]) -> Iterator[Problem]:
    """What was written down outside lies on the chain: the only thing that shows a rewrite."""
    given = "unnest(%s::bigint[], %s::text[]) w(seq, digest)"
    sql = OFF_THE_CHAIN.format(anchors=f"SELECT seq, decode(digest, 'hex') AS hash FROM {given}")
    told = [w.seq for w in witnesses], [w.sha256 for w in witnesses]
    yield from (_off(seq, is_there, "外部留存的检查点") for seq, is_there in _rows(sql, told))


def _off(seq: int, is_there: bool, anchor: str) -> Problem:
    what = "的摘要与{}不符，此前有改写" if is_there else "有{}为证，链上却没有，末尾被删或被退回"
    return Problem(what.format(anchor), seq)


# The guards in the database: what the migrations promised, against what stands there

WORDS = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(?P<function>\w+)\s*\(.*?"
    r"AS\s+\$(?P<tag>\w*)\$(?P<body>.*?)\$(?P=tag)\$"
    r"|DROP\s+FUNCTION\s+(?:IF\s+EXISTS\s+)?(?P<no_function>\w+)"
    r"|(?P<definition>CREATE\s+(?:CONSTRAINT\s+)?TRIGGER\s+(?P<trigger>\w+)[^;]*)"
    r"|DROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?(?P<no_trigger>\w+)\s+ON\s"
    r"|ENABLE\s+ALWAYS\s+TRIGGER\s+(?P<always>\w+)"
    r"|(?P<verb>REVOKE|GRANT)\s+(?P<rights>[A-Z, ]+?)\s+(?:\((?P<columns>[^)]*)\)\s+)?"
    r"ON\s+(?:TABLE\s+)?(?P<table>\w+)"
    rf"\s+(?:FROM|TO)\s+{APP_ROLE}\b",
    re.DOTALL | re.IGNORECASE,
)
ALL_RIGHTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"})


@dataclass
class Promises:
    """What the migrations set up: bodies of functions, triggers, rights taken from the role."""

    functions: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)
    always: set[str] = field(default_factory=set)
    denied: dict[tuple[str, str], str] = field(default_factory=dict)  # value: columns granted

    def hear(self, found: re.Match[str]) -> None:
        """Take in one statement."""
        if name := found["function"]:
            self.functions[name] = found["body"]
        elif name := found["no_function"]:
            self.functions.pop(name, None)
        elif name := found["trigger"]:
            self.triggers[name] = found["definition"]
        elif name := found["no_trigger"]:
            self.triggers.pop(name, None)
            self.always.discard(name)
        elif name := found["always"]:
            self.always.add(name)
        else:
            self._hear_rights(found)

    def _hear_rights(self, found: re.Match[str]) -> None:
        named = {word.strip().upper() for word in found["rights"].split(",")}
        for right in ALL_RIGHTS if named & {"ALL", "ALL PRIVILEGES"} else named:
            columns = re.sub(r"\s", "", found["columns"] or "")
            if found["verb"].upper() == "REVOKE" or columns:
                self.denied[found["table"], right] = columns
            else:
                self.denied.pop((found["table"], right), None)


@cache
def promises() -> Promises:
    """Read from the SQL of every migration in their order, so that nobody keeps a second list."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    heard, plan = Promises(), dict[tuple[str, str], None]()
    for leaf in loader.graph.leaf_nodes():
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    for key in plan:
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, RunSQL):
                for statement in WORDS.finditer(str(operation.sql)):
                    heard.hear(statement)
    return heard


def guard_problems() -> Iterator[Problem]:
    """Triggers, functions, rights and role are as the migrations left them (security.md 5.2)."""
    promised = promises()
    yield from map(Problem, _trigger_faults(promised))
    yield from map(Problem, _function_faults(promised))
    yield from map(Problem, _right_faults(promised))
    yield from map(Problem, _role_faults())


def trigger_states() -> dict[str, str]:
    """Each promised trigger and its state: A always, O not in replica mode, D off, "" gone."""
    rows = _rows("SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal")
    there = dict(rows)
    return {name: there.get(name, "") for name in sorted(promises().triggers)}


def _trigger_faults(promised: Promises) -> Iterator[str]:
    sql = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    there = dict(_rows(sql))
    for name, state in trigger_states().items():
        if not state:
            yield f"保护触发器 {name} 不在"
        elif state != ("A" if name in promised.always else "O"):
            yield f"保护触发器 {name} 被停用，或没有始终启用"
        elif _shape(there[name]) != _shape(promised.triggers[name]):
            yield f"保护触发器 {name} 的定义被改动"


SHAPE = re.compile(
    r"(BEFORE|AFTER)\s+(.*?)\s+ON\s+(?:public\.)?(\w+)(.*?)EACH\s+(ROW|STATEMENT)\s+(WHEN)?"
    r".*EXECUTE\s+FUNCTION\s+(\w+)",
    re.DOTALL,
)


def _shape(definition: str) -> list[str | None]:
    """When, on what, for which rows, whether under a condition, and what a trigger runs."""
    found = SHAPE.search(definition)
    if found is None:
        return [definition]
    events = sorted(set(re.findall(r"\w+", found[2])) - {"OR"})
    return [found[1], " ".join(events), found[3], found[5], found[6], found[7]]


def _function_faults(promised: Promises) -> Iterator[str]:
    sql = "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    there = sorted(_rows(sql + " AND proname = ANY(%s)", [list(promised.functions)]))
    for name, body in promised.functions.items():
        found = [_sha256(source) for proname, source in there if proname == name]
        if found != [_sha256(body)]:
            yield f"函数 {name} 不在，或与交付的不同"


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


RIGHTS = """
SELECT relation, denied
  FROM unnest(%s::text[], %s::text[], %s::text[]) w(relation, denied, granted)
 WHERE CASE WHEN to_regclass(relation) IS NULL THEN true
            WHEN denied IN ('DELETE', 'TRUNCATE', 'TRIGGER')
            THEN has_table_privilege(%s, to_regclass(relation), denied)
            ELSE EXISTS (
                SELECT FROM pg_attribute a
                 WHERE a.attrelid = to_regclass(relation) AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attname <> ALL (string_to_array(granted, ','))
                   AND has_column_privilege(%s, a.attrelid, a.attnum, denied)) END
"""


def _right_faults(promised: Promises) -> Iterator[str]:
    tables = {table for table, _ in promised.denied}
    denied = promised.denied | {(table, "TRIGGER"): "" for table in tables}
    given = [t for t, _ in denied], [r for _, r in denied], list(denied.values())
    for table, right in _rows(RIGHTS, [*given, APP_ROLE, APP_ROLE]):
        yield f"应用角色不应对 {table} 有 {right} 权限，或这张表不在"
    sql = "SELECT has_function_privilege(%s, to_regprocedure('event_append(jsonb)'), 'EXECUTE')"
    if _rows(sql, [APP_ROLE]) != [(True,)]:
        yield "应用角色不能调用 event_append，业务无法留痕"


ROLE = """
SELECT current_user,
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls OR r.rolreplication,
       EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid),
       EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass
               AND d.refobjid = r.oid AND d.deptype = 'o'
               AND d.dbid IN (0, (SELECT oid FROM pg_database
                                   WHERE datname = current_database())))
  FROM pg_roles r WHERE r.rolname = %s
"""


def _role_faults() -> Iterator[str]:
    rows = _rows(ROLE, [APP_ROLE])
    if not rows:
        yield f"数据库没有 {APP_ROLE} 角色，无法证明应用不能改动记录"
        return
    user, is_mighty, is_member, owns = rows[0]
    if user != APP_ROLE:
        yield f"正以数据库角色 {user} 连接，应为 {APP_ROLE}"
    if is_mighty or is_member:
        yield f"数据库角色 {APP_ROLE} 有不应有的身份"
    if owns:
        yield f"数据库角色 {APP_ROLE} 拥有数据库对象，能绕过保护"
