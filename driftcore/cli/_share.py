"""Share links from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from driftcore.cli._output import console
from driftcore.cli._store import StoreUri, settings_of, store_of

share_app = typer.Typer()


@share_app.command("share")
def share(
    context: typer.Context,
    view_id: Annotated[str, typer.Argument(help="Id of a kept view: what follows view= in its link.")],
    days: Annotated[int, typer.Option(help="How long the link lasts, 1 to 90 days.")] = 14,
    url: Annotated[str, typer.Option(help="Where the dashboard is reached.")] = "http://localhost:8501",
    store: StoreUri = None,
) -> None:
    """Print a read-only link that opens one kept view and nothing else."""
    from driftcore.workflows.share import last_moment, share_token, signing_secret

    settings = settings_of(context, store)
    opened = store_of(settings)
    view, until = opened.views.get(view_id), last_moment(days)
    secret = signing_secret(opened, None if settings.secret is None else settings.secret.get_secret_value())
    console.print(
        f"{url.rstrip('/')}/{view.page}?share={share_token(view.view_id, secret, until=until)}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
