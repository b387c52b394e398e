#!/usr/bin/python3
"""Writes the golden files: what PyTorch and NumPy compute, in float64, for the tests to compare with.

    apt-get install python3-torch python3-numpy
    /usr/bin/python3 tests/golden/generate.py

Arrays are flat and row-major; sequences are time-major [T,N,.]. Inputs are rounded to values that f32 can
represent, so that f32 and f64 tests start from the same numbers; results keep all of their 64 bits. README.md
describes each file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from crf import crf
from attention import attention
from ctc import ctc
from min_cells import min_cells
from lstmp import lstmp
from min_cells import min_cells
from ops_elementwise import ops_elementwise
from ops_pictures import ops_pictures
from ops_reduce import ops_reduce
from ops_shape import ops_shape
from own_models import own_models
from sequence_metrics import sequence_metrics
from scan_cells import scan_cells
from weights_files import weights_files
from seq2seq import seq2seq

HERE = Path(__file__).resolve().parent
SHAPES = [
    (1, 1, 1, 1), (1, 1, 3, 5), (4, 1, 3, 5), (5, 3, 2, 1), (3, 2, 4, 8),
    (6, 4, 7, 9), (2, 5, 10, 13), (7, 3, 5, 17), (3, 33, 6, 12), (12, 2, 9, 33),
]

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # one order of summation


def draw(rng, shape, scale=1.0):
    """Normal numbers, rounded to f32-representable values."""
    values = (rng.standard_normal(shape) * scale).astype(np.float32)
    return torch.tensor(values.astype(np.float64))


def flat(tensor):
    return tensor.detach().reshape(-1).tolist()


def write(name, value):
    text = json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n"
    (HERE / name).write_text(text)
    print(f"{name}: {len(text)} bytes")


def rounded(value):
    """To 12 digits, which are more than any test asks for; f32 values keep the bits that f32 reads."""
    return json.loads(json.dumps(value), parse_float=lambda text: float(f"{float(text):.12g}"))


def fill(module, rng, scale):
    """Every parameter becomes a draw, in the module's own order."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draw(rng, tuple(parameter.shape), scale))


def parameters_of(module):
    return {name: flat(p) for name, p in module.named_parameters()}


def gradients_of(module):
    return {name: flat(p.grad) for name, p in module.named_parameters()}


def notebook():
    np.random.seed(1)
    stream = np.random.randn(480)
    # The notebook draws shape by shape: that must be the same stream, in row-major order.
    np.random.seed(1)
    parts = [np.random.randn(*shape).reshape(-1) for shape in [(3, 10, 7), (5, 10), (5, 8), (5, 1), (1, 1, 1), (2, 5), (164,)]]
    assert np.array_equal(np.concatenate(parts), stream)
    write("notebook.json", {"randn": stream.tolist()})


def sequence(kind, rng, T, N, I, H, layers=1):
    """One network, forward and backward. Returns the module and the inputs, outputs and gradients by name."""
    is_lstm = kind == "lstm"
    module = nn.LSTM(I, H, layers) if is_lstm else nn.RNN(I, H, layers, nonlinearity="tanh")
    # 1/sqrt(H) keeps the recurrence near the edge of forgetting: gradients neither die nor explode over T steps.
    fill(module, rng, 1 / np.sqrt(H))
    x = draw(rng, (T, N, I)).requires_grad_()
    h0 = draw(rng, (layers, N, H), 0.5).requires_grad_()
    dOutput, dHn = draw(rng, (T, N, H)), draw(rng, (layers, N, H))
    case = {"T": T, "N": N, "I": I, "H": H, "x": flat(x), "h0": flat(h0)}
    if is_lstm:
        c0 = draw(rng, (layers, N, H), 0.5).requires_grad_()
        dCn = draw(rng, (layers, N, H))
        output, (hn, cn) = module(x, (h0, c0))
        loss = (output * dOutput).sum() + (hn * dHn).sum() + (cn * dCn).sum()
        case.update(c0=flat(c0), dOutput=flat(dOutput), dHn=flat(dHn), dCn=flat(dCn))
    else:
        output, hn = module(x, h0)
        loss = (output * dOutput).sum() + (hn * dHn).sum()
        case.update(dOutput=flat(dOutput), dHn=flat(dHn))
    loss.backward()
    case.update(output=flat(output), hn=flat(hn))
    if is_lstm:
        case.update(cn=flat(cn), dc0=flat(c0.grad))
    case.update(dx=flat(x.grad), dh0=flat(h0.grad))
    return module, case


