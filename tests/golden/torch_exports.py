"""Usual recurrent models as torch.onnx writes them (opset 13 and 16; sizes fixed, and batch and time left open), with what torch computes."""

import base64
import io
import json
import warnings
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

warnings.filterwarnings("ignore")
F = nn.functional


class Forecaster(nn.Module):
    """LSTM and a linear head on the last step."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class Packed(nn.Module):
    """Bidirectional GRU over packed sequences of different lengths; both directions' last states joined."""

    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(3, 5, bidirectional=True, batch_first=True), nn.Linear(10, 4)

    def forward(self, x, lengths):
        y, h = self.gru(pack_padded_sequence(x, lengths, batch_first=True))
        y, _ = pad_packed_sequence(y, batch_first=True)
        return self.head(y), torch.cat([h[-2], h[-1]], 1)


class Stacked(nn.Module):
    """Two layers with dropout between them, states handed in and out."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(4, 6, num_layers=2, dropout=0.5), nn.Linear(6, 3)

    def forward(self, x, h0, c0):
        y, (h, c) = self.lstm(x, (h0, c0))
        return self.head(y), h, c


class Convolutional(nn.Module):
    """Conv1d, BatchNorm1d, ReLU, GRU."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv1d(3, 6, 3, padding=1), nn.BatchNorm1d(6)
        self.gru, self.head = nn.GRU(6, 5, batch_first=True), nn.Linear(5, 2)
        nn.init.normal_(self.norm.running_mean)
        nn.init.uniform_(self.norm.running_var, 0.5, 2)

    def forward(self, x):
        y, _ = self.gru(F.relu(self.norm(self.conv(x))).transpose(1, 2))
        return F.softmax(self.head(y), -1)


class CellLoop(nn.Module):
    """A loop over nn.LSTMCell: tracing writes it out, step by step, in elementary operators."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTMCell(3, 5), nn.Linear(5, 2)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[1], 5)
        steps = []
        for t in range(x.shape[0]):
            h, c = self.cell(x[t], (h, c))
            steps.append(self.head(h))
        return torch.stack(steps)


class Normalized(nn.Module):
    """LayerNorm around an LSTM with a residual connection."""

    def __init__(self):
        super().__init__()
        self.before, self.after = nn.LayerNorm(6), nn.LayerNorm(6)
        self.lstm, self.mix = nn.LSTM(6, 6), nn.Linear(6, 6)

    def forward(self, x):
        return self.after(x + F.gelu(self.mix(self.lstm(self.before(x))[0])))


class Classifier(nn.Module):
    """Embedding, bidirectional LSTM, the mean and the maximum over time, log-softmax."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 4, padding_idx=0)
        self.lstm, self.head = nn.LSTM(4, 5, bidirectional=True, batch_first=True), nn.Linear(20, 3)

    def forward(self, tokens):
        y, _ = self.lstm(self.embedding(tokens))
        return F.log_softmax(self.head(torch.cat([y.mean(1), y.max(1).values], -1)), -1)


class Tagger(nn.Module):
    """A stack of rectified RNNs; the best tag of each step."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.RNN(4, 6, num_layers=2, nonlinearity="relu", bidirectional=True), nn.Linear(12, 5)

    def forward(self, x):
        y = self.head(self.rnn(x)[0])
        return y, y.argmax(-1)


class Attentive(nn.Module):
    """GRU, then MultiheadAttention over its states."""

    def __init__(self):
        super().__init__()
        self.gru, self.attention = nn.GRU(3, 8, batch_first=True), nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y, _ = self.gru(x)
        return self.attention(y, y, y, need_weights=False)[0] + y


class Seq2Seq(nn.Module):
    """The encoder's state starts the decoder, which is fed with the targets; additive attention."""

    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(9, 4), nn.Embedding(7, 4)
        self.encoder, self.decoder = nn.GRU(4, 6, batch_first=True), nn.GRU(4, 6, batch_first=True)
        self.query, self.key, self.score = nn.Linear(6, 5, bias=False), nn.Linear(6, 5), nn.Linear(5, 1, bias=False)
        self.head = nn.Linear(12, 7)

    def forward(self, source, target):
        memory, state = self.encoder(self.source(source))
        y, _ = self.decoder(self.target(target), state)
        scores = self.score(torch.tanh(self.query(y).unsqueeze(2) + self.key(memory).unsqueeze(1))).squeeze(-1)
        weights = scores.softmax(-1)
        return self.head(torch.cat([y, weights @ memory], -1)), weights


