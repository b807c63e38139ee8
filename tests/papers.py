"""The models in NumPy, written from the papers: one sequence at a time, no padding.

`Paper(weights, config)` uses only the weights of a `Seq2Seq`, by name. The gates have the order and
the two biases that PyTorch documents for its weights.
"""

import numpy as np

from seq2seq.config import ModelConfig

SOS = 1


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


# --- cells: input and state of one step -> next state -------------------------------------------

def rnn(x, h, w_x, w_h, b_x, b_h):
    """Elman (1990)."""
    return np.tanh(w_x @ x + b_x + w_h @ h + b_h)


def gru(x, h, w_x, w_h, b_x, b_h):
    """Cho et al. (2014), equations 5 to 8; the reset gate follows the product, as in torch."""
    (xr, xz, xn), (hr, hz, hn) = np.split(w_x @ x + b_x, 3), np.split(w_h @ h + b_h, 3)
    reset, update = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - update) * np.tanh(xn + reset * hn) + update * h


def lstm(x, state, w_x, w_h, b_x, b_h):
    """Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000)."""
    h, c = np.split(state, 2)
    enter, forget, new, out = np.split(w_x @ x + b_x + w_h @ h + b_h, 4)
    c = sigmoid(forget) * c + sigmoid(enter) * np.tanh(new)
    return np.concatenate([sigmoid(out) * np.tanh(c), c])


STEPS = {"rnn": rnn, "gru": gru, "lstm": lstm}


class Paper:
    """`run` answers a source (token ids) with what the decoder would say after each input."""

    def __new__(cls, weights, config: ModelConfig):
        kind = TransformerPaper if config.cell == "transformer" else RecurrentPaper
        return super().__new__(kind)

    def __init__(self, weights, config: ModelConfig) -> None:
        self.w, self.config, self.size = weights, config, config.hidden_size

    def linear(self, name, x):
        bias = self.w.get(f"{name}.bias", 0.0)
        return x @ self.w[f"{name}.weight"].T + bias

    def start(self, source):
        """Encode; then `step(token)` as often as wanted."""
        raise NotImplementedError

    def step(self, token):
        """One more token is read -> log-probabilities (V,), attention weights (S,) or None."""
        raise NotImplementedError

    def run(self, source, target):
        """Teacher forcing: log-probabilities (T, V), attention (T, S) or None."""
        self.start(source)
        found = [self.step(token) for token in [SOS, *target[:-1]]]
        looked = None if found[0][1] is None else np.stack([a for _, a in found])
        return np.stack([log_probs for log_probs, _ in found]), looked

    def free(self, source, steps):
        """It reads its own likeliest tokens: log-probabilities (T, V)."""
        self.start(source)
        token, found = SOS, []
        for _ in range(steps):
            found.append(self.step(token)[0])
            token = int(found[-1].argmax())
        return np.stack(found)


class RecurrentPaper(Paper):
    """Sutskever et al. (2014), with Schuster & Paliwal's (1997) second direction."""

    def cell(self, part, layer, x, state, backwards=False):
        tail = f"l{layer}" + ("_reverse" if backwards else "")
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return STEPS[self.config.cell](
            x, state, *(self.w[f"{part}.recurrence.layers.{n}_{tail}"] for n in names))

    @property
    def zeros(self):
        return np.zeros(self.size * (2 if self.config.cell == "lstm" else 1))

    def start(self, source):
        xs = self.w["encoder.embedding.weight"][source]
        self.states = []
        for layer in range(self.config.num_layers):
            ways = []
            for backwards in ((False, True) if self.config.bidirectional else (False,)):
                state, out = self.zeros, []
                for x in xs[::-1] if backwards else xs:
                    state = self.cell("encoder", layer, x, state, backwards)
                    out.append(state[: self.size])
                ways.append((state, np.stack(out[::-1] if backwards else out)))
            xs = np.concatenate([out for _, out in ways], axis=1)
            last = np.concatenate([state for state, _ in ways])
            self.states.append(self.linear("encoder.merge_states", last)
                               if self.config.bidirectional else last)
        self.memory = self.linear("encoder.merge_outputs", xs) if self.config.bidirectional else xs
        self.attended = np.zeros(self.size)  # what input feeding remembers
        self.looked = np.eye(len(source))[0]

    def step(self, token):
        x = np.maximum(self.w["decoder.embedding.weight"][token], 0)
        if self.config.attention == "location":  # input feeding, Luong et al. (2015), section 3.3
            x = np.concatenate([x, self.attended])
        for layer, state in enumerate(self.states):
            self.states[layer] = self.cell("decoder", layer, x, state)
            x = self.states[layer][: self.size]
        if self.config.attention == "none":
            return log_softmax(self.linear("decoder.out", x)), None
        self.looked = softmax(self.scores(x))
        context = self.looked @ self.memory
        self.attended = np.tanh(self.linear("decoder.attention.combine",
                                            np.concatenate([context, x])))
        return log_softmax(self.linear("decoder.out", self.attended)), self.looked

    def scores(self, query):
        if self.config.attention == "additive":  # Bahdanau et al. (2015), appendix A.1.2
            hidden = np.tanh(self.linear("decoder.attention.query", query)
                             + self.linear("decoder.attention.key", self.memory))
            return self.linear("decoder.attention.score", hidden)[:, 0]
        scores = self.memory @ query / np.sqrt(self.size)
        if self.config.attention == "location":  # Chorowski et al. (2015), equations 8 and 9
            [kernel] = self.w["decoder.attention.pattern.weight"]
            half = len(kernel) // 2
            for here in range(len(scores)):
                for there, weight in enumerate(self.looked):
                    if abs(there - here) <= half:
                        scores[here] += 10.0 * kernel[there - here + half] * weight
        return scores


