"""Responses collected elsewhere, which have no order; amended and withdrawn ones.

SQLite cannot loosen a constraint, so there the two tables are made anew, filled, and renamed. The
answers in them are copied as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RESPONSES, RUNS = "questionnaire_response", "scoring_run"
KEPT = (
    "registry_id, id, order_id, instrument, version, wording_sha256, language, answers, missing, "
    "mode, respondent, helped, relation, started_at, submitted_at, supersedes"
)
RUN = (
    "registry_id, seq, response_id, instrument, version, definition_sha256, scoring_version, "
    "value_sets_sha256, status, document"
)
CASE = """(
  SELECT o.case_id FROM "order" AS o WHERE o.registry_id = r.registry_id AND o.id = r.order_id
)"""
MODE = "mode IN ('web', 'paper', 'import')"
WHENCE = "(order_id IS NULL) = (external_id IS NOT NULL)"
RESPONDENT = "respondent IN ('self', 'proxy', 'staff')"
STATUS = "status IN ('scored', 'not_scored', 'withdrawn')"


def upgrade() -> None:
    lite = op.get_bind().dialect.name == "sqlite"
    (_made_anew if lite else _altered)()
    first = sa.text("supersedes IS NULL")
    where = {"sqlite_where": first, "postgresql_where": first}
    columns = ["registry_id", "external_id"]
    op.create_index(f"uq_{RESPONSES}_external", RESPONSES, columns, unique=True, **where)
    op.create_index(f"ix_{RESPONSES}_case", RESPONSES, ["registry_id", "case_id"])
    _corrections()


def _altered() -> None:
    """Change the tables where they are; what keeps their rows from changing is off meanwhile."""
    op.add_column(RESPONSES, sa.Column("case_id", sa.String()))
    op.add_column(RESPONSES, sa.Column("external_id", sa.String(64)))
    op.add_column(RESPONSES, sa.Column("sent_sha256", sa.String(64)))
    op.execute(f"ALTER TABLE {RESPONSES} DISABLE TRIGGER {RESPONSES}_no_update")
    op.execute(f"UPDATE {RESPONSES} AS r SET case_id = {CASE}")  # noqa: S608 - our own names
    op.execute(f"ALTER TABLE {RESPONSES} ENABLE TRIGGER {RESPONSES}_no_update")
    for column in ("order_id", "wording_sha256"):
        op.alter_column(RESPONSES, column, nullable=True)
    op.alter_column(RESPONSES, "case_id", nullable=False)
    mine, theirs = ["registry_id", "case_id"], ["registry_id", "id"]
    name = f"fk_{RESPONSES}_patient_case"
    op.create_foreign_key(name, RESPONSES, "patient_case", mine, theirs)
    op.create_check_constraint(op.f(f"ck_{RESPONSES}_whence"), RESPONSES, WHENCE)
    op.drop_constraint(op.f(f"ck_{RUNS}_ck_{RUNS}_status"), RUNS)
    op.create_check_constraint(op.f(f"ck_{RUNS}_status"), RUNS, STATUS)


def _made_anew() -> None:
    _responses("new_response")
    old = f"SELECT {KEPT}, {CASE} FROM {RESPONSES} AS r"  # noqa: S608 - our own names
    op.execute(f"INSERT INTO new_response ({KEPT}, case_id) {old}")
    _runs("new_run", "new_response")
    op.execute(f"INSERT INTO new_run ({RUN}) SELECT {RUN} FROM {RUNS}")  # noqa: S608 - our own
    op.drop_table(RUNS)
    op.drop_table(RESPONSES)
    op.rename_table("new_response", RESPONSES)
    op.rename_table("new_run", RUNS)
    first = sa.text("supersedes IS NULL")
    columns = ["registry_id", "order_id", "instrument"]
    op.create_index(f"uq_{RESPONSES}_once", RESPONSES, columns, unique=True, sqlite_where=first)
    op.create_index(f"ix_{RUNS}_instrument", RUNS, ["registry_id", "instrument", "seq"])
    op.create_index(f"ix_{RUNS}_response", RUNS, ["registry_id", "response_id", "seq"])
    for table in (RESPONSES, RUNS):
        for act in ("UPDATE", "DELETE"):
            _forbid(table, act)


def _responses(name: str) -> None:
    op.create_table(
        name,
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=True),
        sa.Column("sent_sha256", sa.String(64), nullable=True),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("wording_sha256", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("respondent", sa.String(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.CheckConstraint(MODE, name=op.f(f"ck_{RESPONSES}_mode")),
        sa.CheckConstraint(WHENCE, name=op.f(f"ck_{RESPONSES}_whence")),
        sa.CheckConstraint(RESPONDENT, name=op.f(f"ck_{RESPONSES}_respondent")),
        *_keys(),
        sa.PrimaryKeyConstraint("registry_id", "id", name=f"pk_{RESPONSES}"),
    )


def _keys() -> list[sa.ForeignKeyConstraint]:
    found = [
        (["registry_id", "order_id"], "order", ["registry_id", "id"]),
        (["registry_id", "case_id"], "patient_case", ["registry_id", "id"]),
        (["instrument", "version"], "instrument", ["id", "version"]),
        (["wording_sha256"], "wording", ["sha256"]),
    ]
    return [
        sa.ForeignKeyConstraint(
            mine, [f"{table}.{one}" for one in theirs], name=f"fk_{RESPONSES}_{table}"
        )
        for mine, table, theirs in found
    ]


def _runs(name: str, responses: str) -> None:
    op.create_table(
        name,
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("definition_sha256", sa.String(), nullable=False),
        sa.Column("scoring_version", sa.String(), nullable=False),
        sa.Column("value_sets_sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint(STATUS, name=op.f(f"ck_{RUNS}_status")),
        sa.ForeignKeyConstraint(
            ["registry_id", "response_id"],
            [f"{responses}.registry_id", f"{responses}.id"],
            name=f"fk_{RUNS}_{RESPONSES}",
        ),
        sa.PrimaryKeyConstraint("registry_id", "seq", name=f"pk_{RUNS}"),
    )


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amended_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('amended', 'withdrawn')", name=op.f("ck_correction_kind")),
        sa.CheckConstraint(
            "(kind = 'amended') = (amended_by IS NOT NULL)", name=op.f("ck_correction_amended_by")
        ),
        sa.ForeignKeyConstraint(
            ["registry_id", "response_id"],
            [f"{RESPONSES}.registry_id", f"{RESPONSES}.id"],
            name=f"fk_correction_{RESPONSES}",
        ),
        sa.PrimaryKeyConstraint("registry_id", "response_id", name="pk_correction"),
    )
    for act in ("UPDATE", "DELETE"):
        _forbid("correction", act)


def _forbid(table: str, act: str) -> None:
    """Make the database itself refuse to change what must never change."""
    name = f"{table}_no_{act.lower()}"
    refusal = f"{table} never changes"
    if op.get_bind().dialect.name == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} {body}")
        return
    body = f"BEGIN RAISE EXCEPTION '{refusal}'; END"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    raise RuntimeError("responses without an order would be lost: restore a backup instead")
