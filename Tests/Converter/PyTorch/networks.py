"""Networks in plain PyTorch for what the model collections lack: sound, sequences, upsampling, kinds of normalization."""

import math

import torch
from torch import nn
from torch.nn import functional


class KeywordSpotting(nn.Module):
    """Depthwise separable convolutions along time."""

    def __init__(self, bands=40, classes=12):
        super().__init__()
        layers = [nn.Conv1d(bands, 64, 9, stride=2, padding=4, bias=False), nn.BatchNorm1d(64), nn.ReLU()]
        for dilation in (1, 2, 4):
            layers += [nn.Conv1d(64, 64, 5, padding=2 * dilation, dilation=dilation, groups=64, bias=False),
                       nn.Conv1d(64, 64, 1, bias=False), nn.BatchNorm1d(64), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(64, classes))

    def forward(self, features):
        return self.layers(features)


class TemporalBlock(nn.Module):
    """A causal convolution: what hangs over at the end is cut off."""

    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        self.excess = 2 * dilation
        self.first = nn.Conv1d(inputs, outputs, 3, padding=self.excess, dilation=dilation)
        self.second = nn.Conv1d(outputs, outputs, 3, padding=self.excess, dilation=dilation)
        self.shortcut = nn.Conv1d(inputs, outputs, 1)

    def forward(self, x):
        y = functional.leaky_relu(self.first(x)[:, :, :-self.excess], 0.1)
        y = functional.leaky_relu(self.second(y)[:, :, :-self.excess], 0.1)
        return functional.relu(y + self.shortcut(x))


class Recurrent(nn.Module):
    """A stack of recurrent layers over (batch, time, features), and what the last step says."""

    def __init__(self, kind, layers=1, bidirectional=False, cell=48):
        super().__init__()
        self.recurrent = kind(20, cell, layers, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(cell * (2 if bidirectional else 1), 7)

    def forward(self, steps):
        found, _ = self.recurrent(steps)
        return self.head(found[:, -1])


class StatefulLSTM(nn.Module):
    """States go in and out, as streaming speech models have it."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(20, 32, 2)

    def forward(self, steps, hidden, cell):
        found, (hidden, cell) = self.recurrent(steps, (hidden, cell))
        return found, hidden, cell


class ConvolutionalRecurrent(nn.Module):
    """Text recognition: columns of a picture become steps."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d((2, 1)),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d((8, 1)))
        self.recurrent = nn.LSTM(64, 48, bidirectional=True, batch_first=True)
        self.head = nn.Linear(96, 37)

    def forward(self, picture):
        columns = self.features(picture).squeeze(2).permute(0, 2, 1)
        return functional.log_softmax(self.head(self.recurrent(columns)[0]), dim=2)


class Positions(nn.Module):
    def __init__(self, width, length=64):
        super().__init__()
        place = torch.arange(length)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(1e4) / width))
        self.register_buffer("table", torch.stack([place.sin(), place.cos()], 2).flatten(1)[None])

    def forward(self, x):
        return x + self.table[:, :x.size(1)]


class SequenceEncoder(nn.Module):
    """PyTorch's own encoder layers, with a mask of which tokens count."""

    def __init__(self, activation="gelu", norm_first=True):
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        self.positions = Positions(32)
        layer = nn.TransformerEncoderLayer(32, 4, 64, activation=activation, batch_first=True, norm_first=norm_first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 5)

    def forward(self, tokens, mask):
        found = self.encoder(self.positions(self.embedding(tokens)), src_key_padding_mask=mask == 0)
        weights = mask[:, :, None].float()
        return self.head((found * weights).sum(1) / weights.sum(1).clamp(min=1))


