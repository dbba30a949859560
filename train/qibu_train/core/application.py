"""What the trainer, checkpoints and the command line ask of an application, and all that are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import Tensor, nn

from qibu.core.errors import InputError
from qibu.data.registry import Dataset

from .initial_weights import StoredWeights
from .recurrent import RecurrentNetwork
from .run_config import Config, RunConfig
from .task import Task

Extra = TypeVar("Extra")  # what a network is built from beside its config; None where nothing is
Weights = Mapping[str, Tensor]  # a network's state_dict


def _nothing(*given: Any) -> dict[str, Any]:
    return {}


def _nothing_said(task: Any) -> Sequence[str]:
    return ()


def _none(values: Mapping[str, Any]) -> Any:
    return None


def _as_it_is(config: Any, task: Any) -> Any:
    return config


@dataclass(frozen=True, kw_only=True)
class Application(Generic[Config, Extra]):
    """Something that networks are trained for: all that is particular to it."""

    config: type[Config]  # whose `task` is its name
    presets: Mapping[str, Config]  # by cell
    network: Callable[[Config, Extra], RecurrentNetwork]  # with fresh weights
    task: Callable[[Config, Path], Task]  # on the data in a folder
    # names of data sets whose hashes are checked; the first one says where all of them lie
    datasets: Callable[[Config], Sequence[Dataset]] = lambda config: ()
    file_task: str  # what its model files say that they are for
    measure: str  # the validation figure by which the best weights are chosen
    lower_is_better: bool
    unit: str  # of progress: what the task counts
    figures: Callable[[float], dict[str, float]] = _nothing  # of a mean loss in nats, beside it
    write_extra: Callable[[Extra], dict[str, Any]] = _nothing  # plain values for the checkpoint
    read_extra: Callable[[Mapping[str, Any]], Extra] = _none
    # weights to begin with, of a model file's and of fresh ones; None: it always begins afresh
    initial: Callable[[StoredWeights, Weights, Extra], Weights] | None = None
    # a config as the model has it that a run begins with; None: both have to be the same
    follow: Callable[[Config, StoredWeights], Config] | None = None
    # the task of a run that begins with a model; None: that of any run
    task_from: Callable[[Config, Path, StoredWeights], Task] | None = None
    settled: Callable[[Config, Any], Config] = _as_it_is  # with what the task's data decides
    data_record: Callable[[Any], dict[str, Any]] = _nothing  # what a task says of its data
    # what of its data a run's file is measured on; it is kept beside the run
    held_out: Callable[[Any], str] | None = None
    notes: Callable[[Any], Sequence[str]] = _nothing_said  # before it begins, of a task
    carries: bool = False  # whether its tasks are `CarryingTask`s
    # what whoever watches is told after a validation, of the task, network and figures
    remark: Callable[[Any, nn.Module, Mapping[str, Any]], str] | None = None
    # settings that are also flags, with what the help says of them
    options: Mapping[str, str] = field(default_factory=dict)
    # the application that takes a folder with none of the files that the data sets have
    own_data: str | None = None

    @property
    def name(self) -> str:
        """What `qibu train` calls it."""
        return self.config.task

    def preset(self, cell: str) -> Config:
        """Give the config that a cell is trained with unless told otherwise.

        Raises:
            InputError: it has none with this cell.
        """
        if cell not in self.presets:
            raise InputError(
                f"no preset {self.name} with cell {cell!r}; there are {', '.join(self.presets)}"
            )
        return self.presets[cell]

    def knows_data(self, config: Config, folder: Path) -> bool:
        """Say whether a folder has a file of the data sets, so that it has to have them all."""
        return any(dataset.is_begun_in(folder) for dataset in self.datasets(config))

    def better(self, figure: float, other: float) -> bool:
        """Say whether a value of the measure is as good as another, or better."""
        return figure <= other if self.lower_is_better else figure >= other

    def make_task(self, config: Config, folder: Path, init: StoredWeights | None) -> Task:
        """Read the data of a run that begins with a model or afresh."""
        if init is not None and self.task_from is not None:
            return self.task_from(config, folder, init)
        return self.task(config, folder)

    def want_initial(self, config: RunConfig, stored: StoredWeights) -> None:
        """Check that a run can begin from a model.

        Raises:
            InputError: it was made for another task, or has another cell or size.
        """
        if self.initial is None:
            raise InputError(f"task {self.name!r} can't begin from a model; leave --init")
        stored.want(self.file_task, config)


APPLICATIONS: dict[str, Application[Any, Any]] = {}  # by name


def register(application: Application[Any, Any]) -> None:
    """Make an application known, so that it can be trained and its checkpoints read."""
    APPLICATIONS[application.name] = application


def application_of(name: str) -> Application[Any, Any]:
    """Give the application with a name.

    Raises:
        InputError: there is none.
    """
    if name not in APPLICATIONS:
        raise InputError(f"no task {name!r}; there are {', '.join(APPLICATIONS)}")
    return APPLICATIONS[name]


def build_network(config: RunConfig, extra: Any = None) -> RecurrentNetwork:
    """Make the network that a config describes, with fresh weights."""
    return application_of(config.task).network(config, extra)
