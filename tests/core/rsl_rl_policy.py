"""Write recurrent policies as rsl_rl itself exports them: the weights lie in a side file.

    python tests/core/rsl_rl_policy.py FOLDER

A script, since rsl_rl lies in a folder of its own. Writes lstm.onnx and gru.onnx.
"""

import sys
from pathlib import Path

import torch
from rsl_rl.models import RNNModel
from tensordict import TensorDict

OBSERVATIONS, ACTIONS, HIDDEN, LAYERS = 12, 4, 24, 2
SEED = 7


def write(path: Path, kind: str) -> None:
    """Export a policy by the call of rsl_rl's `OnPolicyRunner.export_policy_to_onnx`."""
    torch.manual_seed(SEED)
    observations = TensorDict({"policy": torch.zeros(1, OBSERVATIONS)}, batch_size=[1])
    policy = RNNModel(
        observations,
        {"actor": ["policy"]},
        "actor",
        ACTIONS,
        hidden_dims=[32],
        rnn_type=kind,
        rnn_hidden_dim=HIDDEN,
        rnn_num_layers=LAYERS,
        obs_normalization=True,
    ).as_onnx()
    policy.eval()
    torch.onnx.export(
        policy,
        policy.get_dummy_inputs(),
        str(path),
        export_params=True,
        opset_version=18,
        input_names=policy.input_names,
        output_names=policy.output_names,
    )


if __name__ == "__main__":
    for kind in ("lstm", "gru"):
        write(Path(sys.argv[1]) / f"{kind}.onnx", kind)
