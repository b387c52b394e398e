"""The cells of wasm-rnn/cells that operators make, written out in PyTorch and differentiated by autograd; generate.py calls it."""

import numpy as np
import torch
from torch.nn import functional as F

T, N, I, H = 4, 2, 3, 3
sig, tanh = torch.sigmoid, torch.tanh


def elu(x, alpha, beta):
    return F.elu(x, alpha)


ACTIVATIONS = {
    "Relu": lambda x, alpha, beta: F.relu(x),
    "Tanh": lambda x, alpha, beta: tanh(x),
    "Sigmoid": lambda x, alpha, beta: sig(x),
    "Affine": lambda x, alpha, beta: alpha * x + beta,
    "LeakyRelu": lambda x, alpha, beta: F.leaky_relu(x, alpha),
    "ThresholdedRelu": lambda x, alpha, beta: torch.where(x >= alpha, x, torch.zeros_like(x)),
    "ScaledTanh": lambda x, alpha, beta: alpha * tanh(beta * x),
    "HardSigmoid": lambda x, alpha, beta: (alpha * x + beta).clamp(0, 1),
    "Elu": elu,
    "Softsign": lambda x, alpha, beta: F.softsign(x),
    "Softplus": lambda x, alpha, beta: F.softplus(x),
}
# Which values an activation takes, and what holds where none is given.
TAKES = {"Affine": (None, None), "LeakyRelu": (0.01,), "ThresholdedRelu": (1.0,), "ScaledTanh": (None, None), "HardSigmoid": (0.2, 0.5), "Elu": (1.0,)}


def activations(names, alphas=(), betas=()):
    alphas, betas, made = list(alphas), list(betas), []
    for name in names:
        takes = TAKES.get(name, ())
        alpha = (alphas.pop(0) if alphas else takes[0]) if len(takes) > 0 else 0
        beta = (betas.pop(0) if betas else takes[1]) if len(takes) > 1 else 0
        made.append(lambda x, f=ACTIVATIONS[name], a=alpha, b=beta: f(x, a, b))
    assert not alphas and not betas
    return made


def plain(gates):
    return {"weight_ih": [gates * H, I], "weight_hh": [gates * H, H], "bias_ih": [gates * H], "bias_hh": [gates * H]}


def norms(**sizes):
    return {f"norm_{name}_{part}": [size] for name, size in sizes.items() for part in ("weight", "bias")}


def both(w, x, h):
    return F.linear(x, w["weight_ih"], w["bias_ih"]) + F.linear(h, w["weight_hh"], w["bias_hh"])


def lstm(z, c):
    i, f, g, o = z.chunk(4, -1)
    c = sig(f) * c + sig(i) * tanh(g)
    return sig(o) * tanh(c), c


def gru(xs, m, h):
    (xr, xz, xn), (mr, mz, mn) = xs.chunk(3, -1), m.chunk(3, -1)
    z = sig(xz + mz)
    return (1 - z) * tanh(xn + sig(xr + mr) * mn) + z * h


def coupled(gate):
    def step(w, x, h, c):
        own, g, o = both(w, x, h).chunk(3, -1)
        i, f = (sig(own), 1 - sig(own)) if gate == "input" else (1 - sig(own), sig(own))
        c = f * c + i * tanh(g)
        return sig(o) * tanh(c), c

    return step


def layer_norm_lstm(w, x, h, c):
    ln = lambda name, y: F.layer_norm(y, y.shape[-1:], w[f"norm_{name}_weight"], w[f"norm_{name}_bias"])
    i, f, g, o = (ln("ih", x @ w["weight_ih"].T) + ln("hh", h @ w["weight_hh"].T)).chunk(4, -1)
    c = sig(f) * c + sig(i) * tanh(g)
    return sig(o) * tanh(ln("c", c)), c


def layer_norm_gru(w, x, h):
    ln = lambda name, y: F.layer_norm(y, y.shape[-1:], w[f"norm_{name}_weight"], w[f"norm_{name}_bias"])
    normed = lambda name, y: torch.cat([ln(name, y[:, : 2 * H]), ln(f"{name}n", y[:, 2 * H :])], -1)
    return (gru(normed("ih", x @ w["weight_ih"].T), normed("hh", h @ w["weight_hh"].T), h),)


def zoneout_lstm(w, x, h, c, ph=0.05, pc=0.5):
    next_h, next_c = lstm(both(w, x, h), c)
    return ph * h + (1 - ph) * next_h, pc * c + (1 - pc) * next_c


def zoneout_gru(w, x, h, p=0.1):
    return (p * h + (1 - p) * gru(F.linear(x, w["weight_ih"], w["bias_ih"]), F.linear(h, w["weight_hh"], w["bias_hh"]), h),)


def activated_lstm(w, x, h, c, fgh):
    f, g, last = fgh
    zi, zf, zg, zo = both(w, x, h).chunk(4, -1)
    c = f(zf) * c + f(zi) * g(zg)
    return f(zo) * last(c), c