def sequences(kind, seed):
    rng = np.random.RandomState(seed)
    cases = []
    for shape in SHAPES:
        module, case = sequence(kind, rng, *shape)
        for name, values in parameters_of(module).items():
            case[name.removesuffix("_l0")] = values
        for name, values in gradients_of(module).items():
            case["d" + name.removesuffix("_l0")] = values
        cases.append(case)
    write(f"{kind}.json", cases)


def stacked(seed):
    rng = np.random.RandomState(seed)
    result = {}
    for kind in ["lstm", "rnn"]:
        module, case = sequence(kind, rng, 5, 3, 4, 6, layers=2)
        result[kind] = {**case, "parameters": parameters_of(module), "gradients": gradients_of(module)}
    write("lstm2.json", result)


def heads(seed):
    rng = np.random.RandomState(seed)
    dense = []
    for M, I, O in [(1, 1, 1), (1, 5, 2), (6, 9, 11), (17, 7, 5), (4, 33, 13)]:
        for bias in [True, False]:
            linear = nn.Linear(I, O, bias=bias)
            fill(linear, rng, 1 / np.sqrt(I))
            x, dy = draw(rng, (M, I)).requires_grad_(), draw(rng, (M, O))
            y = linear(x)
            (y * dy).sum().backward()
            dense.append({
                "M": M, "I": I, "O": O, "x": flat(x), "weight": flat(linear.weight), "bias": flat(linear.bias) if bias else None,
                "y": flat(y), "dy": flat(dy), "dx": flat(x.grad), "dweight": flat(linear.weight.grad),
                "dbias": flat(linear.bias.grad) if bias else None,
            })

    def logits(M, O, scale=2.0, rows=()):
        z = draw(rng, (M, O), scale)
        for m, values in rows:
            z[m] = torch.tensor(values)
        return z.requires_grad_()

    entropy = []
    far = [(0, [1000.0, -1000.0, 0.0, 500.0]), (1, [1000.0, -1000.0, 0.0, 500.0]), (2, [-1000.0] * 4), (3, [88.75, -88.75, 89.0, 0.0])]
    same = [(0, [0.0, 0.0, 0.0])]
    for name, z, targets in [
        ("one class", logits(2, 1), [0, 0]),
        ("one row", logits(1, 3, rows=same), [2]),
        ("ordinary", logits(9, 11), list(rng.randint(0, 11, 9))),
        ("wide", logits(5, 37, 5.0), list(rng.randint(0, 37, 5))),
        ("far apart", logits(6, 4, rows=far), [0, 1, 3, 3, 2, 0]),
    ]:
        targets = [int(t) for t in targets]
        loss = nn.functional.cross_entropy(z, torch.tensor(targets))
        loss.backward()
        M, O = z.shape
        entropy.append({"name": name, "M": M, "O": O, "logits": flat(z), "targets": targets, "loss": loss.item(), "dLogits": flat(z.grad)})

    softmax = []
    for name, z in [
        ("one class", logits(2, 1)),
        ("ordinary", logits(7, 9)),
        ("wide", logits(3, 35, 4.0)),
        ("far apart", logits(4, 4, rows=far)),
    ]:
        M, O = z.shape
        dp = draw(rng, (M, O))
        p = nn.functional.softmax(z, dim=1)
        (p * dp).sum().backward()
        softmax.append({"name": name, "M": M, "O": O, "z": flat(z), "p": flat(p), "dp": flat(dp), "dz": flat(z.grad)})

    embedding = []
    for V, E, tokens in [(1, 1, [0, 0]), (7, 5, [3, 3, 0, 6, 3, 0, 5]), (13, 9, [int(t) for t in rng.randint(0, 13, 24)])]:
        table = draw(rng, (V, E)).requires_grad_()
        dy = draw(rng, (len(tokens), E))
        y = nn.functional.embedding(torch.tensor(tokens), table)
        (y * dy).sum().backward()
        embedding.append({"V": V, "E": E, "tokens": tokens, "table": flat(table), "y": flat(y), "dy": flat(dy), "dTable": flat(table.grad)})
    write("heads.json", {"dense": dense, "crossEntropy": entropy, "softmax": softmax, "embedding": embedding})


