"""
The asynchronous side: who people are, what is taught, and when the classes are.

    rules        one gate: may this person do that   accounts     people, passwords, signing in
    courses      disciplines of a semester           enrolment    who is in a course
    schedule     classes: plan, edit, mine           admission    who enters a class, and as what
    invitations  links into a class                  demo         something to try it with
    passwords    argon2 beside the loop              throttle     how often one may guess

Every service takes who asks (`actor`) and the time (`now`, ms), returns frozen rows of the store, and
refuses with classroom.domain.errors. Unavailable of the store passes through.
"""
