"""Settings: read once at an entry point (flag, environment, `driftloop.toml`, default), passed on as a value."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from driftcore.errors import BadInputError, one_line

# Unicode's own lower case makes one address of two: that of the Kelvin sign is a k
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _address_or_domain(text: str) -> str:
    _, at, domain = text.partition("@")
    if not at or not domain or "@" in domain or any(character.isspace() for character in text):
        raise ValueError(f"'{one_line(text)}' is neither an e-mail address nor a domain such as '@example.org'")
    return text.translate(_LOWER)


Role: TypeAlias = Literal["editor", "viewer"]
_Rules: TypeAlias = tuple[Annotated[str, AfterValidator(_address_or_domain)], ...]


class Access(BaseModel):
    """The table ``[access]``: what those may do who signed in, by e-mail address or by ``@domain``."""

    # a misspelt `viewers` would otherwise let everybody look
    model_config = ConfigDict(extra="forbid", frozen=True)

    editors: _Rules = ()
    # left out, everybody who can sign in may look; given, nobody else
    viewers: _Rules | None = None

    def role(self, email: str | None) -> Role | None:
        """What a person may do, or None for one who may not come in.

        An address goes before its domain, `editors` before `viewers`; no case in ASCII letters.
        """
        others: Role | None = "viewer" if self.viewers is None else None
        if email is None or email.count("@") != 1:
            return others
        address = email.translate(_LOWER)
        for name in (address, "@" + address.partition("@")[2]):
            if name in self.editors:
                return "editor"
            if name in (self.viewers or ()):
                return "viewer"
        return others


class Settings(BaseSettings):
    """What a person may set; each has an environment variable ``DRIFTLOOP_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DRIFTLOOP_", toml_file="driftloop.toml", extra="ignore", frozen=True)

    store: str = "./driftloop.lance"
    # how to reach it, where it is no folder: as LanceDB takes them, beside what the environment says (AWS_…)
    storage: dict[str, SecretStr] = {}
    # where large snapshots are added up
    engine: str = "local"
    # signs share links; where none is set, the store keeps one
    secret: SecretStr | None = None
    # signs webhooks; where none is set, one is derived from the store's
    webhook_secret: SecretStr | None = None
    # where gates are told; whoever knows such an address may post there
    webhook_url: SecretStr | None = None
    slack_url: SecretStr | None = None
    # who may do what, where people sign in
    access: Access | None = None
    # when the loop retrains by itself, with what, and what that may cost
    loop: dict[str, Any] = {}

    def plain_storage(self) -> dict[str, str]:
        """The options of the storage as they are; they may hold a password."""
        return {name: value.get_secret_value() for name, value in self.storage.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(*, store: str | None = None, engine: str | None = None) -> Settings:
    """The settings of this run; `store` and `engine` are the flags, where they were given.

    Raises
    ------
    BadInputError
        If the file is not TOML, or a value is not what it should be.
    """
    import tomllib

    given = {"store": store, "engine": engine}
    flags: dict[str, Any] = {name: flag for name, flag in given.items() if flag is not None}
    try:
        return Settings(**flags)
    except ValidationError as error:
        wrong = error.errors()[0]
        name, said = ".".join(map(str, wrong["loc"])), wrong["msg"].removeprefix("Value error, ")
        raise BadInputError(
            f"driftloop.toml or a DRIFTLOOP_ variable is wrong: {name}: {one_line(said, 200)}."
        ) from error
    except (SettingsError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"driftloop.toml or a DRIFTLOOP_ variable is wrong: {one_line(error, 200)}") from error


def bundled(name: str) -> Path:
    """A file or folder that comes with Driftloop (``app.py``, ``data``): inside the package, or in the checkout."""
    inside = Path(__file__).parent / "_bundled" / name
    return inside if inside.exists() else Path(__file__).parent.parent / name
