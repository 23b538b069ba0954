"""The entry: answers what needs nothing at once, imports the rest when it is called."""

import os
import sys

from emkcli import interruption


def main() -> int:
    """Run `emk` on the process's arguments; the exit code is the return value."""
    try:
        interruption.listen()
        code = _run(sys.argv[1:])
        interruption.finish()
    except (KeyboardInterrupt, OSError) as failure:
        from emkcli.cli import ended_by

        code = ended_by(failure, sys.argv[1:])
        interruption.finish()
    return code


def _run(arguments: list[str]) -> int:
    answer = _known_at_once(arguments)
    if answer is None:
        from emkcli.security.core_dumps import forbid_core_dumps

        forbid_core_dumps()
        from emkcli.cli import main as run

        return run(arguments)
    if sys.stdout is not None:  # else the descriptor was closed before we started
        sys.stdout.write(answer)
        sys.stdout.flush()
    return 0


def _known_at_once(arguments: list[str]) -> str | None:
    if arguments in (["--version"], ["-V"]):
        from emkcli import __version__

        return f"emk {__version__}\n"
    if len(arguments) == 2 and arguments[0] == "completion" and arguments[1] in ("bash", "zsh", "fish", "powershell"):
        from emkcli import locale
        from emkcli.presentation.completion_scripts import script

        return script(arguments[1], os.environ.get("EMK_LANG") or locale.from_environment(os.environ))
    return None


if __name__ == "__main__":
    sys.exit(main())