class Autoencoder(nn.Module):
    """The last state, once for each step, is what the decoder gets."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(3, 4, batch_first=True), nn.LSTM(4, 3, batch_first=True)

    def forward(self, x):
        _, (h, _) = self.encoder(x)
        return self.decoder(h[-1].unsqueeze(1).expand(-1, x.shape[1], -1))[0]


class Recognizer(nn.Module):
    """Pictures of lines of text: convolutions and pooling, columns as time, a bidirectional LSTM."""

    def __init__(self):
        super().__init__()
        self.conv, self.lstm, self.head = nn.Conv2d(1, 4, 3, padding=1), nn.LSTM(16, 5, bidirectional=True), nn.Linear(10, 6)

    def forward(self, x):
        y = F.max_pool2d(F.leaky_relu(self.conv(x)), 2)
        n, c, h, w = y.shape
        y, _ = self.lstm(y.permute(3, 0, 1, 2).reshape(w, n, c * h))
        return F.log_softmax(self.head(y), 2)


def real(*shape):
    return torch.randn(*shape)


def tokens(limit, *shape):
    return torch.randint(0, limit, shape)


# What torch.onnx itself fixes: the steps of a loop, and the batch of packed sequences.
OTHER_SIZES = {"cell-loop": (3, 5), "packed": (2, 7)}

# name, model, its inputs for a batch of n and t steps, their names, and by name the axes of batch and time
MODELS = [
    ("forecaster", Forecaster, lambda n, t: [real(n, t, 3)], ["x"], {"x": ["n", "t"]}),
    ("packed", Packed, lambda n, t: [real(n, t, 3), torch.arange(t, t - n, -1).clamp(min=1)], ["x", "lengths"], {"x": [None, "t"]}),
    ("stacked", Stacked, lambda n, t: [real(t, n, 4), real(2, n, 6), real(2, n, 6)], ["x", "h0", "c0"], {"x": ["t", "n"], "h0": [None, "n"], "c0": [None, "n"]}),
    ("convolutional", Convolutional, lambda n, t: [real(n, 3, t)], ["x"], {"x": ["n", None, "t"]}),
    ("cell-loop", CellLoop, lambda n, t: [real(t, n, 3)], ["x"], {"x": [None, "n"]}),
    ("normalized", Normalized, lambda n, t: [real(t, n, 6)], ["x"], {"x": ["t", "n"]}),
    ("classifier", Classifier, lambda n, t: [tokens(11, n, t)], ["tokens"], {"tokens": ["n", "t"]}),
    ("tagger", Tagger, lambda n, t: [real(t, n, 4)], ["x"], {"x": ["t", "n"]}),
    ("attentive", Attentive, lambda n, t: [real(n, t, 3)], ["x"], {"x": ["n", "t"]}),
    ("seq2seq", Seq2Seq, lambda n, t: [tokens(9, n, t), tokens(7, n, t - 1)], ["source", "target"], {"source": ["n", "t"], "target": ["n", "u"]}),
    ("autoencoder", Autoencoder, lambda n, t: [real(n, t, 3)], ["x"], {"x": ["n", "t"]}),
    ("recognizer", Recognizer, lambda n, t: [real(n, 1, 8, 2 * t)], ["x"], {"x": ["n", None, None, "t"]}),
]


def numbers(tensor):
    types = {torch.float32: "f32", torch.int64: "i32", torch.bool: "i32"}
    return {"shape": list(tensor.shape), "dtype": types[tensor.dtype], "data": tensor.detach().double().reshape(-1).tolist()}


def run(model, names, inputs):
    with torch.no_grad():
        outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {
        "inputs": {name: numbers(x) for name, x in zip(names, inputs)},
        "outputs": {f"y{i}": numbers(y) for i, y in enumerate(outputs)},
    }


def exported(model, inputs, names, outputs, opset, axes):
    file = io.BytesIO()
    torch.onnx.export(model, tuple(inputs), file, opset_version=opset, input_names=names, output_names=outputs, dynamic_axes=axes)
    return base64.b64encode(zlib.compress(file.getvalue(), 9)).decode()


def cases():
    for seed, (name, make, inputs, names, axes) in enumerate(MODELS):
        torch.manual_seed(seed)
        model = make().eval()
        runs = [run(model, names, inputs(2, 5)), run(model, names, inputs(*OTHER_SIZES.get(name, (3, 7))))]
        outputs = list(runs[0]["outputs"])
        open_axes = {input: {i: axis for i, axis in enumerate(of) if axis} for input, of in axes.items()}
        for opset in (13, 16):
            example = inputs(2, 5)
            files = {
                "fixed": exported(model, example, names, outputs, opset, None),
                "open": exported(model, example, names, outputs, opset, open_axes),
            }
            yield {"name": name, "opset": opset, "files": files, "runs": runs}


def main():
    torch.set_num_threads(1)
    path = Path(__file__).resolve().parent / "torch-exports.json"
    path.write_text(json.dumps(list(cases()), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