class SequenceDecoder(nn.Module):
    """A decoder with a causal mask that reads an encoder's memory."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(100, 32)
        layer = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, 2)
        self.head = nn.Linear(32, 100)

    def forward(self, tokens, memory):
        causal = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1])
        return self.head(self.decoder(self.embedding(tokens), memory, tgt_mask=causal))


class ScaledAttention(nn.Module):
    """Attention written by hand, one projection for all three."""

    def __init__(self, width=32, heads=4, is_causal=False):
        super().__init__()
        self.heads, self.is_causal = heads, is_causal
        self.project, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        query, key, value = self.project(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value, is_causal=self.is_causal)
        return self.out(found.transpose(1, 2).reshape(batch, length, width))


class RelativeAttention(nn.Module):
    """Einsums, and a learned bias by relative position."""

    def __init__(self, width=32, heads=4, length=16):
        super().__init__()
        self.heads = heads
        self.project, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.bias = nn.Parameter(torch.randn(2 * length - 1, heads) * 0.1)
        place = torch.arange(length)
        self.register_buffer("index", place[:, None] - place[None, :] + length - 1)

    def forward(self, x):
        query, key, value = (part.unflatten(2, (self.heads, -1)) for part in self.project(x).chunk(3, dim=-1))
        scores = torch.einsum("bihd,bjhd->bhij", query, key) / query.shape[-1] ** 0.5
        weights = (scores + self.bias[self.index].permute(2, 0, 1)).softmax(-1)
        return self.out(torch.einsum("bhij,bjhd->bihd", weights, value).flatten(2))


class LinearAttention(nn.Module):
    """Attention through a feature map, with sums over time."""

    def __init__(self, width=32):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x):
        query, key = functional.elu(self.query(x)) + 1, functional.elu(self.key(x)) + 1
        context = torch.einsum("bnd,bne->bde", key, self.value(x))
        return torch.einsum("bnd,bde->bne", query, context) / (query @ key.sum(1)[:, :, None] + 1e-6)


class DoubleConvolution(nn.Sequential):
    def __init__(self, inputs, outputs, normalization=nn.BatchNorm2d, activation=nn.ReLU):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1), normalization(outputs), activation(),
            nn.Conv2d(outputs, outputs, 3, padding=1), normalization(outputs), activation())


class UNet(nn.Module):
    """Up by transposed convolutions, by resizing, or by shuffling channels into pixels."""

    def __init__(self, up="transposed", normalization=nn.BatchNorm2d, activation=nn.ReLU):
        super().__init__()
        widths = (3, 16, 32, 64)
        self.down = nn.ModuleList(
            DoubleConvolution(a, b, normalization, activation) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(self.enlarging(up, a, b) for a, b in ((64, 32), (32, 16)))
        self.join = nn.ModuleList(DoubleConvolution(2 * b, b, normalization, activation) for b in (32, 16))
        self.head = nn.Conv2d(16, 2, 1)

    @staticmethod
    def enlarging(kind, inputs, outputs):
        if kind == "transposed":
            return nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        if kind == "shuffle":
            return nn.Sequential(nn.Conv2d(inputs, outputs * 4, 1), nn.PixelShuffle(2))
        return nn.Sequential(nn.Upsample(scale_factor=2, mode=kind), nn.Conv2d(inputs, outputs, 1))

    def forward(self, x):
        passed = []
        for index, layer in enumerate(self.down):
            x = layer(x if index == 0 else functional.max_pool2d(x, 2))
            passed.append(x)
        for up, join, other in zip(self.up, self.join, passed[-2::-1]):
            x = join(torch.cat([up(x), other], 1))
        return self.head(x)


class SuperResolution(nn.Module):
    def __init__(self, factor=3):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.PReLU(32), nn.Conv2d(32, 16, 3, padding=1), nn.Tanh(),
            nn.Conv2d(16, factor ** 2, 3, padding=1), nn.PixelShuffle(factor))

    def forward(self, x):
        bicubic = functional.interpolate(x, scale_factor=3, mode="bilinear", align_corners=False)
        return self.layers(x) + bicubic


class Activations(nn.Module):
    """One convolution after the other, each with another activation."""

    def __init__(self):
        super().__init__()
        kinds = [nn.ReLU6(), nn.Hardswish(), nn.SiLU(), nn.GELU(), nn.GELU("tanh"), nn.Mish(), nn.ELU(), nn.CELU(0.8),
                 nn.SELU(), nn.Softplus(), nn.Hardsigmoid(), nn.LeakyReLU(0.1), nn.PReLU(8), nn.Hardtanh(), nn.Tanh(),
                 nn.Sigmoid(), nn.LogSigmoid(), nn.Softsign(), nn.GLU(1), nn.Threshold(0.1, 0.0), nn.Softmax2d()]
        self.layers = nn.Sequential()
        for kind in kinds:
            self.layers.append(nn.Conv2d(4 if kind is kinds[19] else 8, 8, 3, padding=1) if len(self.layers) else
                               nn.Conv2d(3, 8, 3, padding=1))
            self.layers.append(kind)

    def forward(self, x):
        return self.layers(x)


class StyleTransfer(nn.Module):
    """Reflected edges, instance normalization, nearest neighbours."""

    def __init__(self):
        super().__init__()
        def layer(inputs, outputs, size, stride=1):
            return [nn.ReflectionPad2d(size // 2), nn.Conv2d(inputs, outputs, size, stride),
                    nn.InstanceNorm2d(outputs, affine=True), nn.ReLU()]
        self.down = nn.Sequential(*layer(3, 8, 9), *layer(8, 16, 3, 2), *layer(16, 32, 3, 2))
        self.residual = nn.Sequential(*layer(32, 32, 3))
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), *layer(32, 16, 3), nn.Upsample(scale_factor=2),
                                *layer(16, 8, 3), nn.ReflectionPad2d(4), nn.Conv2d(8, 3, 9))

    def forward(self, x):
        x = self.down(x)
        return self.up(x + self.residual(x))


class RMSNormalized(nn.Module):
    """A block of today's language models: RMS normalization, rotary positions, gated SiLU."""

    def __init__(self, width=32, heads=4):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.RMSNorm(width, eps=1e-5), nn.RMSNorm(width, eps=1e-5)
        self.project, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.gate, self.up, self.down = nn.Linear(width, 64), nn.Linear(width, 64), nn.Linear(64, width)

    @staticmethod
    def rotated(x):
        length, size = x.shape[2], x.shape[3]
        angles = torch.arange(length)[:, None] * 1e4 ** (-torch.arange(0, size, 2) / size)
        cosine, sine = (torch.cat([f(angles)] * 2, -1) for f in (torch.cos, torch.sin))
        left, right = x.chunk(2, dim=-1)
        return x * cosine + torch.cat([-right, left], -1) * sine

    def forward(self, x):
        query, key, value = self.project(self.first(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        scores = self.rotated(query) @ self.rotated(key).transpose(-2, -1) / query.shape[-1] ** 0.5
        hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        weights = scores.masked_fill(hidden, float("-inf")).softmax(-1)
        x = x + self.out((weights @ value).transpose(1, 2).flatten(2))
        y = self.second(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y))


class MovingParts(nn.Module):
    """Slices, rolls, tiles, gathers, top-k, comparisons, reductions: what networks do between layers."""

    def forward(self, x):
        rolled = torch.roll(x, (1, -2), (2, 3))
        stacked = torch.stack([x[:, :, ::2, 1::2], rolled[:, :, 1::2, ::2]], 1).flatten(1, 2)
        flipped = torch.flip(stacked, [3])
        chosen = torch.where(flipped > 0.2, flipped, stacked * 2)
        best, place = chosen.flatten(2).topk(3, dim=2)
        gathered = torch.gather(chosen.flatten(2), 2, place.flip(2))
        spread = chosen.std(dim=(2, 3)) + chosen.var(dim=(2, 3), unbiased=False).sqrt()
        norm = functional.normalize(chosen.mean(3), dim=1).cumsum(2)
        expanded = spread[:, :, None].expand(-1, -1, 3).repeat(1, 2, 1)[:, :spread.shape[1]]
        return best + gathered + expanded, norm, chosen.argmax(1), chosen.amax((2, 3), keepdim=True).clamp(0.1, 0.9)


class PatchFolding(nn.Module):
    """Focus and windows: space to depth by slices, by unshuffling, by reshaping."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Conv2d(12, 16, 3, padding=1), nn.Conv2d(16, 8, 1), nn.Linear(128, 32)

    def forward(self, x):
        focus = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        y = self.second(functional.silu(self.first(focus)))
        batch, channels, height, width = y.shape
        windows = y.view(batch, channels, height // 4, 4, width // 4, 4).permute(0, 2, 4, 3, 5, 1)
        windows = self.third(windows.reshape(-1, 16 * channels))
        back = windows.view(batch, height // 4, width // 4, 4, 4, 2).permute(0, 5, 1, 3, 2, 4)
        return functional.pixel_unshuffle(back.reshape(batch, 2, height, width), 2)


class AudioSeparation(nn.Module):
    """Conv-TasNet in small: a learned filter bank, masks, and its transpose back to sound."""

    def __init__(self):
        super().__init__()
        self.encode, self.decode = nn.Conv1d(1, 32, 16, 8, bias=False), nn.ConvTranspose1d(32, 1, 16, 8, bias=False)
        self.norm, self.narrow = nn.GroupNorm(1, 32), nn.Conv1d(32, 24, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv1d(24, 48, 1), nn.PReLU(), nn.GroupNorm(1, 48),
                          nn.Conv1d(48, 48, 3, padding=d, dilation=d, groups=48), nn.PReLU(), nn.GroupNorm(1, 48),
                          nn.Conv1d(48, 24, 1)) for d in (1, 2, 4))
        self.mask = nn.Conv1d(24, 64, 1)

    def forward(self, sound):
        encoded = functional.relu(self.encode(sound))
        y = self.narrow(self.norm(encoded))
        for block in self.blocks:
            y = y + block(y)
        masks = torch.sigmoid(self.mask(y)).view(y.shape[0], 2, 32, -1)
        parts = (masks * encoded[:, None]).view(y.shape[0] * 2, 32, -1)
        return self.decode(parts).view(y.shape[0], 2, -1)


class SqueezeExcitation(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, 2, 1)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 4, 1), nn.ReLU(), nn.Conv2d(4, 16, 1),
                                     nn.Hardsigmoid())
        self.dense = nn.Sequential(nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 16), nn.Sigmoid())
        self.pool = nn.AdaptiveAvgPool2d((3, 4))
        self.head = nn.Linear(16 * 12, 10)

    def forward(self, x):
        x = functional.hardswish(self.first(x))
        x = x * self.squeeze(x)
        x = x * self.dense(x.mean((2, 3)))[:, :, None, None]
        return self.head(self.pool(x).flatten(1))


class KeypointHead(nn.Module):
    """Heat maps to places: softmax over pixels and expected coordinates."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
                                      nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
                                      nn.Conv2d(8, 5, 1))

    def forward(self, x):
        maps = self.features(x)
        weights = maps.flatten(2).softmax(-1).view_as(maps)
        rows = torch.linspace(-1, 1, maps.shape[2])
        columns = torch.linspace(-1, 1, maps.shape[3])
        return torch.stack([(weights.sum(2) * columns).sum(2), (weights.sum(3) * rows).sum(2)], 2), maps


