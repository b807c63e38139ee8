"""The contenders that we compare with, each written from scratch in its usual form.

* `NotebookWay`: the introductory notebook repaired (whole input encoded, state carried, EOS in
  the target): one sequence at a time, one token at a time, plain gradient descent.
* `TutorialWay`: PyTorch's translation tutorial: `nn.GRU`, additive attention computed before each
  step of the decoder, one step after the other, Adam at 0.001, batches of 32, hidden size 128.
* `TorchTransformer`: `nn.Transformer`, 1 + 1 layers of width 64, decoding without a cache.

All get batches of equal length, so none has to pad, and vocabularies as ours.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from seq2seq.data.splits import Batches, Splits
from seq2seq.data.vocabulary import EOS, PAD, SOS
from seq2seq.models.seq2seq import make_generator

V = 4 + 26


class Peer(nn.Module):
    """The base class of the three: a loop over batches, and answers cut at EOS."""

    batch_size = 32

    def optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.001)

    def loss(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        raise NotImplementedError

    def write(self, source_ids: Tensor, max_steps: int) -> Tensor:
        """Greedy answers (N, max_steps)."""
        raise NotImplementedError

    def learn(self, splits: Splits, seed: int) -> Iterator[int]:
        batches = Batches(splits, self.batch_size, make_generator(seed, "shuffling"))
        optimizer = self.optimizer()
        while True:
            for batch in batches.epoch(1):
                if int(batch.source_lengths[0]) != batch.source.size(1):
                    continue  # the few batches of two lengths
                optimizer.zero_grad()
                loss = self.loss(batch.source, batch.target_ids)
                loss.backward()
                nn.utils.clip_grad_norm_(self.parameters(), 1.0)
                optimizer.step()
                yield batch.num_target_tokens

    @torch.no_grad()
    def answer(self, source_ids: Tensor, source_lengths: Tensor, max_steps: int) -> list[list[int]]:
        rows = self.write(source_ids, max_steps).tolist()
        return [row[: row.index(EOS) + 1] if EOS in row else row for row in rows]


class NotebookWay(Peer):
    """Hidden size 256, as in the notebook; its decoder reads its own predictions."""

    batch_size = 1

    def __init__(self, size: int = 256) -> None:
        super().__init__()
        self.embed_in, self.read = nn.Embedding(V, size), nn.GRU(size, size)
        self.embed_out, self.pen = nn.Embedding(V, size), nn.GRU(size, size)
        self.out = nn.Linear(size, V)
        self.size = size

    def optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)

    def loss(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        hidden = torch.zeros(1, 1, self.size)
        for token in source_ids[0]:
            _, hidden = self.read(self.embed_in(token).view(1, 1, -1), hidden)
        token, loss = torch.tensor([[SOS]]), torch.tensor(0.0)
        for wanted in target_ids[0]:
            output, hidden = self.pen(torch.relu(self.embed_out(token)).view(1, 1, -1), hidden)
            log_probs = torch.log_softmax(self.out(output[0]), dim=1)
            loss = loss + nn.functional.nll_loss(log_probs, wanted.view(1))
            _, best = log_probs.topk(1)
            token = best.squeeze().detach()
        return loss

    def write(self, source_ids: Tensor, max_steps: int) -> Tensor:
        _, hidden = self.read(self.embed_in(source_ids.t()))
        token, written = torch.full((len(source_ids),), SOS), []
        for _ in range(max_steps):
            output, hidden = self.pen(torch.relu(self.embed_out(token))[None], hidden)
            token = self.out(output[0]).argmax(1)
            written.append(token)
        return torch.stack(written, dim=1)


class TutorialWay(Peer):
    """Stepwise additive attention; dropout 0.1 and teacher forcing as in the tutorial."""

    def __init__(self, size: int = 128) -> None:
        super().__init__()
        self.embed_in, self.embed_out = nn.Embedding(V, size), nn.Embedding(V, size)
        self.read = nn.GRU(size, size, batch_first=True)
        self.pen = nn.GRU(2 * size, size, batch_first=True)
        self.ask, self.key, self.score = (nn.Linear(size, n) for n in (size, size, 1))
        self.out, self.dropout = nn.Linear(size, V), nn.Dropout(0.1)

    def step(self, token: Tensor, hidden: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        embedded = self.dropout(self.embed_out(token))
        query = hidden.permute(1, 0, 2)
        scores = self.score(torch.tanh(self.ask(query) + self.key(memory)))
        weights = torch.softmax(scores.squeeze(2).unsqueeze(1), dim=-1)
        context = torch.bmm(weights, memory)
        output, hidden = self.pen(torch.cat((embedded, context), dim=2), hidden)
        return self.out(output), hidden

    def decode(self, source_ids: Tensor, steps: int, targets: Tensor | None) -> Tensor:
        memory, hidden = self.read(self.dropout(self.embed_in(source_ids)))
        token, logits = torch.full((len(source_ids), 1), SOS), []
        for t in range(steps):
            output, hidden = self.step(token, hidden, memory)
            logits.append(output)
            token = output.argmax(2) if targets is None else targets[:, t : t + 1]
        return torch.cat(logits, dim=1)

    def loss(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        self.train()
        logits = self.decode(source_ids, target_ids.size(1), target_ids)
        return cross_entropy(logits.flatten(0, 1), target_ids.flatten(), ignore_index=PAD)

    def write(self, source_ids: Tensor, max_steps: int) -> Tensor:
        self.eval()
        return self.decode(source_ids, max_steps, None).argmax(2)


class TorchTransformer(Peer):
    """PyTorch's module with its defaults: post-norm, dropout 0.1, sinusoids from the start.

    `our_way` applies what made ours fast: pre-norm, no dropout, learned positions counted
    from the end of the input, a higher learning rate.
    """

    batch_size = 64

    def __init__(self, width: int = 64, our_way: bool = False) -> None:
        super().__init__()
        self.our_way = our_way
        self.embed_in, self.embed_out = nn.Embedding(V, width), nn.Embedding(V, width)
        waves = torch.arange(128)[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
        sinusoids = torch.stack([waves.sin(), waves.cos()], dim=2).flatten(1)
        self.place_in, self.place_out = (
            nn.Embedding(128, width) if our_way else nn.Embedding.from_pretrained(sinusoids)
            for _ in range(2))
        self.body = nn.Transformer(width, 2, 1, 1, 2 * width, dropout=0.0 if our_way else 0.1,
                                   batch_first=True, norm_first=our_way)
        self.out = nn.Linear(width, V)

    def optimizer(self) -> torch.optim.Optimizer:
        trained = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.Adam(trained, lr=0.003 if self.our_way else 0.001)

    def logits(self, source_ids: Tensor, inputs: Tensor) -> Tensor:
        places = torch.arange(source_ids.size(1))
        x = self.embed_in(source_ids) + self.place_in(places.flip(0) if self.our_way else places)
        y = self.embed_out(inputs) + self.place_out(torch.arange(inputs.size(1)))
        mask = nn.Transformer.generate_square_subsequent_mask(inputs.size(1))
        return self.out(self.body(x, y, tgt_mask=mask, tgt_is_causal=True))

    def loss(self, source_ids: Tensor, target_ids: Tensor) -> Tensor:
        self.train()
        start = torch.full((len(source_ids), 1), SOS)
        logits = self.logits(source_ids, torch.cat([start, target_ids[:, :-1]], dim=1))
        return cross_entropy(logits.flatten(0, 1), target_ids.flatten(), ignore_index=PAD)

    def write(self, source_ids: Tensor, max_steps: int) -> Tensor:
        self.eval()
        inputs = torch.full((len(source_ids), 1), SOS)
        for _ in range(max_steps):  # everything again for every token
            token = self.logits(source_ids, inputs)[:, -1].argmax(1)
            inputs = torch.cat([inputs, token[:, None]], dim=1)
        return inputs[:, 1:]
