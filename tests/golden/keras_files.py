#!/usr/bin/env python3
"""Writes keras-files.json: files laid out as Keras writes them, and what their models compute.

    /usr/bin/python3 tests/golden/keras_files.py

Keras itself is not asked: h5py writes the groups, attributes and arrays where Keras puts them, and the layers are written out below in NumPy,
in float64, from the formulas in Keras' documentation. Files are deflated and in base64.
"""

import base64
import io
import json
import os
import zipfile
import zlib

import h5py
import numpy as np

N, T, I = 2, 4, 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


ACTIVATIONS = {
    "linear": lambda x: x, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "sigmoid": sigmoid, "softmax": softmax,
    "hard_sigmoid_2": lambda x: np.clip(0.2 * x + 0.5, 0, 1), "hard_sigmoid_3": lambda x: np.clip(x / 6 + 0.5, 0, 1),
}


def act(name, major):
    return ACTIVATIONS[f"{name}_{2 if major == 2 else 3}" if name == "hard_sigmoid" else name]


def recurrent(kind, config, weights, x, major, mask=None):
    """[N, T, I] → [N, T, H], by keras.io's formulas. A step that is masked leaves the states and the output as they are."""
    H, f = config["units"], act(config["activation"], major)
    gate = act(config["recurrent_activation"], major) if kind != "SimpleRNN" else None
    W, U = weights[0], weights[1]
    b = weights[2] if config["use_bias"] else np.zeros(W.shape[1])
    h, c, out = np.zeros((x.shape[0], H)), np.zeros((x.shape[0], H)), []
    part = lambda z, k: z[:, k * H : (k + 1) * H]
    steps = range(x.shape[1] - 1, -1, -1) if config["go_backwards"] else range(x.shape[1])
    for t in steps:
        before = h, c
        if kind == "LSTM":  # i f c o
            z = x[:, t] @ W + h @ U + b
            c = gate(part(z, 1)) * c + gate(part(z, 0)) * f(part(z, 2))
            h = gate(part(z, 3)) * f(c)
        elif kind == "GRU" and config["reset_after"]:  # z r h
            mx, mh = x[:, t] @ W + (b[0] if b.ndim == 2 else b), h @ U + (b[1] if b.ndim == 2 else b)
            z, r = gate(part(mx, 0) + part(mh, 0)), gate(part(mx, 1) + part(mh, 1))
            h = z * h + (1 - z) * f(part(mx, 2) + r * part(mh, 2))
        elif kind == "GRU":
            mx = x[:, t] @ W + b
            z, r = gate(part(mx, 0) + h @ part(U, 0)), gate(part(mx, 1) + h @ part(U, 1))
            h = z * h + (1 - z) * f(part(mx, 2) + (r * h) @ part(U, 2))
        else:
            h = f(x[:, t] @ W + b + h @ U)
        if mask is not None:
            h, c = np.where(mask[:, t, None], h, before[0]), np.where(mask[:, t, None], c, before[1])
        out.append(h)
    return np.stack(out, 1)


def ends(y, config):
    return y if config["return_sequences"] else y[:, -1]


def run(layer, weights, x, major, mask=None):
    kind, config = layer["class_name"], layer["config"]
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        return ends(recurrent(kind, config, weights, x, major, mask), config)
    if kind == "Bidirectional":
        inner = config["layer"]
        half = len(weights) // 2
        forward = recurrent(inner["class_name"], inner["config"], weights[:half], x, major, mask)
        back = recurrent(inner["class_name"], {**inner["config"], "go_backwards": True}, weights[half:], x, major, mask)
        if inner["config"]["return_sequences"]:
            back = back[:, ::-1]
        a, b = ends(forward, inner["config"]), ends(back, inner["config"])
        return {"concat": lambda: np.concatenate([a, b], -1), "sum": lambda: a + b, "mul": lambda: a * b, "ave": lambda: (a + b) / 2}[config["merge_mode"]]()
    if kind == "Dense":
        return act(config["activation"], major)(x @ weights[0] + (weights[1] if config["use_bias"] else 0))
    if kind == "TimeDistributed":
        return run(config["layer"], weights, x, major)
    if kind == "Embedding":
        return weights[0][x]
    if kind == "Conv1D":  # kernel [K, C, O]
        kernel, K, d = weights[0], config["kernel_size"][0], config["dilation_rate"][0]
        padded = np.concatenate([np.zeros((x.shape[0], (K - 1) * d, x.shape[2])), x], 1)  # causal
        y = sum(padded[:, k * d : k * d + x.shape[1]] @ kernel[k] for k in range(K)) + weights[1]
        return act(config["activation"], major)(y)
    if kind == "Softmax":
        return np.moveaxis(softmax(np.moveaxis(x, config["axis"], -1)), -1, config["axis"])
    if kind == "LayerNormalization":
        mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(var + config["epsilon"]) * weights[0] + weights[1]
    if kind == "GlobalAveragePooling1D":
        shown = np.ones(x.shape[:2], bool) if mask is None else mask
        return (x * shown[:, :, None]).sum(1) / shown.sum(1, keepdims=True)
    if kind == "BatchNormalization":
        gamma, beta, mean, var = weights
        return (x - mean) / np.sqrt(var + config["epsilon"]) * gamma + beta
    assert kind in ("Dropout", "InputLayer")
    return x