def optimizers(seed):
    rng = np.random.RandomState(seed)
    shapes, steps, kept = [(4, 3), (5,), (2, 2)], 50, [1, 2, 10, 50]
    start = [draw(rng, shape) for shape in shapes]
    # Gradients of several magnitudes, one of them constantly zero, so that no state hides behind another.
    grads = [[draw(rng, shape, 10.0 ** (1 - 2 * k)) for k, shape in enumerate(shapes)] for _ in range(steps)]
    for step in grads:
        step[1][0] = 0.0
    cases = []
    for name, make, options in [
        ("sgd", torch.optim.SGD, {"lr": 0.1}),
        ("sgd", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
        ("sgd", torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}),
        ("adam", torch.optim.Adam, {"lr": 1e-2}),
        ("adam", torch.optim.Adam, {"lr": 1e-2, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.01}),
        ("adamw", torch.optim.AdamW, {"lr": 1e-2, "weight_decay": 0.01}),
    ]:
        params = [p.clone().requires_grad_() for p in start]
        optimizer = make(params, **options)
        after = {}
        for k in range(steps):
            for p, g in zip(params, grads[k]):
                p.grad = g.clone()
            optimizer.step()
            if k + 1 in kept:
                after[str(k + 1)] = [flat(p) for p in params]
        cases.append({"optimizer": name, "options": options, "after": after})

    clip = []
    base = [draw(rng, shape) for shape in shapes]
    norm = float(torch.sqrt(sum((g * g).sum() for g in base)))
    limits = [("above", 3.0, 1.0), ("far above", 2.0**20, 5.0), ("below", 1.0, 2 * norm), ("at", 1.0, norm), ("zero", 0.0, 1.0)]
    for name, scale, maximum in limits:
        params = [nn.Parameter(torch.zeros(shape)) for shape in shapes]
        for p, g in zip(params, base):
            p.grad = g * scale
        before = [flat(p.grad) for p in params]
        returned = float(nn.utils.clip_grad_norm_(params, maximum))
        clip.append({"name": name, "maxNorm": maximum, "grads": before, "norm": returned, "clipped": [flat(p.grad) for p in params]})
    write("optim.json", {
        "shapes": shapes, "initial": [flat(p) for p in start], "gradients": [[flat(g) for g in step] for step in grads],
        "cases": cases, "clip": clip,
    })


