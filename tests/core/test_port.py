"""What onnxruntime says of a port, whatever it says."""

from types import SimpleNamespace

import numpy as np
import pytest

from qibu.core.port import DTYPES, Port


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ([2, "batch", 128], (2, "batch", 128)),
        ([None, "", -1, 4294967295, 2**63], (None,) * 5),
        ([0, 2**31 - 1], (0, 2**31 - 1)),
        ([], ()),
        (None, ()),
    ],
)
def test_free_sizes_come_in_many_forms(
    shape: list[object] | None, axes: tuple[object, ...]
) -> None:
    port = Port.of(SimpleNamespace(name="h", type="tensor(float)", shape=shape))
    assert port == Port("h", "tensor(float)", axes)  # type: ignore[arg-type]


def test_a_port_gives_shape_and_numpys_type() -> None:
    port = Port("h", "tensor(float16)", (2, "batch", None))
    assert (port.shape, port.dtype, str(port)) == (
        (2, None, None),
        "float16",
        "h float16 [2, batch, any]",
    )


def test_what_numpy_lacks_has_no_type() -> None:
    assert Port("h", "tensor(bfloat16)", ()).dtype is None
    assert Port("h", "seq(tensor(float))", ()).dtype is None


def test_every_type_is_numpys() -> None:
    assert [np.dtype(name).name for name in DTYPES.values()] == list(DTYPES.values())
