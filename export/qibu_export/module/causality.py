"""Whether a module can be stepped: the whole sequence at once must be its steps, one by one."""

import torch

from qibu.core.errors import InputError

from .culprit import cannot_step
from .discovery import Plan
from .places import WHOLE
from .request import BATCH, TIME
from .stepping import BATCHES, LIMIT, TIMES, difference, run_stepped, sizes_of


def check_causality(plan: Plan) -> None:
    """Compare the whole sequence with its steps, in torch, in float64 where forward can.

    Raises:
        InputError: they differ; names the module and what it does.
    """
    request = plan.carrier.request
    if TIME not in request.sizes:
        return  # what is read is one step
    _check_rows(plan)
    carrier = plan.exact
    for batch in BATCHES if BATCH in request.sizes else BATCHES[:1]:
        for steps in TIMES[1:]:
            generator = torch.Generator().manual_seed(batch * 100 + steps)
            inputs = plan.samples.draw(sizes_of(plan, batch, steps), generator)
            try:
                whole, last = carrier.run(inputs, carrier.start(batch))
                found, end = run_stepped(carrier.run, plan, inputs, carrier.start(batch), steps)
            except Exception as error:  # forward is anybody's
                raise cannot_step(plan, error) from error
            pairs = [(found[n], whole[n]) for n in whole] + [(end[n], last[n]) for n in last]
            if not all(difference(value, wanted) <= LIMIT for value, wanted in pairs):
                raise cannot_step(plan, rows=batch > 1)


def _check_rows(plan: Plan) -> None:
    """Want each row's state in its own row, where a layer reads several sequences for each."""
    carrier = plan.exact
    folded = [state for state in carrier.states if state.group is not None]
    if not folded:
        return
    inputs = plan.samples.draw(sizes_of(plan, 2, 3), torch.Generator().manual_seed(2))
    axes = plan.samples.axes
    first = {
        name: value.narrow(axes[name].index(BATCH), 0, 1) if BATCH in axes[name] else value
        for name, value in inputs.items()
    }
    _, both = carrier.run(inputs, carrier.start(2))
    _, alone = carrier.run(first, carrier.start(1))
    for state in folded:
        assert state.batch_axis is not None
        row = both[state.input].narrow(state.batch_axis, 0, 1)
        if not difference(row, alone[state.input]) <= LIMIT:
            raise InputError(
                f"forward folds the batch into what {state.input[:-3]!r} is the state of, but not "
                "as its first axis; let the batch come first: "
                "x.reshape(batch * bands, time, features); " + WHOLE
            )
