"""PyTorch's side of the comparison: one JSON request a line on stdin, one answer a line on stdout. One thread, timed in here."""
import json
import sys
import time

import numpy as np
import torch

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
cases = {}


def prepare(request):
    case, data = request["case"], request["data"]
    T, N, I, H = (case[k] for k in "TNIH")
    array = lambda name, *shape: torch.from_numpy(np.fromfile(data[name], dtype=np.float32).reshape(shape))
    G = {"lstm": 4, "gru": 3, "rnn": 1}[case["kind"]]
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[case["kind"]](I, H)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(array("wih", G * H, I))
        layer.weight_hh_l0.copy_(array("whh", G * H, H))
        layer.bias_ih_l0.copy_(array("bih", G * H))
        layer.bias_hh_l0.copy_(array("bhh", G * H))
    x, dY = array("x", T, N, I), array("dY", T, N, H)
    optimizer = torch.optim.Adam(layer.parameters(), lr=1e-4)
    state = [None]

    def step():
        with torch.no_grad():
            _, state[0] = layer(x, state[0])

    def forward():
        with torch.no_grad():
            layer(x)

    def train():
        optimizer.zero_grad()
        y, _ = layer(x)
        y.backward(dY)
        optimizer.step()

    with torch.no_grad():
        output = layer(x)[0].reshape(-1)[:4096].tolist()
    cases[request["id"]] = {"step": step, "forward": forward, "train": train}[case["mode"]]
    return {"output": output}


def measure(request):
    run = cases[request["id"]]
    begin = time.perf_counter()
    for _ in range(request["calls"]):
        run()
    return {"ms": (time.perf_counter() - begin) * 1000 / request["calls"]}


def dispose(request):
    del cases[request["id"]]
    return {}


for line in sys.stdin:
    message = json.loads(line)
    answer = {"prepare": prepare, "measure": measure, "dispose": dispose}[message["do"]](message)
    print(json.dumps(answer), flush=True)