def every_optimizer(seed):
    """All optimizers and options over 50 steps on one Dense layer's parameters, and the rates of the schedules."""
    rng = np.random.RandomState(seed)
    shapes, steps = [(4, 3), (4,)], 50
    start = [draw(rng, shape) for shape in shapes]
    grads = [[draw(rng, shape, 10.0 ** (1 - 2 * k)) for k, shape in enumerate(shapes)] for _ in range(steps)]
    for step in grads:
        step[1][0] = 0.0
    cases = []
    for name, options in [
        ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
        ("SGD", {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01, "nesterov": True}),
        ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("Adam", {}),
        ("Adam", {"lr": 1e-2, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.01}),
        ("AdamW", {}),
        ("AdamW", {"lr": 1e-2, "betas": (0.8, 0.95), "weight_decay": 0.2}),
        ("Adam", {"amsgrad": True}),
        ("Adam", {"lr": 1e-2, "betas": (0.8, 0.6), "eps": 1e-5, "weight_decay": 0.01, "amsgrad": True}),
        ("AdamW", {"lr": 1e-2, "betas": (0.8, 0.6), "weight_decay": 0.2, "amsgrad": True}),
        ("RMSprop", {}),
        ("RMSprop", {"lr": 1e-3, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.01, "momentum": 0.5}),
        ("RMSprop", {"lr": 1e-3, "centered": True}),
        ("RMSprop", {"lr": 1e-3, "centered": True, "momentum": 0.9, "alpha": 0.95}),
        ("Adagrad", {}),
        ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.01, "initial_accumulator_value": 0.5, "eps": 1e-6}),
    ]:
        params = [p.clone().requires_grad_() for p in start]
        optimizer = getattr(torch.optim, name)(params, **options)
        after = {}
        for k in range(steps):
            for p, g in zip(params, grads[k]):
                p.grad = g.clone()
            optimizer.step()
            if k + 1 in (1, 2, 50):
                after[str(k + 1)] = [flat(p) for p in params]
        cases.append({"optimizer": name, "options": options, "after": after})

    schedules = []
    sched = torch.optim.lr_scheduler
    metrics = [1.0, 0.9, 0.8, 0.79999, 0.8, 0.81, 0.7, 0.75, 0.74, 0.73, 0.72, 0.71, 0.7, 0.7, 0.7, 0.7, 0.6] + [0.61] * 33
    for name, make in [
        ("StepLR", lambda o: sched.StepLR(o, 7, 0.5)),
        ("CosineAnnealingLR", lambda o: sched.CosineAnnealingLR(o, 40, 0.01)),
        ("LinearLR", lambda o: sched.LinearLR(o, 0.1, 1.0, 10)),
        ("OneCycleLR", lambda o: sched.OneCycleLR(o, 0.5, total_steps=50, cycle_momentum=False)),
        ("OneCycleLR, linear", lambda o: sched.OneCycleLR(o, 0.5, total_steps=50, pct_start=0.4, anneal_strategy="linear", div_factor=10, final_div_factor=100, cycle_momentum=False)),
        ("SequentialLR", lambda o: sched.SequentialLR(o, [sched.LinearLR(o, 0.1, 1.0, 10), sched.CosineAnnealingLR(o, 40)], [10])),
        ("ReduceLROnPlateau", lambda o: sched.ReduceLROnPlateau(o, factor=0.5, patience=2)),
        ("ReduceLROnPlateau, absolute", lambda o: sched.ReduceLROnPlateau(o, mode="min", factor=0.3, patience=1, threshold=0.05, threshold_mode="abs", cooldown=3, min_lr=0.01)),
        ("ReduceLROnPlateau, max", lambda o: sched.ReduceLROnPlateau(o, mode="max", factor=0.5, patience=3)),
    ]:
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
        schedule = make(optimizer)
        rates = [optimizer.param_groups[0]["lr"]]
        for k in range(49):
            optimizer.step()
            schedule.step(*([metrics[k]] if "Plateau" in name else []))
            rates.append(optimizer.param_groups[0]["lr"])
        schedules.append({"name": name, "rates": rates})

    cycles = []
    for name, options, cycle in [
        ("SGD", {"lr": 0.05, "momentum": 0.5}, {}),
        ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}, {"anneal_strategy": "linear", "base_momentum": 0.2, "max_momentum": 0.7}),
        ("RMSprop", {"momentum": 0.5}, {"pct_start": 0.5}),
        ("Adam", {}, {"pct_start": 0.1}),
        ("AdamW", {"betas": (0.8, 0.9), "amsgrad": True}, {"base_momentum": 0.5}),
    ]:
        params = [p.clone().requires_grad_() for p in start]
        optimizer = getattr(torch.optim, name)(params, **options)
        schedule = sched.OneCycleLR(optimizer, 0.02, total_steps=steps, **cycle)
        group = optimizer.param_groups[0]
        momenta, after = [], {}
        for k in range(steps):
            momenta.append(group["betas"][0] if "betas" in group else group["momentum"])
            for p, g in zip(params, grads[k]):
                p.grad = g.clone()
            optimizer.step()
            if k + 1 < steps:
                schedule.step()
            if k + 1 in (1, 2, 25, 50):
                after[str(k + 1)] = [flat(p) for p in params]
        cycles.append({"optimizer": name, "options": options, "cycle": cycle, "momenta": momenta, "after": after})

    clipped = nn.Parameter(torch.zeros(5))
    clipped.grad = torch.tensor([0.5, -3.0, 2.0, -0.25, 1e30])
    before = flat(clipped.grad)
    nn.utils.clip_grad_value_([clipped], 2.0)
    write("optim-all.json", {
        "initial": [flat(p) for p in start], "gradients": [[flat(g) for g in step] for step in grads], "cases": cases,
        "lr": 0.2, "metrics": metrics, "schedules": schedules, "cycles": cycles, "clipValue": {"value": 2.0, "before": before, "after": flat(clipped.grad)},
    })