def activated_gru(w, x, h, fg, reset_after):
    f, g = fg
    xr, xz, xn = F.linear(x, w["weight_ih"], w["bias_ih"]).chunk(3, -1)
    mr, mz, _ = F.linear(h, w["weight_hh"], w["bias_hh"]).chunk(3, -1)
    r, z = f(xr + mr), f(xz + mz)
    wn, bn = w["weight_hh"][2 * H :], w["bias_hh"][2 * H :]
    n = g(xn + (r * F.linear(h, wn, bn) if reset_after else F.linear(r * h, wn, bn)))
    return ((1 - z) * n + z * h,)


def scan_cells(flat, seed):
    rng = np.random.RandomState(seed)
    draw = lambda *shape: torch.tensor(np.round(rng.randn(*shape) * 0.7 * 1024) / 1024)  # exact in few digits

    def case(name, shapes, states, step, options=None):
        weights = {each: draw(*shape).requires_grad_() for each, shape in shapes.items()}
        x, dy = draw(T, N, I).requires_grad_(), draw(T, N, H)
        start = [draw(N, H).requires_grad_() for _ in range(states)]
        dend = [draw(N, H) for _ in range(states)]
        state, outputs = start, []
        for t in range(T):
            state = step(weights, x[t], *state)
            outputs.append(state[0])
        output = torch.stack(outputs)
        loss = (output * dy).sum() + sum((s * d).sum() for s, d in zip(state, dend))
        inputs = [*weights.values(), x, *start]
        grads = [flat(grad) for grad in torch.autograd.grad(loss, inputs)]
        return {
            "name": name,
            "options": options or {},
            "weights": {each: flat(value) for each, value in weights.items()},
            "x": flat(x), "start": [flat(s) for s in start], "dOutput": flat(dy), "dEnd": [flat(d) for d in dend],
            "output": flat(output), "end": [flat(s) for s in state],
            "gradients": dict(zip(weights, grads)), "dX": grads[len(weights)], "dStart": grads[len(weights) + 1 :],
        }  # fmt: skip

    cases = [case("CoupledLSTM", plain(3), 2, coupled(gate), {"gate": gate}) for gate in ("forget", "input")]
    matrices = lambda gates: {name: shape for name, shape in plain(gates).items() if name.startswith("weight")}
    cases.append(case("LayerNormLSTM", {**matrices(4), **norms(ih=4 * H, hh=4 * H, c=H)}, 2, layer_norm_lstm))
    cases.append(case("LayerNormGRU", {**matrices(3), **norms(ih=2 * H, hh=2 * H, ihn=H, hhn=H)}, 1, layer_norm_gru))
    cases.append(case("ZoneoutLSTM", plain(4), 2, zoneout_lstm))
    cases.append(case("ZoneoutGRU", plain(3), 1, zoneout_gru))
    cases.append(case("RecurrentDropoutLSTM", plain(4), 2, lambda w, x, h, c: lstm(both(w, x, h), c)))
    in_use = lambda w, x, h: zoneout_gru(w, x, h, 0)
    cases.append(case("RecurrentDropoutGRU", plain(3), 1, in_use))

    def activated(name, gates, states, step, names, alphas=(), betas=(), **more):
        made = activations(names, alphas, betas)
        options = {"activations": names, "activationAlpha": list(alphas), "activationBeta": list(betas), **more}
        return case(name, plain(gates), states, lambda w, x, *state: step(w, x, *state, made), options)

    rnn = lambda w, x, h, f: (f[0](both(w, x, h)),)
    for name in ACTIVATIONS:
        takes = TAKES.get(name, ())
        cases.append(activated("ActivatedRNN", 1, 1, rnn, [name], (0.3,) * (len(takes) > 0), (0.4,) * (len(takes) > 1)))
    for name in ("LeakyRelu", "ThresholdedRelu", "HardSigmoid", "Elu"):
        cases.append(activated("ActivatedRNN", 1, 1, rnn, [name]))
    # alpha goes past Softsign to ScaledTanh, beta past LeakyRelu.
    cases.append(activated("ActivatedLSTM", 4, 2, activated_lstm, ["HardSigmoid", "Softsign", "ScaledTanh"], [0.25, 1.5], [0.45, 0.6]))
    cases.append(activated("ActivatedLSTM", 4, 2, activated_lstm, ["Sigmoid", "LeakyRelu", "Affine"], [0.1, 0.8], [-0.2]))
    for after in (True, False):
        step = lambda w, x, h, fg, after=after: activated_gru(w, x, h, fg, after)
        cases.append(activated("ActivatedGRU", 3, 1, step, ["HardSigmoid", "Elu"], [0.3, 0.7], [0.5], resetAfter=after))
    return {"T": T, "N": N, "I": I, "H": H, "cases": cases}
