"""
The command line: `python -m classroom`, or `sabak` once installed.

What goes wrong is one line on standard error. Commands import their parts when they run: a token is printed
without loading a web server.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def data_option(command: F) -> F:
    """Add --data, which all commands have."""
    return click.option(
        "--data", type=click.Path(path_type=Path), help="Data directory [SABAK_DATA; default: data]"
    )(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """
    Sabak: a self-hosted virtual classroom.

    Every option is also an environment variable: --rtc-port is SABAK_RTC_PORT.
    """


@cli.command()
@click.option("--host", help="Address to serve on [default: 127.0.0.1]")
@click.option("--port", type=int, help="TCP port, 0 for any [default: 8080]")
@data_option
@click.option("--rtc-port", type=int, help="port of the first media worker, UDP and TCP [default: 8443]")
@click.option(
    "--rtc-address", help="IP addresses that browsers send media to, by commas [default: by --host]"
)
@click.option("--workers", type=int, help="Media workers, one UDP port each [default: cores less one]")
@click.option("--media-spread", type=int, help="People of a class a media worker [default: 100]")
@click.option("--public-url", help="How people reach this server, like https://school.example")
@click.option("--log-format", type=click.Choice(["auto", "console", "json"]), help="[default: auto]")
@click.option(
    "--demo", is_flag=True, default=None, help="Make a course, a class and three people to try it with"
)
def serve(**options: object) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from classroom.cli import slim

    slim.prepare()
    from classroom.cli.serve import serve as run

    run(options)


@cli.command()
@data_option
@click.option("--class", "class_id", required=True, help="The class's id")
@click.option("--role", type=click.Choice(["teacher", "assistant", "student", "guest"]))
@click.option("--name", help="How the person is called in the class")
@click.option("--login", help="In place of role and name: for this account, in its role in the class")
@click.option(
    "--expires", default=12.0, show_default=True, type=click.FloatRange(0, 8784, min_open=True), help="Hours"
)
@click.option("--program", is_flag=True, help="Print what OBS and the like ask for: address and key")
def token(
    data: Path | None,
    class_id: str,
    role: str | None,
    name: str | None,
    login: str | None,
    expires: float,
    program: bool,
) -> None:
    """Print a join token for a class: /class/ID?token=TOKEN, or the key for a program that sends into it."""
    from classroom.cli import token as tokens

    named = role is not None and name is not None
    if named == (login is not None) or (login is not None and (role or name)):
        raise click.UsageError("give --role and --name, or --login")
    issued = tokens.issue(data, class_id, expires, role=role or "", name=name or "", login=login or "")
    for line in tokens.for_program(data, class_id, issued) if program else (issued,):
        click.echo(line)


@cli.group()
def user() -> None:
    """Manage the people of this server."""


@user.command("add")
@data_option
@click.option("--role", default="student", show_default=True,
              type=click.Choice(["administrator", "coordinator", "teacher", "student"]))  # fmt: skip
@click.option("--name", help="[default: the login]")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input")
@click.option("--generate", is_flag=True, help="Make up a password and print it")
@click.argument("login")
def user_add(
    data: Path | None, login: str, role: str, name: str | None, password_stdin: bool, generate: bool
) -> None:
    """Make an account. The password is asked for; it never stands on the command line."""
    from classroom.cli import user as people

    password = people.ask_password(stdin=password_stdin, generate=generate)
    for line in people.add(data, login, role, name or login, password):
        click.echo(line)


@user.command("list")
@data_option
def user_list(data: Path | None) -> None:
    """List all accounts."""
    from classroom.cli import user as people

    for line in people.lines(data):
        click.echo(line)


@user.command("password")
@data_option
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input")
@click.option("--generate", is_flag=True, help="Make up a password and print it")
@click.argument("login")
def user_password(data: Path | None, login: str, password_stdin: bool, generate: bool) -> None:
    """Set somebody's password and sign them out everywhere."""
    from classroom.cli import user as people

    for line in people.set_password(
        data, login, people.ask_password(stdin=password_stdin, generate=generate)
    ):
        click.echo(line)


@user.command("disable")
@data_option
@click.option("--undo", is_flag=True, help="Let them in again")
@click.argument("login")
def user_disable(data: Path | None, login: str, undo: bool) -> None:
    """Lock an account and sign it out everywhere."""
    from classroom.cli import user as people

    click.echo(people.disable(data, login, undo=undo))


@user.command("export")
@data_option
@click.argument("login")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def user_export(data: Path | None, login: str, file: Path) -> None:
    """Write all that recordings hold of somebody into a new archive FILE."""
    from classroom.cli import user as people

    click.echo(people.export(data, login, file))


@user.command("erase")
@data_option
@click.argument("login")
def user_erase(data: Path | None, login: str) -> None:
    """Take somebody out of all recordings for good: sound, pictures, words, name."""
    from classroom.cli import user as people

    for line in people.erase(data, login):
        click.echo(line)


@cli.command()
@data_option
@click.option("--host", help="[default: 127.0.0.1]")
@click.option("--port", type=int, help="[default: 8080]")
@click.option("--rtc-port", type=int, help="[default: 8443]")
@click.option("--rtc-address", help="[default: by --host]")
def doctor(**options: object) -> None:
    """Check directory, ports, database, Redis and media, and say in plain words what is wrong."""
    from classroom.cli.doctor import examine

    if not examine(options, click.echo):
        sys.exit(1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process with 0, 1 (could not be done), 2 (nothing begun) or 130."""
    try:
        sys.exit(cli.main(arguments, prog_name="sabak", standalone_mode=False) or 0)
    except click.Abort:
        click.echo("sabak: interrupted", err=True)
        sys.exit(130)  # what shells say after Ctrl-C
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"sabak: {error.format_message()}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
