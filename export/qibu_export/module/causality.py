"""Whether a module can be stepped: the whole sequence at once must be its steps, one by one."""

import torch

from .culprit import cannot_step
from .discovery import Plan
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
