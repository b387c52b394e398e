"""LSTMP, and the options `residual` and `learnedState` of the recurrent layers, written out and differentiated by autograd; where PyTorch has
the same (proj_size) its module's numbers are taken and the written-out layer is held to them. generate.py calls it."""

import numpy as np
import torch
from torch import nn

# kind, options by our names, lengths, whether states are given; at T, N, I, H
CASES = [
    ("LSTMP", {"projSize": 3}, None, True, (5, 3, 4, 9)),
    ("LSTMP", {"projSize": 1}, None, True, (1, 1, 3, 2)),
    ("LSTMP", {"projSize": 8, "numLayers": 2}, None, True, (4, 3, 3, 12)),
    ("LSTMP", {"projSize": 2, "bidirectional": True}, None, True, (5, 2, 3, 5)),
    ("LSTMP", {"projSize": 3, "bidirectional": True, "numLayers": 2, "batchFirst": True}, [2, 4, 3], True, (5, 3, 2, 4)),
    ("LSTMP", {"projSize": 5, "bias": False}, [1, 6, 3, 3], True, (6, 4, 3, 9)),
    ("LSTMP", {"peepholes": True}, None, True, (5, 3, 4, 9)),
    ("LSTMP", {"peepholes": True, "numLayers": 2, "bidirectional": True}, [4, 1, 3], True, (4, 3, 2, 3)),
    ("LSTMP", {"cellClip": 0.5}, None, True, (6, 3, 4, 5)),
    ("LSTMP", {"projSize": 4, "peepholes": True, "cellClip": 0.4, "numLayers": 2}, [2, 6, 4, 6], True, (6, 4, 3, 9)),
    ("LSTMP", {"projSize": 2, "peepholes": True, "cellClip": 0.6, "bias": False, "batchFirst": True}, None, False, (4, 2, 3, 5)),
    ("LSTMP", {"projSize": 3, "numLayers": 3, "residual": True, "learnedState": True}, [2, 5, 1], False, (5, 3, 4, 5)),
    ("LSTM", {"numLayers": 3, "residual": True}, None, True, (4, 3, 2, 5)),
    ("LSTM", {"learnedState": True}, None, False, (4, 3, 2, 5)),
    ("LSTM", {"numLayers": 2, "bidirectional": True, "residual": True, "learnedState": True, "batchFirst": True}, [4, 1, 3], False, (4, 3, 2, 3)),
    ("GRU", {"numLayers": 2, "residual": True, "learnedState": True}, None, False, (5, 2, 3, 9)),
    ("RNN", {"numLayers": 2, "residual": True, "learnedState": True}, [3, 1], False, (3, 2, 4, 3)),
]
GATES = {"LSTMP": 4, "LSTM": 4, "GRU": 3, "RNN": 1}


def shapes(kind, given, I, H):
    """Our names and shapes, in our order."""
    G, D, P = GATES[kind], 2 if given.get("bidirectional") else 1, given.get("projSize", H)
    for layer in range(given.get("numLayers", 1)):
        for direction in range(D):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            own = {"weight_ih": (G * H, I if layer == 0 else D * P), "weight_hh": (G * H, P)}
            if given.get("bias", True):
                own.update(bias_ih=(G * H,), bias_hh=(G * H,))
            if P < H:
                own["weight_hr"] = (P, H)
            if given.get("peepholes"):
                own["weight_ch"] = (3 * H,)
            if given.get("learnedState"):
                own.update({"h0": (P,), **({"c0": (H,)} if G == 4 else {})})
            yield from ((name + suffix, shape) for name, shape in own.items())


def step(kind, given, w, x, h, c):
    """One step of one cell; w by names without their suffix."""
    zx, zh = x @ w["weight_ih"].T, h @ w["weight_hh"].T
    if "bias_ih" in w:
        zx, zh = zx + w["bias_ih"], zh + w["bias_hh"]
    if kind == "RNN":
        return torch.tanh(zx + zh), c
    if kind == "GRU":
        (rx, ux, nx), (rh, uh, nh) = zx.chunk(3, -1), zh.chunk(3, -1)
        u, n = torch.sigmoid(ux + uh), torch.tanh(nx + torch.sigmoid(rx + rh) * nh)
        return (1 - u) * n + u * h, c
    i, f, g, o = (zx + zh).chunk(4, -1)
    pi, pf, po = w["weight_ch"].chunk(3) if "weight_ch" in w else (0, 0, 0)
    c = torch.sigmoid(f + pf * c) * c + torch.sigmoid(i + pi * c) * torch.tanh(g)
    if "cellClip" in given:
        c = c.clamp(-given["cellClip"], given["cellClip"])
    m = torch.sigmoid(o + po * c) * torch.tanh(c)
    return m @ w["weight_hr"].T if "weight_hr" in w else m, c


