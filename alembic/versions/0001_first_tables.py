"""First tables: registries, instruments, orders, responses and their scores."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_audit_event"),
    )
    op.create_table(
        "instrument",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("minor", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('published', 'withdrawn')", name="ck_instrument_status"),
        sa.PrimaryKeyConstraint("id", "version", name="pk_instrument"),
        sa.UniqueConstraint("sha256", name="uq_instrument_sha256"),
    )
    op.create_table(
        "registry",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("orgnr", sa.String(), nullable=True),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("next_seq >= 1", name="ck_registry_next_seq"),
        sa.PrimaryKeyConstraint("id", name="pk_registry"),
    )
    op.create_table(
        "client",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name="fk_client_registry"),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_client"),
        sa.UniqueConstraint("id", name="uq_client_id"),
    )
    op.create_table(
        "unit",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resh_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name="fk_unit_registry"),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_unit"),
    )
    op.create_table(
        "wording",
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instrument", "version"],
            ["instrument.id", "instrument.version"],
            name="fk_wording_instrument",
        ),
        sa.CheckConstraint("revision >= 1", name="ck_wording_revision"),
        sa.CheckConstraint(
            "status IN ('official', 'unreviewed', 'placeholder')", name="ck_wording_status"
        ),
        sa.PrimaryKeyConstraint("instrument", "version", "language", "revision", name="pk_wording"),
        sa.UniqueConstraint("sha256", name="uq_wording_sha256"),
    )
    op.create_table(
        "patient_case",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("index_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "sex IN ('female', 'male', 'other', 'unknown')", name="ck_patient_case_sex"
        ),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2100", name="ck_patient_case_birth_year"),
        sa.ForeignKeyConstraint(
            ["registry_id", "unit_id"], ["unit.registry_id", "unit.id"], name="fk_patient_case_unit"
        ),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_patient_case"),
    )
    op.create_table(
        "order",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("time_point", sa.String(length=40), nullable=False),
        sa.Column("instruments", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("opens", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="ck_order_cancelled"
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name="ck_order_completed"
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (receipt IS NOT NULL)", name="ck_order_receipt"
        ),
        sa.CheckConstraint(
            "status IN ('open', 'started', 'completed', 'cancelled')", name="ck_order_status"
        ),
        sa.CheckConstraint(
            "status NOT IN ('started', 'completed') OR started_at IS NOT NULL",
            name="ck_order_started",
        ),
        sa.CheckConstraint("opens < closes", name="ck_order_window"),
        sa.ForeignKeyConstraint(
            ["registry_id", "case_id"],
            ["patient_case.registry_id", "patient_case.id"],
            name="fk_order_patient_case",
        ),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_order"),
        sa.UniqueConstraint("link_hash", name="uq_order_link_hash"),
        sa.UniqueConstraint("registry_id", "external_id", name="uq_order_registry_id_external_id"),
        sa.UniqueConstraint("registry_id", "receipt", name="uq_order_registry_id_receipt"),
    )
    op.create_table(
        "draft",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registry_id", "order_id"], ["order.registry_id", "order.id"], name="fk_draft_order"
        ),
        sa.PrimaryKeyConstraint("registry_id", "order_id", name="pk_draft"),
    )
    op.create_table(
        "questionnaire_response",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("wording_sha256", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("respondent", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "mode IN ('web', 'paper', 'import')", name="ck_questionnaire_response_mode"
        ),
        sa.CheckConstraint(
            "respondent IN ('self', 'proxy', 'staff')", name="ck_questionnaire_response_respondent"
        ),
        sa.ForeignKeyConstraint(
            ["instrument", "version"],
            ["instrument.id", "instrument.version"],
            name="fk_questionnaire_response_instrument",
        ),
        sa.ForeignKeyConstraint(
            ["registry_id", "order_id"],
            ["order.registry_id", "order.id"],
            name="fk_questionnaire_response_order",
        ),
        sa.ForeignKeyConstraint(
            ["wording_sha256"], ["wording.sha256"], name="fk_questionnaire_response_wording"
        ),
        sa.PrimaryKeyConstraint("registry_id", "id", name="pk_questionnaire_response"),
    )
    op.create_index(
        "uq_questionnaire_response_once",
        "questionnaire_response",
        ["registry_id", "order_id", "instrument"],
        unique=True,
        sqlite_where=sa.text("supersedes IS NULL"),
        postgresql_where=sa.text("supersedes IS NULL"),
    )
    op.create_table(
        "scoring_run",
        sa.Column("registry_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("definition_sha256", sa.String(), nullable=False),
        sa.Column("scoring_version", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('scored', 'not_scored')", name="ck_scoring_run_status"),
        sa.ForeignKeyConstraint(
            ["registry_id", "response_id"],
            ["questionnaire_response.registry_id", "questionnaire_response.id"],
            name="fk_scoring_run_questionnaire_response",
        ),
        sa.PrimaryKeyConstraint("registry_id", "seq", name="pk_scoring_run"),
    )
    op.create_index(
        "ix_scoring_run_instrument",
        "scoring_run",
        ["registry_id", "instrument", "seq"],
        unique=False,
    )
    op.create_index(
        "ix_scoring_run_response",
        "scoring_run",
        ["registry_id", "response_id", "seq"],
        unique=False,
    )

    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            _forbid(table, act)
    _forbid("instrument", "UPDATE OF id, version, sha256, document")
    _forbid("wording", "UPDATE")


APPEND_ONLY = ("questionnaire_response", "scoring_run", "audit_event")


def _forbid(table: str, act: str) -> None:
    """Make the database itself refuse to change what must never change."""
    name = f"{table}_no_{act.split()[0].lower()}"
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
    raise RuntimeError("the first tables hold patients' answers: restore a backup instead")
