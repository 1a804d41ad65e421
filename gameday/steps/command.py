"""The step `command`: a command of the operator's own, which the target file declares."""

from typing import ClassVar

from gameday.steps._action import ActionStep


class Command(ActionStep):
    """Do an action of the target file that is done by commands.

    A runbook names the action and never a command: what may run is the operator's to say.

    Source: the shell and script steps of runbook systems, whose commands come with whoever starts
    the run; here they come from where the injector runs.
    """

    way: ClassVar[str] = "command"
