"""Settings: flag > environment > profile > default, each value with its origin; and the places where emk keeps files."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from emkcli import errors, locale
from emkcli.locale import N_, _
from emkcli.output_formats import OUTPUT_FORMATS
from emkcli.settingvalues import address, choice, name, provider, redirect, seconds, switch, word

STORAGES = ("keyring", "encrypted-file")


def _setting(
    default: Any, env: str, help: str, parse: Callable[[str], Any] = str, *, stored: bool = True
) -> Any:  # the value dataclasses.field returns is typed by the annotation beside it
    return field(default=default, metadata={"env": env, "help": help, "parse": parse, "stored": stored})


@dataclass(frozen=True)
class Settings:
    """Every setting there is; `stored=False` ones are no property of a profile. `tables` are the profile's settings of
    single backends, see `backendsettings`."""

    profile: str = _setting("default", "EMK_PROFILE", N_("profile: its settings and its session"), name, stored=False)
    backend: str = _setting("mock", "EMK_BACKEND", N_("mock, http, fhir, gosuslugi, local or one that a package added"))
    url: str | None = _setting(
        None, "EMK_URL", N_("address of the server; without a backend named it means http"), address
    )
    person: str | None = _setting(None, "EMK_PERSON", N_("whose card: a person's id, see emk person list"))
    output: str | None = _setting(None, "EMK_OUTPUT", locale.either(OUTPUT_FORMATS), choice(*OUTPUT_FORMATS))
    lang: str | None = _setting(None, "EMK_LANG", N_("ru or en"), choice(*locale.LANGUAGES))
    color: str = _setting("auto", "EMK_COLOR", N_("auto, always or never"), choice("auto", "always", "never"))
    no_input: bool = _setting(False, "EMK_NO_INPUT", N_("never ask"), switch)
    quiet: bool = _setting(False, "EMK_QUIET", N_("no notices and no progress"), switch)
    debug: bool = _setting(False, "EMK_DEBUG", N_("trace requests on stderr, without values"), switch)
    timeout: float = _setting(30.0, "EMK_TIMEOUT", N_("seconds one request may take"), seconds)
    storage: str = _setting(
        "keyring",
        "EMK_STORAGE",
        N_("where the session is kept: keyring or encrypted-file"),
        choice(*STORAGES),
    )
    keyring: str = _setting("auto", "EMK_KEYRING", N_("auto, off or required"), choice("auto", "off", "required"))
    keyring_timeout: float = _setting(5.0, "EMK_KEYRING_TIMEOUT", N_("seconds the keyring may take"), seconds)
    ca_bundle: str | None = _setting(None, "EMK_CA_BUNDLE", N_("file with the authorities trusted for this server"))
    read_only: bool = _setting(False, "EMK_READ_ONLY", N_("refuse every change"), switch)
    token_file: str | None = _setting(None, "EMK_TOKEN_FILE", N_("file that holds an access token"), stored=False)
    passphrase_file: str | None = _setting(
        None, "EMK_PASSPHRASE_FILE", N_("file with the passphrase of what is kept encrypted; - for standard input")
    )
    client_id: str | None = _setting(None, "EMK_CLIENT_ID", N_("what the login provider knows this program by"), word)
    issuer: str | None = _setting(
        None, "EMK_ISSUER", N_("OpenID provider to log in at, when it is not the one the server names"), provider
    )
    scope: str | None = _setting(None, "EMK_SCOPE", N_("what a login asks for, instead of the usual"))
    redirect_uri: str = _setting(
        "http://127.0.0.1/callback",
        "EMK_REDIRECT_URI",
        N_("where the browser comes back to, as registered at the provider; any port unless one is named"),
        redirect,
    )
    origins: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def origin(self, setting: str) -> str:
        """`flag`, `env NAME`, `profile NAME` or `default`."""
        return self.origins.get(setting, "default")


NAMES = tuple(f.name for f in fields(Settings) if "env" in f.metadata)
STORED = tuple(f.name for f in fields(Settings) if f.metadata.get("stored"))
METADATA: dict[str, Mapping[str, Any]] = {f.name: f.metadata for f in fields(Settings) if "env" in f.metadata}


def resolve(
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    profiles: Mapping[str, Mapping[str, Any]],
    *,
    forgiven: Container[str] = (),
) -> Settings:
    """The settings in force. `given` are options of the command line, already parsed; a wrong value counts as none where
    its origin (`env`, `profile`) is `forgiven`."""
    profile = _pick("profile", given, environ, {}, forgiven)[0] or "default"
    table = profiles.get(profile, {})
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting in NAMES:
        value, origin = _pick(setting, given, environ, table, forgiven)
        if origin:
            values[setting] = value
            origins[setting] = f"profile {profile}" if origin == "profile" else origin
    if "url" in values and "backend" not in values:
        values["backend"], origins["backend"] = "http", origins["url"]
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    return Settings(**values, tables=tables, origins=origins)


def parse(setting: str, text: str, origin: str) -> Any:
    """A text as the setting's value; the error names where the text came from."""
    try:
        return METADATA[setting]["parse"](text)
    except ValueError as rule:
        raise errors.Usage(
            _("{setting} ({origin}): {rule}").format(setting=setting, origin=origin, rule=rule),
            hint=f"emk config unset {setting}" if origin == "profile" else None,
        ) from None


