"""
serve --demo: something to try it with, and for each of its people a login and a link that needs none.
"""

from classroom import clock
from classroom.app import Desk
from classroom.cli.desk import account
from classroom.content import demo


async def lines(desk: Desk, address: str) -> list[str]:
    """Make the demo where it is missing, and return what to print. The links are good for 12 hours."""
    now = clock.now_ms()
    made = await demo.make(desk.database, desk.passwords, now)
    said = [
        f"demo: the class {made.class_id!r} is open to these people; sign in at {address}/ or follow the link"
    ]
    for login in made.logins:
        # A later start does not know the password any more; `user password` makes a new one.
        password = (
            f"password {login.password}" if login.password else "password as printed at the first start"
        )
        person = await account(desk, login.login)
        token = desk.seats.issue_token(made.class_id, login.role, login.name, now, person=person.id)
        said.append(f"  {login.role}: {login.name}, login {login.login}, {password}")
        said.append(f"    {address}/class/{made.class_id}?token={token}")
    return said