def norm_and_pool(seed):
    rng = np.random.RandomState(seed)
    norms = []
    for M, D, bias in [(1, 2, True), (3, 5, True), (4, 17, False), (2, 8, None)]:
        layer = nn.LayerNorm(D, eps=1e-3, elementwise_affine=bias is not None)
        fill(layer, rng, 1.0)
        if bias is False:
            layer.bias = None
        x, dy = draw(rng, (M, D)).requires_grad_(), draw(rng, (M, D))
        y = nn.functional.layer_norm(x, (D,), layer.weight, layer.bias, 1e-3)
        y.backward(dy)
        params = {name: flat(p) for name, p in layer.named_parameters()}
        grads = {name: flat(p.grad) for name, p in layer.named_parameters()}
        norms.append({"M": M, "D": D, "bias": bias, "x": flat(x), "dy": flat(dy), "y": flat(y), "dX": flat(x.grad), "parameters": params, "gradients": grads})
    pools = []
    for T, N, H, lengths in [(1, 1, 1, [1]), (5, 3, 7, [3, 5, 1]), (4, 2, 33, [4, 4])]:
        x, dy = torch.round(draw(rng, (T, N, H)) * 2) / 2, draw(rng, (N, H))  # coarse: maxima that occur more than once
        for name, pool in [
            ("LastStep", lambda s: s[-1]), ("MeanPool", lambda s: s.mean(0)), ("MaxPool", lambda s: s.max(0).values),
        ]:
            leaf = x.clone().requires_grad_()
            y = torch.stack([pool(leaf[:length, n]) for n, length in enumerate(lengths)])
            y.backward(dy)
            pools.append({"name": name, "T": T, "N": N, "H": H, "lengths": lengths, "x": flat(x), "dy": flat(dy), "y": flat(y), "dX": flat(leaf.grad)})
    write("norm-pool.json", rounded({"norms": norms, "pools": pools}))


def truncated(seed):
    """Backpropagation through time, cut every three steps: the state is carried, its gradient is not."""
    rng = np.random.RandomState(seed)
    T, N, I, H, cut = 8, 2, 3, 4, 3
    cases = []
    for name, make in [("RNN", nn.RNN), ("LSTM", nn.LSTM), ("GRU", nn.GRU)]:
        layer = make(I, H, num_layers=2)
        fill(layer, rng, 0.5)
        x, dy = draw(rng, (T, N, I)), draw(rng, (T, N, H))
        state, outputs = None, []
        for start in range(0, T, cut):
            y, state = layer(x[start:start + cut], state)
            (y * dy[start:start + cut]).sum().backward()
            state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
            outputs.append(y)
        grads = {key: flat(p.grad) for key, p in layer.named_parameters()}
        cases.append({"name": name, "x": flat(x), "dOutput": flat(dy), "output": flat(torch.cat(outputs)), "parameters": parameters_of(layer), "gradients": grads})
    write("tbptt.json", rounded({"T": T, "N": N, "I": I, "H": H, "cut": cut, "cases": cases}))


class CharacterModel(nn.Module):
    def __init__(self, V, E, H):
        super().__init__()
        self.embedding = nn.Embedding(V, E)
        self.lstm = nn.LSTM(E, H)
        self.linear = nn.Linear(H, V)

    def forward(self, tokens):
        return self.linear(self.lstm(self.embedding(tokens))[0])


