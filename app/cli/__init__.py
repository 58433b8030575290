"""The `svar` command: each command calls one verb."""

from importlib.metadata import version
from typing import Annotated

import typer

import scoring
from app.cli import (
    access,
    agreeing,
    bringing,
    drafting,
    explaining,
    labelling,
    library,
    offline,
    ordering,
    pulling,
    reviewing,
    service,
    staffing,
    tenants,
    valuing,
)
from app.cli.console import out

app = typer.Typer(no_args_is_help=True)
registry_app = typer.Typer(help="Registries: the tenants of the service.", no_args_is_help=True)
value_set_app = typer.Typer(
    help="Value sets: those a registry's results carry the index of besides.", no_args_is_help=True
)
registry_app.add_typer(value_set_app, name="value-set")
unit_app = typer.Typer(help="Units: a registry's hospitals and departments.", no_args_is_help=True)
client_app = typer.Typer(help="Clients: a registry's programs.", no_args_is_help=True)
secret_app = typer.Typer(help="Secrets: two are good at a time.", no_args_is_help=True)
key_app = typer.Typer(help="Public keys: two are good at a time.", no_args_is_help=True)
client_app.add_typer(secret_app, name="secret")
client_app.add_typer(key_app, name="key")
order_app = typer.Typer(help="Orders: codes for the clinic's tablet.", no_args_is_help=True)
staff_app = typer.Typer(help="Staff: the PRO centre's people.", no_args_is_help=True)
agreement_app = typer.Typer(
    help="Agreements: by which licensed instruments are ordered.", no_args_is_help=True
)
instruments_app = typer.Typer(
    help="Instruments: check, compare, review them.", no_args_is_help=True
)


def _versions(*, asked: bool) -> None:
    if asked:
        out.print(f"svar {version('svar')}, scoring version {scoring.VERSION}")
        raise typer.Exit


@app.callback()
def svar(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda asked: _versions(asked=asked),
            help="Show the version of the program and of its scoring.",
        ),
    ] = False,
) -> None:
    """Svar: questionnaires asked, scored and handed over."""


app.command()(service.serve)
app.command("demo")(service.try_demo)
app.command()(service.migrate)
app.command()(service.rescore)
app.command()(offline.score)
app.command()(explaining.explain)
app.command()(pulling.pull)
app.command("value-sets")(library.list_value_sets)
for name, group in (
    ("registry", registry_app),
    ("unit", unit_app),
    ("client", client_app),
    ("order", order_app),
    ("staff", staff_app),
    ("instruments", instruments_app),
    ("agreement", agreement_app),
):
    app.add_typer(group, name=name)
registry_app.command("create")(tenants.create_registry)
registry_app.command("set")(tenants.set_registry)
unit_app.command("create")(tenants.create_unit)
client_app.command("create")(access.create_client)
client_app.command("show")(access.show_client)
client_app.command("revoke")(access.revoke_client)
secret_app.command("add")(access.add_secret)
secret_app.command("remove")(access.remove_secret)
key_app.command("add")(access.add_key)
key_app.command("remove", context_settings=access.ANY_ID)(access.remove_key)
order_app.command("code")(ordering.make_code)
staff_app.command("invite")(staffing.invite)
staff_app.command("link")(staffing.link)
staff_app.command("roles")(staffing.roles)
staff_app.command("revoke")(staffing.revoke)
staff_app.command("token")(staffing.token)
staff_app.command("list")(staffing.show)
agreement_app.command("add")(agreeing.add)
agreement_app.command("end")(agreeing.end)
agreement_app.command("list")(agreeing.show)
instruments_app.command("check")(library.check)
instruments_app.command("diff")(reviewing.diff)
instruments_app.command("lint")(reviewing.lint)
instruments_app.command("export")(bringing.export)
instruments_app.command("import")(bringing.bring)
instruments_app.command("drafts")(drafting.show)
instruments_app.command("propose")(drafting.propose)
instruments_app.command("decide")(drafting.decide)
instruments_app.command("hand-in")(drafting.hand_in)
instruments_app.command("take-back")(drafting.take_back)
instruments_app.command("give-back")(drafting.give_back)
instruments_app.command("publish")(drafting.publish)
instruments_app.command("withdraw")(drafting.withdraw)
instruments_app.command("discard")(drafting.discard)
instruments_app.command("labels")(labelling.load)
value_set_app.command("add")(valuing.add)
value_set_app.command("remove")(valuing.remove)
value_set_app.command("list")(valuing.show)
