"""Files of PyTorch and NumPy as they write them, with what is in them; torch's outputs for the weights of its layers."""

import base64
import io
import pickle
import zlib
from collections import OrderedDict

import numpy as np
import torch
from torch import nn


def packed(file):
    return base64.b64encode(zlib.compress(file, 9)).decode()


def text(write):
    buffer = io.BytesIO()
    write(buffer)
    return packed(buffer.getvalue())


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


class Network(nn.Module):
    """A layer of each kind that is here and there."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4, padding_idx=0)
        self.gru = nn.GRU(4, 3, bidirectional=True)
        self.norm = nn.LayerNorm(6)
        self.rnn = nn.RNN(6, 4, num_layers=2, nonlinearity="relu")
        self.lstm = nn.LSTM(4, 3, num_layers=2, bias=False)
        self.head = nn.Linear(3, 2)

    def forward(self, tokens):
        x = self.norm(self.gru(self.embedding(tokens))[0])
        return self.head(self.lstm(self.rnn(x)[0])[0])


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
    checkpoint = {"epoch": 3, "lr": 1e-3, "note": "é", "state_dict": OrderedDict(w=base), "optimizer": {"state": {0: {"m": torch.ones(1)}}, "groups": [{"lr": 0.1, "params": [0]}]}, "random": np.random.RandomState(1).randint(9, size=3),
                  "best": np.float64(0.5), "device": torch.device("cpu"), "size": base.shape, "type": torch.float16, "set": {1, 2}, "z": 1 + 2j, "none": None}
    network = Network()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.rand(parameter.shape) * 2 - 0.9)
    tokens = torch.tensor([[1, 2], [3, 0], [4, 5], [6, 1], [2, 3]])
    pair = (torch.ones(2, dtype=torch.float32), [torch.tensor([3.0]), {"x": torch.zeros(1, 2)}])
    steps = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    views = OrderedDict(
        flipped=steps.permute(2, 0, 1), strided=steps[:, ::2, 1::2], inner=steps[1, 2, 3], row=steps[1, 1], column=steps[..., 0],
        one=steps[:, :1, :1], none=steps[:, 3:], channels=steps.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    )
    torch_files = {}
    for new in (True, False):
        form = "zip" if new else "legacy"
        torch_files[f"layers {form}"] = {"file": saved(model.state_dict(), new), "arrays": arrays(model.state_dict())}
        torch_files[f"kinds {form}"] = {"file": saved(kinds, new), "arrays": arrays(kinds)}
        torch_files[f"network {form}"] = {"file": saved(network.float().state_dict(), new), "arrays": arrays(network.state_dict())}
        torch_files[f"tuples {form}"] = {"file": saved(pair, new), "arrays": arrays({"0": pair[0], "1.0": pair[1][0], "1.1.x": pair[1][1]["x"]})}
        torch_files[f"views {form}"] = {"file": saved(views, new), "arrays": arrays(views)}
        torch_files[f"checkpoint {form}"] = {"file": saved(checkpoint, new), "arrays": arrays({"state_dict.w": base, "optimizer.state.0.m": torch.ones(1)})}
    scripted = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), scripted)
    refused = {
        "a call zip": saved({"a": Calls()}), "a call legacy": saved({"a": Calls()}, False),
        "a whole model": saved(nn.Linear(1, 1)), "TorchScript": packed(scripted.getvalue()),
        "sparse": saved(torch.eye(2).to_sparse()), "expanded": saved({"a": torch.ones(1).expand(5)}),
        "quantized": saved({"a": torch.quantize_per_tensor(torch.ones(2).float(), 0.1, 0, torch.qint8)}), "complex": saved({"a": torch.ones(2, dtype=torch.complex64)}),
        "too large": saved({"a": torch.tensor([1, 2**40])}), "no tensors": saved({"epoch": 1, "args": {"lr": 0.1}}), "twice": saved({"a.b": torch.ones(1), "a": {"b": torch.ones(1)}}),
        "pickle.dump": text(lambda b: pickle.dump({"a": torch.ones(1)}, b)), "another pickle": text(lambda b: pickle.dump({"a": 1}, b)),
    }
    a = np.arange(6, dtype=np.float64).reshape(2, 3) / 7
    numpy_arrays = {
        "f8": a, "f4": a.astype("<f4"), "f2": a.astype("<f2"), "big": a.astype(">f4"), "fortran": np.asfortranarray(a),
        "i8": np.array([-5, 2**31 - 1]), "i4 big": np.array([1, -2], dtype=">i4"), "i2": np.array([[1], [-2]], dtype="<i2"), "i1": np.array([-128, 127], dtype="i1"),
        "u1": np.array([0, 255], dtype="u1"), "u2": np.array([65535], dtype="<u2"), "u4": np.array([7], dtype="<u4"), "u8": np.array([8], dtype="<u8"),
        "bool": np.array([True, False]), "scalar": np.array(1.5), "empty": np.zeros((0, 2)), "3-d": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        "big f2": a.astype(">f2"), "big i8": np.array([-5, 6], dtype=">i8"), "big u2": np.array([258], dtype=">u2"), "big and fortran": np.asfortranarray(a.astype(">f8")),
    }
    npy = {name: {"file": text(lambda b: np.save(b, v)), "shape": list(v.shape), "data": v.astype(np.float64).reshape(-1).tolist()} for name, v in numpy_arrays.items()}
    for version in ((2, 0), (3, 0)):
        npy[f"format {version[0]}"] = {"file": text(lambda b: np.lib.format.write_array(b, a, version)), "shape": [2, 3], "data": a.reshape(-1).tolist()}
    with_objects = {
        "complex": np.array([1j]), "strings": np.array(["a"]), "objects": np.array([None], dtype=object), "records": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]), "too large": np.array([2**40]), "long double": np.array([1], dtype=np.longdouble), "dates": np.array(["2020-01-01"], dtype="M8[D]"),
    }
    return {
        "torch": torch_files,
        "refused": refused,
        "network": {"tokens": {"shape": [5, 2], "data": tokens.reshape(-1).tolist()}, "y": network.double()(tokens).detach().reshape(-1).tolist()},
        "layers": {"x": {"shape": [4, 2, 2], "data": x.reshape(-1).tolist()}, "y": model(x).double().detach().reshape(-1).tolist()},
        "npy": npy,
        "npz": {"file": text(lambda b: np.savez(b, a=a, b=np.array([1, 2], dtype=np.int32))), "compressed": text(lambda b: np.savez_compressed(b, a=a, b=np.array([1, 2], dtype=np.int32)))},
        "npz names": text(lambda b: np.savez(b, **{"ä/ö": np.ones(1), "漢": np.zeros(2)})),
        "npy refused": {name: text(lambda b: np.save(b, v, allow_pickle=True)) for name, v in with_objects.items()},
    }