def training(seed):
    rng = np.random.RandomState(seed)
    V, E, H, T, N, steps = 11, 6, 10, 8, 3, 30
    model = CharacterModel(V, E, H)
    fill(model, rng, 5 / np.sqrt(H))  # large enough that clipping at 1.0 acts at some steps of each run and not at others
    initial = {name: p.detach().clone() for name, p in model.named_parameters()}
    # Noisy counting: something to learn, and never the same batch twice.
    texts = []
    for _ in range(steps):
        walk = (rng.randint(0, V, (1, N)) + np.cumsum(1 + (rng.rand(T + 1, N) < 0.1), axis=0)) % V
        texts.append(torch.tensor(walk))
    runs = []
    for name, make, options in [("sgd", torch.optim.SGD, {"lr": 0.5, "momentum": 0.9}), ("adam", torch.optim.Adam, {"lr": 0.01})]:
        with torch.no_grad():
            for key, p in model.named_parameters():
                p.copy_(initial[key])
        optimizer = make(model.parameters(), **options)
        losses, norms = [], []
        for text in texts:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(text[:-1]).reshape(T * N, V), text[1:].reshape(T * N))
            loss.backward()
            norms.append(float(nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
            optimizer.step()
            losses.append(loss.item())
        assert min(norms) < 1 < max(norms)
        runs.append({"optimizer": name, "options": options, "losses": losses, "gradNorms": norms, "final": parameters_of(model)})
        print(f"training, {name}: loss {losses[0]:.4f} to {losses[-1]:.4f}; norms {min(norms):.3f} to {max(norms):.3f}")
    write("training.json", {
        "V": V, "E": E, "H": H, "T": T, "N": N, "steps": steps, "maxNorm": 1.0,
        "tokens": [flat(text[:-1]) for text in texts], "targets": [flat(text[1:]) for text in texts],
        "initial": {name: flat(p) for name, p in initial.items()}, "runs": runs,
    })


class ResetBefore(nn.Module):
    """The papers' GRU, reset before the product, on one layer's weights in PyTorch's order r z n; differentiated by autograd."""

    def __init__(self, I, H, bias):
        super().__init__()
        shapes = {"weight_ih_l0": (3 * H, I), "weight_hh_l0": (3 * H, H), **({"bias_ih_l0": (3 * H,), "bias_hh_l0": (3 * H,)} if bias else {})}
        for name, shape in shapes.items():
            setattr(self, name, nn.Parameter(torch.zeros(shape)))
        self.H, self.bias = H, bias

    def forward(self, x, h0):
        H, h, out = self.H, h0[0], []
        wi, wh = self.weight_ih_l0, self.weight_hh_l0
        b = self.bias_ih_l0 + self.bias_hh_l0 if self.bias else torch.zeros(3 * H)
        for xt in x:
            r = torch.sigmoid(xt @ wi[:H].T + h @ wh[:H].T + b[:H])
            z = torch.sigmoid(xt @ wi[H:2 * H].T + h @ wh[H:2 * H].T + b[H:2 * H])
            n = torch.tanh(xt @ wi[2 * H:].T + (r * h) @ wh[2 * H:].T + b[2 * H:])
            h = (1 - z) * n + z * h
            out.append(h)
        return torch.stack(out), h[None]


# kind, options, lengths; at T, N, I, H
OPTIONS = [
    ("gru", {}, None, (5, 3, 4, 9)), ("gru", {}, None, (1, 1, 3, 2)), ("gru", {"bias": False}, None, (4, 1, 2, 5)),
    ("gru", {"num_layers": 2}, None, (4, 2, 3, 5)), ("gru", {"bidirectional": True, "num_layers": 2}, None, (4, 2, 3, 3)),
    ("gru", {}, [2, 5, 1], (5, 3, 4, 5)), ("gru", {"bidirectional": True}, [2, 4, 4, 1], (5, 4, 3, 4)),
    ("gru_before", {}, None, (5, 3, 4, 9)), ("gru_before", {"bias": False}, None, (4, 1, 2, 5)), ("gru_before", {}, None, (1, 1, 3, 2)),
    ("rnn", {"nonlinearity": "relu"}, None, (5, 3, 4, 9)), ("rnn", {"bidirectional": True, "bias": False}, [3, 1], (4, 2, 3, 3)),
    ("lstm", {"bias": False}, None, (4, 2, 3, 5)), ("lstm", {"batch_first": True}, None, (4, 3, 2, 5)),
    ("lstm", {"bidirectional": True}, None, (5, 3, 4, 5)), ("lstm", {}, [1, 6, 3, 3], (6, 4, 3, 9)),
    ("lstm", {"bidirectional": True, "num_layers": 2, "batch_first": True}, [2, 4, 3], (5, 3, 3, 3)),
]


def options(seed):
    """Every option of the recurrent layers."""
    rng = np.random.RandomState(seed)
    cases = []
    for kind, given, lengths, (T, N, I, H) in OPTIONS:
        if kind == "gru_before":
            module = ResetBefore(I, H, given.get("bias", True))
        else:
            module = {"gru": nn.GRU, "rnn": nn.RNN, "lstm": nn.LSTM}[kind](I, H, **given)
        fill(module, rng, 1 / np.sqrt(H))
        D = 2 if given.get("bidirectional") else 1
        count = D * given.get("num_layers", 1)
        first = given.get("batch_first", False)
        x = draw(rng, (N, T, I) if first else (T, N, I)).requires_grad_()
        dOutput = draw(rng, (N, T, D * H) if first else (T, N, D * H))
        states = [draw(rng, (count, N, H), 0.5).requires_grad_() for _ in range(2 if kind == "lstm" else 1)]
        dStates = [draw(rng, (count, N, H)) for _ in states]
        start = tuple(states) if kind == "lstm" else states[0]
        if lengths is None:
            output, end = module(x, start)
        else:
            packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=first, enforce_sorted=False)
            output, end = module(packed, start)
            output, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=first, total_length=T)
        ends = end if kind == "lstm" else (end,)
        loss = (output * dOutput).sum() + sum((e * d).sum() for e, d in zip(ends, dStates))
        loss.backward()
        cases.append({
            "kind": kind, "options": given, "lengths": lengths, "T": T, "N": N, "I": I, "H": H, "x": flat(x), "dOutput": flat(dOutput),
            "states": [flat(s) for s in states], "dEnds": [flat(d) for d in dStates], "output": flat(output), "ends": [flat(e) for e in ends],
            "dx": flat(x.grad), "dStates": [flat(s.grad) for s in states], "parameters": parameters_of(module), "gradients": gradients_of(module),
        })
    write("options.json", rounded(cases))