class AutoEncoder(nn.Module):
    """Dense, with one-dimensional batch normalization between layers."""

    def __init__(self):
        super().__init__()
        sizes = (64, 32, 8, 32, 64)
        self.layers = nn.Sequential()
        for a, b in zip(sizes, sizes[1:]):
            self.layers.extend([nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()])
        self.layers.append(nn.Linear(64, 64))

    def forward(self, x):
        return self.layers(x)


class Recommender(nn.Module):
    """Embeddings, bags of them, and crossed features."""

    def __init__(self):
        super().__init__()
        self.users, self.items = nn.Embedding(50, 8), nn.Embedding(200, 8, padding_idx=0)
        self.dense = nn.Sequential(nn.Linear(24, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, user, items, numbers):
        bag = self.items(items).sum(1) / items.ne(0).sum(1, keepdim=True).clamp(min=1)
        return torch.sigmoid(self.dense(torch.cat([self.users(user), bag, numbers], 1)))


def picture(*shape):
    return ("picture", shape)


def normal(*shape):
    return ("normal", shape)


def tokens(limit, *shape):
    return ("tokens", shape, limit)


# name: (maker, inputs)
NETWORKS = {
    "keyword-spotting": (KeywordSpotting, {"features": normal(1, 40, 98)}),
    "tcn": (lambda: nn.Sequential(*[TemporalBlock(a, b, d) for a, b, d in ((12, 24, 1), (24, 24, 2), (24, 32, 4))]),
            {"x": normal(1, 12, 50)}),
    "lstm": (lambda: Recurrent(nn.LSTM, 2), {"steps": normal(1, 25, 20)}),
    "lstm-bidirectional": (lambda: Recurrent(nn.LSTM, 2, True), {"steps": normal(1, 25, 20)}),
    "gru": (lambda: Recurrent(nn.GRU, 2), {"steps": normal(1, 25, 20)}),
    "gru-bidirectional": (lambda: Recurrent(nn.GRU, 1, True), {"steps": normal(1, 25, 20)}),
    "rnn": (lambda: Recurrent(nn.RNN), {"steps": normal(1, 25, 20)}),
    "lstm-stateful": (StatefulLSTM, {"steps": normal(8, 1, 20), "hidden": normal(2, 1, 32), "cell": normal(2, 1, 32)}),
    "crnn": (ConvolutionalRecurrent, {"picture": picture(1, 1, 32, 100)}),
    "encoder": (SequenceEncoder, {"tokens": tokens(100, 1, 16), "mask": tokens(2, 1, 16)}),
    "encoder-relu": (lambda: SequenceEncoder("relu", False), {"tokens": tokens(100, 1, 16), "mask": tokens(2, 1, 16)}),
    "decoder": (SequenceDecoder, {"tokens": tokens(100, 1, 16), "memory": normal(1, 20, 32)}),
    "attention": (ScaledAttention, {"x": normal(1, 16, 32)}),
    "attention-causal": (lambda: ScaledAttention(is_causal=True), {"x": normal(1, 16, 32)}),
    "attention-relative": (RelativeAttention, {"x": normal(1, 16, 32)}),
    "attention-linear": (LinearAttention, {"x": normal(1, 16, 32)}),
    "rms-rotary": (RMSNormalized, {"x": normal(1, 16, 32)}),
    "unet-transposed": (UNet, {"x": picture(1, 3, 64, 64)}),
    "unet-bilinear": (lambda: UNet("bilinear"), {"x": picture(1, 3, 64, 64)}),
    "unet-nearest": (lambda: UNet("nearest", activation=nn.SiLU), {"x": picture(1, 3, 64, 64)}),
    "unet-shuffle": (lambda: UNet("shuffle", activation=nn.GELU), {"x": picture(1, 3, 64, 64)}),
    "unet-instance": (lambda: UNet(normalization=nn.InstanceNorm2d), {"x": picture(1, 3, 64, 64)}),
    "unet-group": (lambda: UNet(normalization=lambda n: nn.GroupNorm(4, n)), {"x": picture(1, 3, 64, 64)}),
    "super-resolution": (SuperResolution, {"x": picture(1, 1, 32, 32)}),
    "activations": (Activations, {"x": picture(1, 3, 24, 24)}),
    "style-transfer": (StyleTransfer, {"x": picture(1, 3, 64, 64)}),
    "moving-parts": (MovingParts, {"x": picture(1, 3, 16, 16)}),
    "patch-folding": (PatchFolding, {"x": picture(1, 3, 32, 32)}),
    "audio-separation": (AudioSeparation, {"sound": normal(1, 1, 1600)}),
    "squeeze-excitation": (SqueezeExcitation, {"x": picture(1, 3, 50, 70)}),
    "keypoints": (KeypointHead, {"x": picture(1, 3, 48, 64)}),
    "autoencoder": (AutoEncoder, {"x": normal(1, 64)}),
    "recommender": (Recommender, {"user": tokens(50, 1), "items": tokens(200, 1, 6), "numbers": normal(1, 8)}),
}