class TransformerPaper(Paper):
    """Vaswani et al. (2017), normalised before each sublayer (Xiong et al. 2020)."""

    def norm(self, name, x):
        x = x - x.mean(-1, keepdims=True)
        return (x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5) * self.w[f"{name}.weight"]
                + self.w[f"{name}.bias"])

    def think(self, name, x):
        return self.linear(f"{name}.2", np.maximum(self.linear(f"{name}.0", x), 0))

    def attend(self, queries, keys, values, visible=None):
        """Section 3.2: two heads, each on its half of the width -> vectors, mean weights."""
        out, looked = [], []
        for q, k, v in zip(*(np.split(x, 2, axis=1) for x in (queries, keys, values)),
                           strict=True):
            scores = q @ k.T / np.sqrt(q.shape[1])
            if visible is not None:
                scores = np.where(visible, scores, -np.inf)
            looked.append(softmax(scores))
            out.append(looked[-1] @ v)
        return np.concatenate(out, axis=1), np.mean(looked, axis=0)

    def start(self, source):
        places = np.arange(len(source))
        x = (self.w["encoder.embedding.weight"][source]
             + self.w["encoder.from_start.weight"][places]
             + self.w["encoder.from_end.weight"][places[::-1]])
        for i in range(self.config.num_layers):
            name = f"encoder.layers.{i}"
            asked = self.linear(f"{name}.ask", self.norm(f"{name}.norm_look", x))
            seen, _ = self.attend(*np.split(asked, 3, axis=1))
            x = x + self.linear(f"{name}.look", seen)
            x = x + self.think(f"{name}.think", self.norm(f"{name}.norm_think", x))
        self.memory = self.norm("encoder.norm", x)
        self.read: list[int] = []

    def step(self, token):
        """Computed anew from all tokens at each step, without a cache."""
        self.read.append(token)
        length, layers = len(self.read), self.config.num_layers
        x = (self.w["decoder.embedding.weight"][self.read]
             + self.w["decoder.from_start.weight"][:length])
        keys_values = np.split(self.linear("decoder.source", self.memory), 2 * layers, axis=1)
        looked = []
        for i in range(layers):
            name = f"decoder.layers.{i}"
            asked = self.linear(f"{name}.ask", self.norm(f"{name}.norm_look", x))
            seen, _ = self.attend(*np.split(asked, 3, axis=1),
                                  np.tril(np.ones((length, length))) > 0)
            x = x + self.linear(f"{name}.look", seen)
            query = self.linear(f"{name}.ask_source", self.norm(f"{name}.norm_source", x))
            seen, used = self.attend(query, keys_values[i], keys_values[layers + i])
            looked.append(used[-1])
            x = x + self.linear(f"{name}.look_source", seen)
            x = x + self.think(f"{name}.think", self.norm(f"{name}.norm_think", x))
        logits = self.linear("decoder.out", self.norm("decoder.norm", x[-1]))
        return log_softmax(logits), np.mean(looked, axis=0)


def loss(log_probs, targets, smoothing=0.0):
    """Cross-entropy in nats per token, over all tokens of all rows; Szegedy et al. (2016), 7.

    `log_probs` are arrays (T, V), `targets` the T ids of each row. No padding anywhere.
    """
    size = log_probs[0].shape[1]
    wanted = [(1 - smoothing) * np.eye(size)[t] + smoothing / size for t in targets]
    total = sum(-(want * found).sum() for want, found in zip(wanted, log_probs, strict=True))
    return total / sum(map(len, targets))