def losses(seed):
    """Every option of the losses; with lengths, what counts is picked out and the padding left to chance."""
    rng = np.random.RandomState(seed)

    def compare(prediction, target, lengths, reduction, criterion):
        """The loss and its gradient over what counts."""
        if lengths is None:
            loss = criterion(prediction, target)
        else:
            live = torch.arange(prediction.shape[0])[:, None] < torch.tensor(lengths)
            loss = criterion(prediction[live], target[live])
        loss.backward()
        value = loss.item()
        return {
            "shape": list(prediction.shape), "lengths": lengths, "reduction": reduction, "prediction": flat(prediction), "target": flat(target),
            "loss": None if np.isnan(value) else value, "gradient": flat(prediction.grad),
        }

    entropy = []
    for weighted, smoothing, ignored, lengths, C, reduction, targets in [
        (True, 0, -100, None, 5, "mean", None), (True, 0, -100, None, 3, "sum", None), (False, 0.1, -100, None, 17, "mean", None),
        (False, 1.0, -100, None, 4, "mean", None), (True, 0.2, -100, None, 9, "mean", None), (True, 0.2, -100, None, 2, "sum", None),
        (False, 0, 2, None, 5, "mean", None), (False, 0.3, 0, None, 3, "mean", None), (True, 0.3, 1, None, 33, "mean", None),
        (False, 0, -1, None, 7, "sum", [-1, 3, 6, -1, 0, -1]), (True, 0.1, -100, None, 4, "mean", [-100, 3, -100, -100, 0, 1]),
        (False, 0, -100, None, 3, "mean", [-100] * 6), (True, 0.1, 1, None, 3, "mean", [1] * 6), (False, 0.5, -100, None, 1, "mean", [0] * 6),
        (False, 0, -100, [3, 1], 5, "mean", None), (True, 0.2, 1, [2, 3], 6, "mean", None), (True, 0.2, 1, [1, 2], 6, "sum", None),
    ]:
        shape = (3, 2) if lengths else (6,)
        z = draw(rng, (*shape, C), 2.0).requires_grad_()
        weight = draw(rng, (C,)).abs() if weighted else None
        y = torch.tensor([int(t) for t in rng.randint(0, C, 6)] if targets is None else targets).reshape(shape)
        options = {"label_smoothing": float(smoothing), "ignore_index": ignored, "reduction": reduction}
        criterion = nn.CrossEntropyLoss(weight, **options)
        entropy.append({**compare(z, y, lengths, reduction, criterion), "weight": None if weight is None else flat(weight), **options})

    binary = []
    for weights, shape, lengths, reduction in [
        (0, (1,), None, "mean"), (0, (5, 7), None, "mean"), (0, (17,), None, "sum"), (1, (3, 3), None, "mean"), (5, (4, 5), None, "mean"),
        (3, (2, 2, 3), None, "sum"), (0, (4, 3, 2), [4, 1, 2], "mean"), (3, (4, 2, 3), [1, 3], "mean"), (0, (5, 2), [2, 5], "sum"),
    ]:
        x = draw(rng, shape, 3.0).requires_grad_()
        y = torch.tensor(rng.rand(*shape).astype(np.float32).astype(np.float64))
        y = torch.where(y < 0.3, 0.0, torch.where(y > 0.6, 1.0, y))
        weight = draw(rng, (weights,)).abs() * 2 if weights else None
        criterion = nn.BCEWithLogitsLoss(pos_weight=weight, reduction=reduction)
        binary.append({**compare(x, y, lengths, reduction, criterion), "pos_weight": None if weight is None else flat(weight)})

    regression = []
    for name, make, options in [("mse", nn.MSELoss, {}), ("l1", nn.L1Loss, {}), ("huber", nn.HuberLoss, {}), ("huber", nn.HuberLoss, {"delta": 0.25})]:
        for shape, lengths, reduction in [((1,), None, "mean"), ((5, 7), None, "mean"), ((33,), None, "sum"), ((4, 3, 3), [4, 1, 2], "mean"), ((5, 2), [2, 5], "sum")]:
            x, y = draw(rng, shape).requires_grad_(), draw(rng, shape)
            with torch.no_grad():
                x.reshape(-1)[0] = y.reshape(-1)[0]  # nothing between them
            criterion = make(reduction=reduction, **options)
            regression.append({"name": name, **compare(x, y, lengths, reduction, criterion), **options})
    write("losses.json", rounded({"crossEntropy": entropy, "bceWithLogits": binary, "regression": regression}))


