"""The models of docs/own-models.md in PyTorch: weights, data, and the loss of each of 30 steps of SGD; generate.py calls it."""

import numpy as np
import torch
from torch import nn

STEPS = 30
RATE = 0.1


def own_models(flat, seed):
    rng = np.random.RandomState(seed)
    draw = lambda *shape: torch.tensor((rng.randn(*shape) * 0.5).astype(np.float32).astype(np.float64))

    def trained(shapes, x, y, forward, loss):
        """Names are ours, in our order; forward takes the weights by name."""
        weights = {name: draw(*shape).requires_grad_() for name, shape in shapes.items()}
        begin = {name: {"shape": list(value.shape), "data": flat(value)} for name, value in weights.items()}
        losses = []
        first = flat(forward(weights, x))
        for _ in range(STEPS):
            value = loss(forward(weights, x), y)
            losses.append(float(value))
            grads = torch.autograd.grad(value, list(weights.values()))
            with torch.no_grad():
                for weight, grad in zip(weights.values(), grads):
                    weight -= RATE * grad
        target = {"shape": list(y.shape), "data": [float(v) for v in y.flatten()]}
        return {"weights": begin, "x": {"shape": list(x.shape), "data": flat(x)}, "y": target, "first": first, "losses": losses}

    mse = nn.functional.mse_loss

    def attention(w, x):
        linear = lambda name: nn.functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
        scores = linear("query") @ linear("key").transpose(1, 2) / x.shape[-1] ** 0.5
        return nn.functional.layer_norm(x + scores.softmax(-1) @ linear("value"), [x.shape[-1]], w["norm.weight"], w["norm.bias"])

    def recurrent(function, w, name, x, states):
        parts = [w[f"{name}.{each}"] for each in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")]
        return function(x, states, parts, True, 1, 0.0, True, False, False)  # bias, layers, dropout, train, bidirectional, batch_first

    def pooled(w, x):
        output, _ = recurrent(torch._VF.gru, w, "gru", x, x.new_zeros(1, x.shape[1], 4))
        weights = (output * w["query"]).sum(-1, keepdim=True).softmax(0)
        return nn.functional.linear((weights * output).sum(0), w["head.weight"], w["head.bias"])

    def siamese(w, x):
        zeros = x.new_zeros(1, x.shape[1], 4)
        ends = [recurrent(torch._VF.lstm, w, "lstm", half, (zeros, zeros))[1] for half in x.split(x.shape[-1] // 2, -1)]
        return ((ends[0] - ends[1]).square().sum(-1) + 1e-6).sqrt().transpose(0, 1)

    def peepholes(w, xs):
        h, c = (part.expand(1, xs.shape[1], -1)[0] for part in w["begin"].split(1))
        pi, pf, po = w["peep"]
        outputs = []
        for x in xs:
            z = nn.functional.linear(x, w["input.weight"], w["input.bias"]) + h @ w["recurrent.weight"].T
            i, f, g, o = z.chunk(4, -1)
            c = torch.sigmoid(f + pf * c) * c + torch.sigmoid(i + pi * c) * torch.tanh(g)
            h = torch.sigmoid(o + po * c) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs)

    square = {f"{name}.{part}": (6, 6) if part == "weight" else (6,) for name in ("query", "key", "value") for part in ("weight", "bias")}
    gates = lambda name, G, I, H: {f"{name}.weight_ih_l0": (G * H, I), f"{name}.weight_hh_l0": (G * H, H), f"{name}.bias_ih_l0": (G * H,), f"{name}.bias_hh_l0": (G * H,)}
    return {
        "self-attention": trained({**square, "norm.weight": (6,), "norm.bias": (6,)}, draw(3, 5, 6), draw(3, 5, 6), attention, mse),
        "attention-pooling": trained({**gates("gru", 3, 3, 4), "query": (4,), "head.weight": (2, 4), "head.bias": (2,)},
                                     draw(6, 5, 3), torch.tensor([0, 1, 1, 0, 1]), pooled, nn.functional.cross_entropy),
        "siamese": trained(gates("lstm", 4, 2, 4), draw(5, 3, 4), draw(3, 1).abs(), siamese, mse),
        "peepholes": trained({"input.weight": (16, 2), "input.bias": (16,), "recurrent.weight": (16, 4), "peep": (3, 4), "begin": (2, 1, 4)},
                             draw(5, 3, 2), draw(5, 3, 4), peepholes, mse),
    }