# What a layer's config holds that matters here; the rest of Keras' keys stand beside it as they would in a file.
def rnn(kind, name, units, **more):
    config = {
        "name": name, "trainable": True, "dtype": "float32", "return_sequences": False, "return_state": False, "go_backwards": False,
        "stateful": False, "unroll": False, "units": units, "activation": "tanh", "use_bias": True, "dropout": 0.0, "recurrent_dropout": 0.0,
    }
    if kind != "SimpleRNN":
        config["recurrent_activation"] = "sigmoid"
    if kind == "LSTM":
        config["unit_forget_bias"] = True
    if kind == "GRU":
        config["reset_after"] = True
    return {"class_name": kind, "config": {**config, **more}}


def bidirectional(name, layer, merge_mode="concat", keras3=False):
    if keras3:  # what it does with masked steps follows from what it returns, whatever the layer was told
        layer = {**layer, "config": {**layer["config"], "zero_output_for_mask": layer["config"]["return_sequences"]}}
    config = {"name": name, "layer": layer, "merge_mode": merge_mode}
    if keras3:  # says both
        config["backward_layer"] = {**layer, "config": {**layer["config"], "name": "backward_" + layer["config"]["name"], "go_backwards": True}}
    return {"class_name": "Bidirectional", "config": config}


def dense(name, units, activation="linear", use_bias=True):
    return {"class_name": "Dense", "config": {"name": name, "units": units, "activation": activation, "use_bias": use_bias}}


rng = np.random.RandomState(11)


def draw(*shape):
    return (rng.randn(*shape) * 0.5 + 0.05).astype(np.float32)