def main():
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, PyTorch {torch.__version__}")
    notebook()
    # These two seeds leave the one-by-one case unsaturated and without cancellation, so that f32 can be held to it too.
    sequences("rnn", 13)
    sequences("lstm", 23)
    stacked(33)
    heads(34)
    optimizers(35)
    training(36)
    options(37)
    losses(38)
    every_optimizer(39)
    norm_and_pool(40)
    truncated(41)
    write("lstmp.json", rounded(lstmp(draw, flat, 48)))
    write("ops-shape.json", rounded(ops_shape(draw, flat, 42)))
    write("ops-pictures.json", rounded(ops_pictures(draw, flat, 43)))
    write("min-cells.json", rounded(min_cells(draw, flat, 47)))
    write("own-models.json", rounded(own_models(flat, 46)))
    write("sequence-metrics.json", sequence_metrics())
    write("scan-cells.json", rounded(scan_cells(flat, 47)))
    write("ops-elementwise.json", rounded(ops_elementwise(flat, 45)))
    write("ctc.json", rounded(ctc(draw, flat, 47)))
    write("ops-reduce.json", rounded(ops_reduce(draw, flat, np.random.RandomState(44))))
    write("crf.json", rounded(crf(draw, flat, 47)))
    write("attention.json", rounded(attention(draw, flat, 47)))
    write("seq2seq.json", rounded(seq2seq(draw, flat, 49)))
    write("weights-files.json", weights_files())


if __name__ == "__main__":
    main()
