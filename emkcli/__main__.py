"""The entry: answers what needs nothing at once, imports the rest when it is called."""

import sys


def main() -> int:
    """Run `emk` on the process's arguments; the exit code is the return value."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from emkcli import __version__

        sys.stdout.write(f"emk {__version__}\n")
        return 0
    if len(arguments) == 2 and arguments[0] == "completion" and arguments[1] in ("bash", "zsh", "fish", "powershell"):
        from emkcli.presentation.completion_scripts import script

        sys.stdout.write(script(arguments[1]))
        return 0
    from emkcli.security.core_dumps import forbid_core_dumps

    forbid_core_dumps()
    try:
        from emkcli.cli import main as run
    except KeyboardInterrupt:
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
