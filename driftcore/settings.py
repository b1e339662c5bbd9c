"""Settings: read once at an entry point (flag, environment, `driftloop.toml`, default), passed on as a value."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from driftcore.errors import BadInputError, one_line


class Settings(BaseSettings):
    """What a person may set; each has an environment variable ``DRIFTLOOP_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="DRIFTLOOP_", toml_file="driftloop.toml", extra="ignore", frozen=True)

    store: str = "./driftloop.lance"
    # signs share links; where none is set, the store keeps one
    secret: SecretStr | None = None

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


def read_settings(*, store: str | None = None) -> Settings:
    """The settings of this run; `store` is the flag, where one was given.

    Raises
    ------
    BadInputError
        If the file is not TOML, or a value is of the wrong kind.
    """
    import tomllib

    try:
        return Settings() if store is None else Settings(store=store)
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"driftloop.toml or a DRIFTLOOP_ variable is wrong: {one_line(error, 200)}") from error


def bundled(name: str) -> Path:
    """A file or folder that comes with Driftloop (``app.py``, ``data``): inside the package, or in the checkout."""
    inside = Path(__file__).parent / "_bundled" / name
    return inside if inside.exists() else Path(__file__).parent.parent / name