def parse_option(setting: str, text: str) -> Any:
    """The same for an option of the command line, named as it is written there."""
    try:
        return METADATA[setting]["parse"](text)
    except ValueError as rule:
        option = "--" + setting.replace("_", "-")
        raise errors.Usage(_("{option}: {rule}").format(option=option, rule=rule)) from None


def _pick(
    setting: str,
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    table: Mapping[str, Any],
    forgiven: Container[str],
) -> tuple[Any, str]:
    if given.get(setting) is not None:
        return given[setting], "flag"
    env, stored = METADATA[setting]["env"], METADATA[setting]["stored"] and setting in table
    for kind, origin, text in (
        ("env", f"env {env}", environ.get(env) or None),
        ("profile", "profile", str(table[setting]) if stored else None),
    ):
        try:
            if text is not None:
                return parse(setting, text, origin), origin
        except errors.Usage:
            if kind not in forgiven:
                raise
    return None, ""


@dataclass(frozen=True)
class Places:
    """Where files live: `EMK_HOME` holds all three, otherwise the XDG directories (also on macOS, when set)."""

    config: Path
    state: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"


def places(environ: Mapping[str, str]) -> Places:
    if home := environ.get("EMK_HOME"):
        root = Path(home).expanduser()
        return Places(root, root / "state", root / "cache")
    from platformdirs import user_cache_path, user_config_path, user_state_path

    def place(variable: str, otherwise: Callable[[str], Path]) -> Path:
        named = environ.get(variable)
        return Path(named) / "emk" if named and Path(named).is_absolute() else otherwise("emk")

    return Places(
        place("XDG_CONFIG_HOME", user_config_path),
        place("XDG_STATE_HOME", user_state_path),
        place("XDG_CACHE_HOME", user_cache_path),
    )


def private_directory(path: Path) -> Path:
    """The directory, made 0700 when it is not there; `Storage` says why it cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as cause:
        raise errors.Storage(
            _("{path} cannot be created: {reason}").format(path=path, reason=cause.strerror or cause),
            hint=_("point EMK_HOME to a directory you may write"),
        ) from cause
    return path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file in one step with mode 0600; an old wide mode does not survive."""
    private_directory(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as cause:
        temporary.unlink(missing_ok=True)
        raise errors.Storage(
            _("{path} cannot be written: {reason}").format(path=path, reason=cause.strerror or cause)
        ) from cause


class ConfigFile:
    """`config.toml`: one table per profile under `[profiles.NAME]`; comments survive a change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def profiles(self) -> dict[str, dict[str, Any]]:
        """The tables by profile name; a file that is not there is an empty one."""
        import tomllib

        try:
            document = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as cause:
            raise errors.Storage(_("{path} cannot be read.").format(path=self.path)) from cause
        except tomllib.TOMLDecodeError as cause:
            raise errors.InvalidInput(
                _("{path} is no valid TOML: {reason}").format(path=self.path, reason=cause), hint="emk config edit"
            ) from None
        profiles = document.get("profiles", {})
        return {n: t for n, t in profiles.items() if isinstance(t, dict)} if isinstance(profiles, dict) else {}

    def change(self, profile: str, setting: str, value: str | None) -> None:
        """Set a value, or with `None` take it out; `TABLE.NAME` is one of a backend's own."""
        import tomlkit

        self.profiles()  # says what is wrong with the file
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        document = tomlkit.parse(text)
        profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
        table = profiles.setdefault(profile, tomlkit.table())
        inner, dot, name = setting.rpartition(".")
        if dot:
            table = table.setdefault(inner, tomlkit.table())
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        write_private(self.path, tomlkit.dumps(document))