def weights_of(layer, width):
    """Weights in Keras' order with their names, and how wide the layer's output is."""
    kind, config = layer["class_name"], layer["config"]
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        H, G = config["units"], {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[kind]
        own = [("kernel", draw(width, G * H)), ("recurrent_kernel", draw(H, G * H))]
        if config["use_bias"]:
            own.append(("bias", draw(2, G * H) if config.get("reset_after") else draw(G * H)))
        return own, H
    if kind == "Bidirectional":
        a, H = weights_of(config["layer"], width)
        b, _ = weights_of(config["layer"], width)
        return [("forward_" + n, v) for n, v in a] + [("backward_" + n, v) for n, v in b], 2 * H if config["merge_mode"] == "concat" else H
    if kind == "Dense":
        return [("kernel", draw(width, config["units"]))] + ([("bias", draw(config["units"]))] if config["use_bias"] else []), config["units"]
    if kind == "Conv1D":
        return [("kernel", draw(config["kernel_size"][0], width, config["filters"])), ("bias", draw(config["filters"]))], config["filters"]
    if kind == "TimeDistributed":
        return weights_of(config["layer"], width)
    if kind == "Embedding":
        return [("embeddings", draw(config["input_dim"], config["output_dim"]))], config["output_dim"]
    if kind == "LayerNormalization":
        return [("gamma", draw(width)), ("beta", draw(width))], width
    if kind == "BatchNormalization":
        return [("gamma", draw(width)), ("beta", draw(width)), ("moving_mean", draw(width)), ("moving_variance", draw(width) ** 2 + np.float32(0.5))], width
    return [], width


def cell_of(layer):
    return {"LSTM": "lstm_cell", "GRU": "gru_cell", "SimpleRNN": "simple_rnn_cell"}.get(layer["class_name"])


def paths(layer, names, keras3):
    """As weight_names has them."""
    name, end = layer["config"]["name"], "" if keras3 else ":0"
    if layer["class_name"] == "Bidirectional":
        inner = layer["config"]["layer"]
        split = lambda n: n.split("_", 1)
        return [f"{name}/{split(n)[0]}_{inner['config']['name']}/{cell_of(inner)}/{split(n)[1]}{end}" for n in names]
    cell = cell_of(layer)
    return [f"{name}/{cell}/{n}{end}" if cell else f"{name}/{n}{end}" for n in names]


def h5_file(config, layers, weights, keras_version, whole=True):
    keras3 = keras_version.startswith("3")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if whole:
            file.attrs["keras_version"] = keras_version.encode()
            file.attrs["backend"] = b"tensorflow"
            file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights") if whole else file
        group.attrs["layer_names"] = [layer["config"]["name"].encode() for layer in layers]
        group.attrs["backend"] = b"tensorflow"
        group.attrs["keras_version"] = keras_version.encode()
        for layer in layers:
            own = group.create_group(layer["config"]["name"])
            named = weights.get(layer["config"]["name"], [])
            listed = paths(layer, [n for n, _ in named], keras3)
            own.attrs["weight_names"] = [path.encode() for path in listed] if listed else np.zeros(0, "S1")
            for path, (_, value) in zip(listed, named):
                own.create_dataset(path, data=value)
    return buffer.getvalue()


def snake(kind):
    return {"SimpleRNN": "simple_rnn", "LSTM": "lstm", "GRU": "gru", "InputLayer": "input_layer", "TimeDistributed": "time_distributed", "LayerNormalization": "layer_normalization", "BatchNormalization": "batch_normalization", "GlobalAveragePooling1D": "global_average_pooling1d"}.get(kind, kind.lower())


def keras_file(config, layers, weights, keras_version, compression):
    h5, counts = io.BytesIO(), {}
    with h5py.File(h5, "w") as file:
        root = file.create_group("layers")
        for layer in layers:
            kind = snake(layer["class_name"])
            counts[kind] = counts.get(kind, -1) + 1
            own = root.create_group(kind if counts[kind] == 0 else f"{kind}_{counts[kind]}")
            values = [value for _, value in weights.get(layer["config"]["name"], [])]
            own.create_group("vars")
            inner = layer["config"].get("layer", {}).get("class_name")
            half = len(values) // 2
            places = {"": values}
            if layer["class_name"] == "Bidirectional":
                places = {"forward_layer/cell": values[:half], "backward_layer/cell": values[half:]}
            elif cell_of(layer):
                places = {"cell": values}
            elif inner:
                places = {"layer": values}
            for place, list_ in places.items():
                vars_ = own.require_group(f"{place}/vars" if place else "vars")
                for i, value in enumerate(list_):
                    vars_.create_dataset(str(i), data=value)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in [("metadata.json", json.dumps({"keras_version": keras_version, "date_saved": "2024-01-01@00:00:00"})), ("config.json", json.dumps(config)), ("model.weights.h5", h5.getvalue())]:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


def case(name, layers, form, keras_version, tokens=None, graph=None):
    """A chain, or with `graph` a functional model: for each layer the names of what it reads."""
    major = int(keras_version[0])
    x = rng.randint(0, tokens, (3, T)) if tokens else draw(N, T, I)
    weights, widths, values = {}, {}, {}
    before, results, mask = None, None, None
    for layer in layers:
        own = layer["config"]["name"]
        if layer["class_name"] == "InputLayer":
            widths[own], values[own] = I, x if tokens else x.astype(np.float64)
            before = own
            continue
        reads = graph[own] if graph else [before] if before else []
        if layer["class_name"] == "Concatenate":
            values[own] = np.concatenate([values[r] for r in reads], -1)
            widths[own] = sum(widths[r] for r in reads)
            weights[own] = []
        else:
            weights[own], widths[own] = weights_of(layer, widths[reads[0]] if reads else I)
            values[own] = run(layer, [v.astype(np.float64) for _, v in weights[own]], values[reads[0]] if reads else x.astype(np.float64), major, mask)
            if layer["config"].get("mask_zero"):
                mask = x != 0
        before = own
    results = values[before]
    if graph:
        tensor = lambda r: {"class_name": "__keras_tensor__", "config": {"shape": [None, None, widths[r]], "dtype": "float32", "keras_history": [r, 0, 0]}}
        def inbound(own):
            if own not in graph:
                return []
            if major >= 3:
                tensors = [tensor(r) for r in graph[own]]
                return [{"args": [tensors] if len(tensors) > 1 else tensors, "kwargs": {"training": False, "mask": None}}]
            return [[[r, 0, 0, {}] for r in graph[own]]]
        listed = [{**layer, "name": layer["config"]["name"], "inbound_nodes": inbound(layer["config"]["name"])} for layer in layers]
        end = lambda n: [n, 0, 0] if major >= 3 else [[n, 0, 0]]
        config = {"class_name": "Functional", "config": {"name": "model", "layers": listed, "input_layers": end(layers[0]["config"]["name"]), "output_layers": end(before)}}
    else:
        config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    file = form(config, layers, weights, keras_version)
    return {
        "name": name, "file": base64.b64encode(zlib.compress(file, 9)).decode(), "x": x.reshape(-1).tolist(), "shape": list(x.shape),
        "tokens": bool(tokens), "output": [float(f"{v:.12g}") for v in results.reshape(-1)], "outputShape": list(results.shape),
    }


def input_layer(name, features=None, keras3=True):
    shape = [None, T] + ([features] if features else [])
    return {"class_name": "InputLayer", "config": {"batch_shape" if keras3 else "batch_input_shape": shape, "dtype": "float32", "name": name}}


def cases():
    def stored(*a):
        return keras_file(*a, zipfile.ZIP_STORED)

    def deflated(*a):
        return keras_file(*a, zipfile.ZIP_DEFLATED)

    yield case("keras 3: LSTM, GRU, Dense", [
        input_layer("input_layer", I), rnn("LSTM", "lstm", 4, return_sequences=True), {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.2}},
        rnn("GRU", "gru", 3), dense("dense", 2, "softmax"),
    ], stored, "3.5.0")
    yield case("keras 3: a graph with its own names, hard sigmoid, GRU with the reset before", [
        input_layer("words"), {"class_name": "Embedding", "config": {"name": "table", "input_dim": 7, "output_dim": 3, "mask_zero": False}},
        rnn("LSTM", "left", 2, return_sequences=True, recurrent_activation="hard_sigmoid"), rnn("LSTM", "right", 3, return_sequences=True, go_backwards=False, use_bias=False),
        {"class_name": "Concatenate", "config": {"name": "joined", "axis": -1}},
        bidirectional("both", rnn("GRU", "inner", 2, reset_after=False, return_sequences=True), keras3=True), {"class_name": "TimeDistributed", "config": {"name": "steps", "layer": dense("head", 2, "relu")}},
    ], deflated, "3.0.5", tokens=7, graph={"table": ["words"], "left": ["table"], "right": ["table"], "joined": ["left", "right"], "both": ["joined"], "steps": ["both"]})
    yield case("keras 2, h5: hard sigmoid, both directions, normalisation", [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, T, I], "name": "lstm_input"}},
        rnn("LSTM", "lstm", 3, return_sequences=True, recurrent_activation="hard_sigmoid"), {"class_name": "BatchNormalization", "config": {"name": "batch_normalization", "axis": [2], "epsilon": 0.001, "center": True, "scale": True}},
        bidirectional("bidirectional", rnn("GRU", "gru", 2, return_sequences=True)), {"class_name": "LayerNormalization", "config": {"name": "norm", "axis": [2], "epsilon": 0.001, "center": True, "scale": True}},
        rnn("SimpleRNN", "simple_rnn", 3, activation="relu", go_backwards=True), dense("dense", 2),
    ], h5_file, "2.15.0")
    yield case("keras 2, h5: a graph", [
        input_layer("input_1", I, False), bidirectional("ends", rnn("LSTM", "lstm", 2), "ave"), rnn("GRU", "gru", 2, reset_after=False),
        {"class_name": "Concatenate", "config": {"name": "concatenate", "axis": -1}}, dense("dense", 3, "sigmoid", False),
    ], h5_file, "2.11.0", graph={"ends": ["input_1"], "gru": ["input_1"], "concatenate": ["ends", "gru"], "dense": ["concatenate"]})
    yield case("keras 3: masked tokens, both directions, the mean", [
        input_layer("input_layer"), {"class_name": "Embedding", "config": {"name": "embedding", "input_dim": 3, "output_dim": 3, "mask_zero": True}},
        bidirectional("bidirectional", rnn("LSTM", "lstm", 2, return_sequences=True), keras3=True), {"class_name": "GlobalAveragePooling1D", "config": {"name": "mean", "keepdims": False}}, dense("dense", 2),
    ], deflated, "3.5.0", tokens=3)
    yield case("keras 3: causal convolution, softmax over time", [
        input_layer("input_layer", I), {"class_name": "Conv1D", "config": {"name": "conv1d", "filters": 3, "kernel_size": [2], "strides": [1], "padding": "causal", "data_format": "channels_last", "dilation_rate": [2], "groups": 1, "activation": "relu", "use_bias": True}},
        {"class_name": "Softmax", "config": {"name": "softmax", "axis": 1}}, rnn("LSTM", "lstm", 2),
    ], deflated, "3.5.0")
    yield case("keras 3, h5: GRU", [input_layer("input_layer", I), rnn("GRU", "gru", 3, use_bias=False), dense("dense", 2)], h5_file, "3.5.0")


def weights_alone():
    layers = [dense("dense", 2)]
    weights, _ = weights_of(layers[0], I)
    file = h5_file({}, layers, {"dense": weights}, "2.15.0", whole=False)
    return base64.b64encode(zlib.compress(file, 9)).decode()


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras-files.json")
    with open(path, "w") as file:
        json.dump({"cases": list(cases()), "weightsAlone": weights_alone()}, file, separators=(",", ":"))
        file.write("\n")
