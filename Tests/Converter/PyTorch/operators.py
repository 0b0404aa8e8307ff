"""Single functions of PyTorch, with the options that networks use them with, for the forms that exporters write."""

import torch
from torch import nn
from torch.nn import functional

from networks import normal, picture, tokens


class Paired(nn.Module):
    """An encoder's last states start a decoder, both recurrent."""

    def __init__(self, kind):
        super().__init__()
        self.encoder, self.decoder = kind(12, 16, batch_first=True), kind(10, 16, batch_first=True)
        self.head = nn.Linear(16, 5)

    def forward(self, source, target):
        _, state = self.encoder(source)
        return self.head(self.decoder(target, state)[0])


class Translator(nn.Module):
    """PyTorch's own transformer with a causal mask."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 24)
        self.layers = nn.Transformer(24, 4, 1, 1, 48, dropout=0.0, batch_first=True, norm_first=True)

    def forward(self, source, target):
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        return self.layers(self.words(source), self.words(target), tgt_mask=mask, tgt_is_causal=True)


class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.bags = nn.ModuleList(nn.EmbeddingBag(30, 6, mode=mode) for mode in ("sum", "mean", "max"))

    def forward(self, indices):
        return tuple(bag(indices) for bag in self.bags)


class HeadAttention(nn.Module):
    """Grouped heads with a mask of data, and multi-head attention with weights as a second output."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, query, key, mask):
        found, weights = self.attention(query, key, key, key_padding_mask=mask > 1)
        parts = query.view(1, -1, 4, 4).transpose(1, 2)
        few = key.view(1, -1, 2, 8).transpose(1, 2)[..., :4]
        grouped = functional.scaled_dot_product_attention(parts, few, few, enable_gqa=True)
        scaled = functional.scaled_dot_product_attention(parts, parts, parts, parts[..., :1] * 0.1, scale=0.3)
        return found, weights, grouped, scaled


class Spectrum(nn.Module):
    """A short-time Fourier transform without complex numbers: a convolution with cosines and sines."""

    def forward(self, sound):
        n = torch.arange(32)
        angles = torch.outer(n[:17], n) * (2 * torch.pi / 32)
        basis = torch.cat([angles.cos(), angles.sin()])[:, None] * torch.hann_window(32)
        parts = functional.conv1d(functional.pad(sound[:, None], (16, 16), mode="reflect"), basis, stride=8)
        real, imaginary = parts.chunk(2, 1)
        return torch.log1p(torch.sqrt(real * real + imaginary * imaginary + 1e-6))


def resizing(**options):
    return lambda x: functional.interpolate(x, **options)


def scattered(x):
    places = torch.tensor([[2, 0, 1, 3]]).expand(x.shape[0], 4)
    flat = x.flatten(1)
    return torch.zeros_like(flat).scatter(1, places, flat[:, :4])


def added(x):
    places = torch.tensor([[2, 0, 2, 3]]).expand(x.shape[0], 4)
    flat = x.flatten(1)
    return flat.scatter_add(1, places, flat[:, 4:8])


def assigned(x):
    y = x.clone()
    y[:, 1:3, ::2] = 0.5
    y[:, 0] = y[:, -1] * 2
    return y


def filled(x):
    return x.masked_fill(x > 0.3, -1.0), torch.triu(x[0, 0]), torch.tril(x[0, 0], -1)