def layers(kind, given, weights, x, states, lengths):
    """x [T,N,I] to the output and the final states, [count,N,size] each."""
    T, N = x.shape[:2]
    D = 2 if given.get("bidirectional") else 1
    alive = torch.tensor([[t < n for n in (lengths or [T] * N)] for t in range(T)])[..., None]
    ends = []
    for layer in range(given.get("numLayers", 1)):
        outs = []
        for direction in range(D):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            w = {name[: -len(suffix)]: p for name, p in weights.items() if name.endswith(suffix)}
            if states:
                h, c = (part[layer * D + direction] for part in (states if len(states) == 2 else states * 2))
            elif given.get("learnedState"):
                h, c = w["h0"].expand(N, -1), w.get("c0", w["h0"]).expand(N, -1)
            else:
                h, c = x.new_zeros(N, w["weight_hh"].shape[1]), x.new_zeros(N, w["weight_ih"].shape[0] // GATES[kind])
            out = [None] * T
            for t in reversed(range(T)) if direction else range(T):
                nextH, nextC = step(kind, given, w, x[t], h, c)
                h, c = torch.where(alive[t], nextH, h), torch.where(alive[t], nextC, c)
                out[t] = torch.where(alive[t], h, torch.zeros_like(h))
            outs.append(torch.stack(out))
            ends.append((h, c))
        y = torch.cat(outs, -1)
        x = y + x * alive if given.get("residual") and layer > 0 else y
    parts = [torch.stack(part) for part in zip(*ends)]
    return x, parts if GATES[kind] == 4 else parts[:1]


def of_torch(given, weights, x, states, lengths, sizes):
    """The same by torch.nn.LSTM."""
    I, H = sizes
    module = nn.LSTM(I, H, given.get("numLayers", 1), given.get("bias", True), proj_size=given["projSize"], bidirectional=given.get("bidirectional", False))
    assert [name for name, _ in module.named_parameters()] == list(weights)
    with torch.no_grad():
        for name, p in module.named_parameters():
            p.copy_(weights[name])
    if lengths is None:
        return module(x, tuple(states))
    packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, end = module(packed, tuple(states))
    return nn.utils.rnn.pad_packed_sequence(output, total_length=x.shape[0])[0], end


def lstmp(draw, flat, seed):
    rng = np.random.RandomState(seed)
    cases = []
    for kind, given, lengths, has_states, (T, N, I, H) in CASES:
        D, P = 2 if given.get("bidirectional") else 1, given.get("projSize", H)
        count = D * given.get("numLayers", 1)
        weights = {name: draw(rng, shape, 1.5 / np.sqrt(H)).requires_grad_() for name, shape in shapes(kind, given, I, H)}
        x = draw(rng, (T, N, I)).requires_grad_()
        dOutput = draw(rng, (T, N, D * P))
        sizes = [P, H] if GATES[kind] == 4 else [P]
        states = [draw(rng, (count, N, size), 0.5).requires_grad_() for size in sizes] if has_states else []
        dEnds = [draw(rng, (count, N, size)) for size in sizes]
        output, ends = layers(kind, given, weights, x, states, lengths)
        if "projSize" in given and not set(given) & {"peepholes", "cellClip", "residual", "learnedState"}:
            expected, (h, c) = of_torch(given, weights, x, states, lengths, (I, H))
            for ours, theirs in [(output, expected), (ends[0], h), (ends[1], c)]:
                assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-14)
        loss = (output * dOutput).sum() + sum((e * d).sum() for e, d in zip(ends, dEnds))
        loss.backward()
        laid = lambda tensor: flat(tensor.transpose(0, 1) if given.get("batchFirst") else tensor)
        cases.append({
            "kind": kind, "options": given, "lengths": lengths, "T": T, "N": N, "I": I, "H": H, "x": laid(x), "dOutput": laid(dOutput),
            "states": [flat(s) for s in states], "dEnds": [flat(d) for d in dEnds], "output": laid(output), "ends": [flat(e) for e in ends],
            "dx": laid(x.grad), "dStates": [flat(s.grad) for s in states], "parameters": {name: flat(w) for name, w in weights.items()},
            "gradients": {name: flat(w.grad) for name, w in weights.items()},
        })
    return cases
