"""MinGRU and MinLSTM (Feng et al., arXiv:2410.01201, algorithms 1, 3, 5 and 7), written out in PyTorch's operators; generate.py calls it."""

import numpy as np
import torch

GATES = {"gru": 2, "lstm": 3}


def candidate(v, activation):
    """Listing 6 of the paper."""
    return v if activation == "linear" else torch.where(v >= 0, v + 0.5, torch.sigmoid(v))


def step(kind, activation, k, h):
    if kind == "gru":
        z, v = k.chunk(2, -1)
        z = torch.sigmoid(z)
        return (1 - z) * h + z * candidate(v, activation)
    f, i, v = k.chunk(3, -1)
    f, i = torch.sigmoid(f), torch.sigmoid(i)
    return f / (f + i) * h + i / (f + i) * candidate(v, activation)


def direction(kind, activation, x, h, weight, bias, lengths):
    """x [T,N,I]; a sequence that has ended keeps its state and gives zeros."""
    outputs = []
    for t in range(len(x)):
        live = torch.tensor([[float(t < length)] for length in lengths])
        h = live * step(kind, activation, torch.nn.functional.linear(x[t], weight, bias), h) + (1 - live) * h
        outputs.append(live * h)
    return torch.stack(outputs), h


def backwards(x, lengths):
    """Each sequence from its own end; its padding stays where it is."""
    return torch.stack([torch.cat([x[:length, n].flip(0), x[length:, n]]) for n, length in enumerate(lengths)], 1)


# kind, activation, options, lengths; at T, N, I, H
CASES = [
    ("gru", "linear", {}, None, (5, 3, 4, 9)), ("gru", "linear", {}, None, (1, 1, 3, 2)), ("gru", "positive", {"bias": False}, None, (4, 1, 2, 5)),
    ("gru", "positive", {"num_layers": 2}, None, (4, 2, 3, 5)), ("gru", "linear", {"bidirectional": True}, [2, 4, 4, 1], (5, 4, 3, 4)),
    ("lstm", "linear", {}, None, (5, 3, 4, 9)), ("lstm", "linear", {"bias": False}, None, (1, 1, 3, 2)), ("lstm", "positive", {}, None, (4, 1, 2, 5)),
    ("lstm", "linear", {"num_layers": 2, "batch_first": True}, [1, 6, 3], (6, 3, 3, 5)),
    ("lstm", "positive", {"bidirectional": True, "num_layers": 2, "batch_first": True}, [2, 4, 3], (5, 3, 3, 3)),
]


def min_cells(draw, flat, seed):
    rng = np.random.RandomState(seed)
    cases = []
    for kind, activation, options, lengths, (T, N, I, H) in CASES:
        D, layers = 2 if options.get("bidirectional") else 1, options.get("num_layers", 1)
        first = options.get("batch_first", False)
        parameters = {}
        for k in range(D * layers):
            suffix = f"l{k // D}" + ("_reverse" if k % D else "")
            parameters[f"weight_ih_{suffix}"] = draw(rng, (GATES[kind] * H, I if k < D else D * H)).requires_grad_()
            if options.get("bias", True):
                parameters[f"bias_ih_{suffix}"] = draw(rng, (GATES[kind] * H,)).requires_grad_()
        x = draw(rng, (N, T, I) if first else (T, N, I)).requires_grad_()
        dOutput = draw(rng, (N, T, D * H) if first else (T, N, D * H))
        h0, dEnd = draw(rng, (D * layers, N, H)).requires_grad_(), draw(rng, (D * layers, N, H))
        counts = lengths or [T] * N
        below, ends = x.transpose(0, 1) if first else x, []
        for layer in range(layers):
            outs = []
            for d in range(D):
                suffix = f"l{layer}" + ("_reverse" if d else "")
                read = backwards(below, counts) if d else below
                out, end = direction(
                    kind, activation, read, h0[layer * D + d], parameters[f"weight_ih_{suffix}"], parameters.get(f"bias_ih_{suffix}"), counts
                )
                outs.append(backwards(out, counts) if d else out)
                ends.append(end)
            below = torch.cat(outs, -1)
        output, end = below.transpose(0, 1) if first else below, torch.stack(ends)
        ((output * dOutput).sum() + (end * dEnd).sum()).backward()
        cases.append({
            "kind": kind, "activation": activation, "options": options, "lengths": lengths, "T": T, "N": N, "I": I, "H": H, "x": flat(x),
            "dOutput": flat(dOutput), "states": [flat(h0)], "dEnds": [flat(dEnd)], "output": flat(output), "ends": [flat(end)],
            "dx": flat(x.grad), "dStates": [flat(h0.grad)], "parameters": {name: flat(p) for name, p in parameters.items()},
            "gradients": {name: flat(p.grad) for name, p in parameters.items()},
        })
    return cases