class Call(nn.Module):
    """A function, or a layer, by itself."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def calls(*functions):
    return [lambda function=function: Call(function) for function in functions]


def layers(*makers):
    return list(makers)


SMALL = {"x": picture(1, 4, 9, 10)}
EVEN = {"x": picture(1, 4, 8, 12)}

GROUPS = {
    "einsum": (calls(
        lambda x, y: torch.einsum("bik,bjk->bij", x, y), lambda x, y: torch.einsum("bik,ljk->bl", x, y),
        lambda x, y: torch.einsum("bik,bjk->kij", x, y),
        lambda x, y: torch.einsum("bik,bjl->bl", x, y)), {"x": normal(1, 5, 6), "y": normal(1, 4, 6)}),
    "resize": (calls(
        resizing(scale_factor=2), resizing(size=(5, 7)), resizing(scale_factor=2, mode="bilinear"),
        resizing(size=(13, 17), mode="bilinear", align_corners=True), resizing(scale_factor=0.5, mode="bilinear"),
        resizing(scale_factor=2, mode="bicubic"), resizing(size=(5, 4), mode="area"),
        resizing(size=(11, 20), mode="nearest-exact"), resizing(scale_factor=(1.5, 2.0), mode="bilinear"),
        resizing(size=(14, 15), mode="bicubic", align_corners=True),
        resizing(size=(4, 5), mode="bilinear", antialias=True)), SMALL),
    "resize-line": (calls(
        resizing(scale_factor=2, mode="linear"), resizing(size=7),
        resizing(scale_factor=3, mode="linear", align_corners=True)), {"x": normal(1, 3, 10)}),
    "resize-volume": (calls(
        resizing(scale_factor=2, mode="trilinear"), resizing(scale_factor=2)), {"x": normal(1, 2, 3, 4, 5)}),
    "shuffles": (calls(
        lambda x: functional.pixel_shuffle(x, 2), lambda x: functional.pixel_unshuffle(x, 2),
        lambda x: functional.channel_shuffle(x, 2)), EVEN),
    "grid-sample": (calls(
        lambda x, g: functional.grid_sample(x, g, align_corners=False),
        lambda x, g: functional.grid_sample(x, g, mode="nearest", padding_mode="border", align_corners=True),
        lambda x, g: functional.grid_sample(x, g, padding_mode="reflection", align_corners=False),
        lambda x, g: functional.grid_sample(x, g.tanh(), mode="bicubic", align_corners=False)),
        {"x": picture(1, 2, 8, 8), "grid": normal(1, 5, 6, 2)}),
    "affine-grid": (calls(
       
        lambda x, t: functional.grid_sample(
            x, functional.affine_grid(t, [1, 2, 6, 6], align_corners=False), align_corners=False)),
        {"x": picture(1, 2, 8, 8), "theta": normal(1, 2, 3)}),
    "scatter": (calls(
        scattered, added, assigned, lambda x: torch.index_select(x, 1, torch.tensor([2, 0])),
        lambda x: x[:, [0, 2], :, 1], lambda x: x[:, torch.tensor([1, 0]), torch.tensor([3, 4])],
        lambda x: x.flatten(2).index_add(1, torch.tensor([0, 2]), x.flatten(2)[:, :2]),
        lambda x: torch.take_along_dim(x, x.argsort(-1), -1)), SMALL),
    "sorted": (
        lambda: Call(lambda x: (*x.topk(3, dim=1), *x.sort(dim=-1, descending=True), *x.min(2), x.argmin(1),
                                *x.topk(2, largest=False))),
        SMALL),
    "sums": (calls(
        lambda x: x.cumsum(1), lambda x: x.cumsum(-1).flip(-1), lambda x: x.logsumexp((2, 3)), lambda x: x.prod(-1),
        lambda x: x.norm(dim=1), lambda x: x.norm(p=1, dim=-1), lambda x: x.abs().amax(1), lambda x: x.std(1),
        lambda x: torch.linalg.vector_norm(x, dim=(2, 3)), lambda x: x.logcumsumexp(1), lambda x: (x > 0).any(1),
        lambda x: (x > 0).all(-1).float(), lambda x: x.mean(), lambda x: x.count_nonzero(1), lambda x: x.diff(dim=-1),
        lambda x: torch.var_mean(x, 1)[0]), SMALL),
    "masks": (lambda: Call(filled), SMALL),
    "norms": (layers(
        lambda: nn.InstanceNorm2d(4, affine=True), lambda: nn.GroupNorm(2, 4), lambda: nn.LayerNorm((4, 9, 10)),
        lambda: nn.RMSNorm(10), lambda: nn.LocalResponseNorm(3), lambda: nn.LayerNorm(10, bias=False),
        lambda: nn.GroupNorm(4, 4, affine=False), lambda: nn.BatchNorm2d(4, affine=False)), SMALL),
    "bags": (Embeddings, {"indices": tokens(30, 2, 5)}),
    "transposed": (layers(
        lambda: nn.ConvTranspose2d(4, 6, 3, 2, 1, 1), lambda: nn.ConvTranspose2d(4, 4, 4, 2, 1, groups=4),
        lambda: nn.ConvTranspose2d(4, 6, 3, 1, 0, groups=2), lambda: nn.ConvTranspose2d(4, 3, 3, 2, 2, dilation=2),
        lambda: nn.ConvTranspose2d(4, 5, (2, 3), (3, 1), bias=False),
        lambda: nn.ConvTranspose2d(4, 2, 2, 4, 0, 1)), SMALL),
    "transposed-line": (layers(
        lambda: nn.ConvTranspose1d(3, 4, 5, 2, 2, 1),
        lambda: nn.ConvTranspose1d(3, 3, 4, 4, groups=3)), {"x": normal(1, 3, 10)}),
    "volumes": (layers(
        lambda: nn.Conv3d(2, 4, 3, 2, 1), lambda: nn.ConvTranspose3d(2, 3, 3, 2, 1), lambda: nn.AvgPool3d(2),
        lambda: nn.MaxPool3d(2, ceil_mode=True), lambda: nn.AdaptiveAvgPool3d(1), lambda: nn.BatchNorm3d(2),
        lambda: nn.Conv3d(2, 4, (1, 3, 3), padding=(0, 2, 2), dilation=(1, 2, 2), groups=2)),
        {"x": normal(1, 2, 4, 6, 7)}),
    "convolutions": (layers(
        lambda: nn.Conv2d(4, 6, 3, padding="same"), lambda: nn.Conv2d(4, 6, (1, 4), padding="same"),
        lambda: nn.Conv2d(4, 8, 3, 2, 1, groups=2), lambda: nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=4),
        lambda: nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
        lambda: nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
        lambda: nn.Conv2d(4, 4, 3, padding=1, padding_mode="replicate")), SMALL),
    "pools": (layers(
        lambda: nn.MaxPool2d(3, 2, ceil_mode=True), lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False), lambda: nn.MaxPool2d(2, dilation=2, padding=1),
        lambda: nn.AdaptiveAvgPool2d((3, 5)), lambda: nn.AdaptiveAvgPool2d((4, 3)),
        lambda: nn.AdaptiveMaxPool2d((3, 2)), lambda: nn.LPPool2d(2, 2), lambda: nn.AdaptiveAvgPool2d((None, 1)),
        lambda: nn.AvgPool2d(2, divisor_override=3), lambda: nn.AdaptiveMaxPool2d(1),
        lambda: nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False)), SMALL),
    "pools-line": (layers(
        lambda: nn.MaxPool1d(3, 2, 1), lambda: nn.AvgPool1d(2), lambda: nn.AdaptiveAvgPool1d(4),
        lambda: nn.AdaptiveMaxPool1d(5), lambda: nn.MaxPool1d(2, ceil_mode=True)), {"x": normal(1, 3, 15)}),
    "unfold": (calls(
        lambda x: functional.unfold(x, 3, padding=1, stride=2), lambda x: x.unfold(2, 3, 2),
        lambda x: functional.fold(functional.unfold(x, 2, stride=2), (8, 12), 2, stride=2),
        lambda x: functional.fold(functional.unfold(x, 3, padding=1), (8, 12), 3, padding=1)), EVEN),
    "rolls": (calls(
        lambda x: x.roll(2, 3), lambda x: x.roll((1, -1), (1, 2)), lambda x: x.rot90(1, (2, 3)),
        lambda x: x.roll(3)), SMALL),
    "paddings": (calls(
        *(lambda x, m=m: functional.pad(x, (1, 2, 3, 0), mode=m) for m in ("reflect", "replicate", "circular")),
        lambda x: functional.pad(x, (1, 2, -1, 0), value=0.5), lambda x: functional.pad(x, (0, 0, 0, 0, 1, 1))), SMALL),
    "shapes": (calls(
        lambda x: x.repeat_interleave(2, 1), lambda x: x.unbind(1)[1], lambda x: x.split((3, 6), 2)[1],
        lambda x: x.movedim(1, -1).flatten(1, 2), lambda x: torch.stack(x.chunk(3, 2), 1),
        lambda x: x.narrow(2, 1, 4).squeeze(0), lambda x: x.expand(3, -1, -1, -1), lambda x: x.tile(2, 1),
        lambda x: torch.hstack((x, x)), lambda x: x.mT, lambda x: torch.diagonal(x, 0, 2, 3),
        lambda x: torch.diag_embed(x[0, 0]), lambda x: x.unflatten(1, (2, 2)),
        lambda x: torch.meshgrid(x[0, 0, 0], x[0, 0, 1], indexing="ij")[0],
        lambda x: torch.bucketize(x, torch.tensor([-1.0, 0.0, 1.0])),
        lambda x: torch.block_diag(x[0, 0], x[0, 1])), SMALL),
    "mathematics": (calls(
        lambda x: torch.atan2(x, x.abs() + 1), lambda x: x.round(decimals=1), lambda x: torch.fmod(x, 0.3),
        lambda x: x % 0.3, lambda x: torch.floor_divide(x, 0.25), lambda x: x.trunc(), lambda x: x.frac(),
        lambda x: x.sign() * x.abs().pow(1.5), lambda x: torch.lerp(x, -x, 0.2),
        lambda x: torch.addcmul(x, x, x, value=0.5), lambda x: x.expm1(), lambda x: torch.clamp(x, min=x.mean()),
        lambda x: x.nan_to_num(), lambda x: torch.logaddexp(x, -x), lambda x: x.sigmoid().logit(),
        lambda x: x.erf() + x.erfc(), lambda x: torch.exp2(x), lambda x: torch.log2(x.abs() + 1),
        lambda x: torch.log10(x.abs() + 1), lambda x: torch.sinc(x), lambda x: x.square().rsqrt(),
        lambda x: torch.xlogy(x, x.abs() + 1), lambda x: x.heaviside(x[0, 0, 0, 0]), lambda x: torch.isclose(x, x),
        lambda x: torch.where(torch.isfinite(x), x, 0.0), lambda x: torch.maximum(x, -x)), SMALL),
    "activities": (calls(
        functional.relu6, functional.hardswish, functional.mish, functional.gelu,
        lambda x: functional.gelu(x, approximate="tanh"), functional.silu, functional.softsign, functional.tanhshrink,
        functional.hardtanh, lambda x: functional.glu(x, 1), lambda x: functional.softplus(x, 2, 3),
        lambda x: functional.threshold(x, 0.1, 20), functional.logsigmoid, functional.celu, functional.selu,
        lambda x: functional.elu(x, 0.5), lambda x: functional.log_softmax(x, 1), functional.hardsigmoid,
        lambda x: functional.softmin(x, 1), lambda x: functional.softshrink(x), lambda x: functional.hardshrink(x),
        lambda x: functional.normalize(x, dim=1), lambda x: functional.cosine_similarity(x, x.flip(1), 1)), SMALL),
    "integers": (calls(
        lambda i: i // 3, lambda i: i % 4, lambda i: functional.one_hot(i, 20).float(), lambda i: i.float().mean(),
        lambda i: (i > 3) & (i < 9) | ~(i != 5), lambda i: i & 6, lambda i: i ^ 3, lambda i: i << 2, lambda i: i >> 1,
        lambda i: torch.arange(5)[i % 5], lambda i: -i.abs(), lambda i: torch.full_like(i, 7) + i,
        lambda i: i.clamp(2, 6)), {"i": tokens(20, 1, 6)}),
    "products": (calls(
        lambda x, y: x @ y.mT, lambda x, y: torch.bmm(x, y.mT), lambda x, y: torch.baddbmm(x @ y.mT, x, y.mT, beta=0.5),
        lambda x, y: torch.outer(x[0, 0], y[0, 0]), lambda x, y: torch.tensordot(x, y, ([2], [2])),
        lambda x, y: x[0] @ y[0, 0], lambda x, y: torch.kron(x[0, :2], y[0, :2]),
        lambda x, y: torch.cross(x[..., :3], x[..., 3:], -1)), {"x": normal(1, 5, 6), "y": normal(1, 4, 6)}),
    "bilinear": (layers(lambda: nn.Bilinear(6, 6, 4)), {"x": normal(1, 5, 6), "y": normal(1, 5, 6)}),
    "heads": (HeadAttention, {"query": normal(1, 5, 16), "key": normal(1, 7, 16), "mask": normal(1, 7)}),
    "spectrum": (Spectrum, {"sound": normal(1, 160)}),
    "pair-lstm": (lambda: Paired(nn.LSTM), {"source": normal(1, 6, 12), "target": normal(1, 4, 10)}),
    "pair-gru": (lambda: Paired(nn.GRU), {"source": normal(1, 6, 12), "target": normal(1, 4, 10)}),
    "translator": (Translator, {"source": tokens(50, 1, 7), "target": tokens(50, 1, 5)}),
    "encoder-fast": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 4, 48, batch_first=True, activation="gelu"), 2),
        {"x": normal(1, 9, 24)}),
}

OPERATORS = {
    f"{name}-{index}" if isinstance(makers, list) else name: (make, inputs)
    for name, (makers, inputs) in GROUPS.items()
    for index, make in enumerate(makers if isinstance(makers, list) else [makers])
}
