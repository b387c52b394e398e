"""Files of PyTorch and NumPy as they write them, with what is in them; torch's outputs for the weights of its layers."""

import base64
import io
from collections import OrderedDict

import numpy as np
import torch
from torch import nn


def text(write):
    buffer = io.BytesIO()
    write(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def saved(value, new=True):
    return text(lambda b: torch.save(value, b, _use_new_zipfile_serialization=new))


def arrays(named):
    return {name: {"shape": list(t.shape), "data": t.detach().double().reshape(-1).tolist()} for name, t in named.items()}


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


class Calls:
    def __reduce__(self):
        return (eval, ("1/0",))


def weights_files():
    torch.manual_seed(1)
    model = Whole()
    x = torch.randn(4, 2, 2)
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    kinds = OrderedDict(
        f64=torch.tensor([0.1, -2.5], dtype=torch.float64), f16=torch.tensor([0.5, 65504.0], dtype=torch.float16),
        bf16=torch.tensor([1.5, -3.0e38], dtype=torch.bfloat16), i64=torch.tensor([-7, 2**31 - 1]),
        i32=torch.tensor([3, -4], dtype=torch.int32), i16=torch.tensor([5, -6], dtype=torch.int16),
        i8=torch.tensor([7, -8], dtype=torch.int8), u8=torch.tensor([9, 250], dtype=torch.uint8),
        bool=torch.tensor([True, False]), scalar=torch.tensor(2.25), empty=torch.zeros(0, 3),
        turned=base.t(), part=base[1:, 1:3], shared=base, grad=nn.Parameter(torch.ones(2)),
    )
    checkpoint = {"epoch": 3, "lr": 1e-3, "note": "é", "state_dict": OrderedDict(w=base), "optimizer": {"state": {0: {"m": torch.ones(1)}}, "groups": [{"lr": 0.1, "params": [0]}]},
                  "best": np.float64(0.5)}
    torch_files = {}
    for new in (True, False):
        form = "zip" if new else "legacy"
        torch_files[f"layers {form}"] = {"file": saved(model.state_dict(), new), "arrays": arrays(model.state_dict())}
        torch_files[f"kinds {form}"] = {"file": saved(kinds, new), "arrays": arrays(kinds)}
        torch_files[f"checkpoint {form}"] = {"file": saved(checkpoint, new), "arrays": arrays({"state_dict.w": base, "optimizer.state.0.m": torch.ones(1)})}
    scripted = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), scripted)
    refused = {
        "a call zip": saved({"a": Calls()}), "a call legacy": saved({"a": Calls()}, False),
        "a whole model": saved(nn.Linear(1, 1)), "TorchScript": base64.b64encode(scripted.getvalue()).decode(),
        "sparse": saved(torch.eye(2).to_sparse()), "expanded": saved({"a": torch.ones(1).expand(5)}),
    }
    a = np.arange(6, dtype=np.float64).reshape(2, 3) / 7
    numpy_arrays = {
        "f8": a, "f4": a.astype("<f4"), "f2": a.astype("<f2"), "big": a.astype(">f4"), "fortran": np.asfortranarray(a),
        "i8": np.array([-5, 2**31 - 1]), "i4 big": np.array([1, -2], dtype=">i4"), "i2": np.array([[1], [-2]], dtype="<i2"), "i1": np.array([-128, 127], dtype="i1"),
        "u1": np.array([0, 255], dtype="u1"), "u2": np.array([65535], dtype="<u2"), "u4": np.array([7], dtype="<u4"), "u8": np.array([8], dtype="<u8"),
        "bool": np.array([True, False]), "scalar": np.array(1.5), "empty": np.zeros((0, 2)), "3-d": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    }
    npy = {name: {"file": text(lambda b: np.save(b, v)), "shape": list(v.shape), "data": v.astype(np.float64).reshape(-1).tolist()} for name, v in numpy_arrays.items()}
    with_objects = {
        "complex": np.array([1j]), "strings": np.array(["a"]), "objects": np.array([None], dtype=object), "records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]), "too large": np.array([2**40]),
    }
    return {
        "torch": torch_files,
        "refused": refused,
        "layers": {"x": {"shape": [4, 2, 2], "data": x.reshape(-1).tolist()}, "y": model(x).double().detach().reshape(-1).tolist()},
        "npy": npy,
        "npz": {"file": text(lambda b: np.savez(b, a=a, b=np.array([1, 2], dtype=np.int32))), "compressed": text(lambda b: np.savez_compressed(b, a=a, b=np.array([1, 2], dtype=np.int32)))},
        "npy refused": {name: text(lambda b: np.save(b, v, allow_pickle=True)) for name, v in with_objects.items()},
    }
