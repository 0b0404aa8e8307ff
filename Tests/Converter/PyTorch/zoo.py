"""Architectures of torchvision, timm, transformers, ultralytics and segmentation-models-pytorch, with random weights."""

import os
import tempfile

os.environ.update(
    YOLO_VERBOSE="False", YOLO_AUTOINSTALL="False", YOLO_CONFIG_DIR=tempfile.gettempdir(), HF_HUB_OFFLINE="1")

import torch
from torch import nn

from networks import NETWORKS, normal, picture, tokens
from operators import OPERATORS


def declare_missing_operators():
    """torchvision's wheel only loads its own operators beside the PyTorch it was built for; no network here runs them."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


try:
    import torchvision
except RuntimeError:
    declared = declare_missing_operators()
    import torchvision


class Outputs(nn.Module):
    """A network whose answer is a structure; only its tensors count."""

    def __init__(self, network, choose, **fixed):
        super().__init__()
        self.network, self.choose, self.fixed = network, choose, fixed

    def forward(self, *inputs):
        return self.choose(self.network(*inputs, **self.fixed))


class Named(nn.Module):
    """A network of transformers, whose inputs go by name."""

    def __init__(self, network, names, choose):
        super().__init__()
        self.network, self.names, self.choose = network, names, choose

    def forward(self, *inputs):
        return self.choose(self.network(**dict(zip(self.names, inputs)), return_dict=True))


def of_torchvision(name, size=224, **options):
    def make():
        return torchvision.models.get_model(name, weights=None, **options)
    return make, {"input": picture(1, 3, size, size)}


def segmentation(name, size=128):
    def make():
        network = torchvision.models.get_model(name, weights=None, weights_backbone=None)
        return Outputs(network, lambda found: found["out"])
    return make, {"input": picture(1, 3, size, size)}


def ssd():
    class Heads(nn.Module):
        """SSDLite without what comes after the heads, which depends on data."""

        def __init__(self):
            super().__init__()
            network = torchvision.models.get_model("ssdlite320_mobilenet_v3_large", weights=None, weights_backbone=None)
            self.backbone, self.head = network.backbone, network.head

        def forward(self, x):
            found = self.head(list(self.backbone(x).values()))
            return found["bbox_regression"], found["cls_logits"].softmax(-1)
    return Heads()


def of_timm(name, size=224, **options):
    def make():
        import timm
        return timm.create_model(name, pretrained=False, **options)
    return make, {"input": picture(1, 3, size, size)}


def yolo(name, size=160):
    def make():
        from ultralytics import YOLO
        network = YOLO(f"{name}.yaml", verbose=False).model
        head = network.model[-1]
        head.export, head.format, head.dynamic = True, "onnx", False
        for part in network.modules():
            if type(part).__name__ == "C2f":
                part.forward = part.forward_split
        return Outputs(network, lambda found: found)
    return make, {"images": picture(1, 3, size, size)}


def of_smp(kind, encoder, size=64, **options):
    def make():
        import segmentation_models_pytorch
        network = getattr(segmentation_models_pytorch, kind)(encoder, encoder_weights=None, classes=3, **options)
        network.check_input_shape = lambda x: None
        return network
    return make, {"input": picture(1, 3, size, size)}


def of_transformers(kind, config, inputs, choose, **options):
    def make():
        import transformers
        settings = getattr(transformers, config)(**options)
        settings._attn_implementation = settings.__dict__.get("_attn_implementation") or "sdpa"
        return Named(getattr(transformers, kind)(settings), list(inputs), choose)
    return make, inputs


SMALL = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128}
TEXT = {"input_ids": tokens(200, 1, 24), "attention_mask": tokens(2, 1, 24)}


def last(found):
    return found.last_hidden_state


def logits(found):
    return found.logits


TRANSFORMERS = {
    "bert": of_transformers("BertForSequenceClassification", "BertConfig", TEXT, logits, vocab_size=200, **SMALL),
    "distilbert": of_transformers("DistilBertModel", "DistilBertConfig", TEXT, last, vocab_size=200, dim=64, n_layers=2,
                                  n_heads=4, hidden_dim=128),
    "albert": of_transformers("AlbertModel", "AlbertConfig", TEXT, last, vocab_size=200, embedding_size=32, **SMALL),
    "roberta": of_transformers("RobertaModel", "RobertaConfig", TEXT, last, vocab_size=200, **SMALL),
    "electra": of_transformers("ElectraForTokenClassification", "ElectraConfig", TEXT, logits, vocab_size=200,
                               embedding_size=32, **SMALL),
    "mobilebert": of_transformers("MobileBertModel", "MobileBertConfig", TEXT, last, vocab_size=200, hidden_size=64,
                                  num_hidden_layers=2, intermediate_size=64, embedding_size=32,
                                  intra_bottleneck_size=32),
    "deberta-v2": of_transformers("DebertaV2Model", "DebertaV2Config", TEXT, last, vocab_size=200,
                                  relative_attention=True, max_relative_positions=32, pos_att_type=["p2c", "c2p"],
                                  **SMALL),
    "gpt2": of_transformers("GPT2LMHeadModel", "GPT2Config", {"input_ids": tokens(200, 1, 16)}, logits, vocab_size=200,
                            n_embd=64, n_layer=2, n_head=4, use_cache=False),
    "llama": of_transformers("LlamaForCausalLM", "LlamaConfig", {"input_ids": tokens(200, 1, 16)}, logits,
                             vocab_size=200, num_key_value_heads=2, use_cache=False, **SMALL),
    "t5-encoder": of_transformers("T5EncoderModel", "T5Config", TEXT, last, vocab_size=200, d_model=64, d_kv=16,
                                  d_ff=128, num_layers=2, num_heads=4),
    "vit": of_transformers("ViTForImageClassification", "ViTConfig", {"pixel_values": picture(1, 3, 64, 64)}, logits,
                           image_size=64, patch_size=8, **SMALL),
    "deit": of_transformers("DeiTModel", "DeiTConfig", {"pixel_values": picture(1, 3, 64, 64)}, last, image_size=64,
                            patch_size=8, **SMALL),
    "segformer": of_transformers("SegformerForSemanticSegmentation", "SegformerConfig",
                                 {"pixel_values": picture(1, 3, 64, 64)}, logits),
    "mobilevit-hf": of_transformers("MobileViTModel", "MobileViTConfig", {"pixel_values": picture(1, 3, 128, 128)}, last,
                                    image_size=128),
    "whisper-encoder": of_transformers("WhisperModel", "WhisperConfig",
                                       {"input_features": normal(1, 80, 200), "decoder_input_ids": tokens(200, 1, 8)},
                                       last, vocab_size=200, d_model=64, encoder_layers=2, decoder_layers=2,
                                       encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=128,
                                       decoder_ffn_dim=128, max_source_positions=100, use_cache=False,
                                       pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1),
    "wav2vec2": of_transformers("Wav2Vec2Model", "Wav2Vec2Config", {"input_values": normal(1, 4000)}, last,
                                conv_dim=[32] * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
                                mask_time_prob=0.0, mask_feature_prob=0.0, **SMALL),
    "clip-vision": of_transformers("CLIPVisionModel", "CLIPVisionConfig", {"pixel_values": picture(1, 3, 64, 64)}, last,
                                   image_size=64, patch_size=16, **SMALL),
}

TORCHVISION = {
    name: of_torchvision(name) for name in (
        "alexnet", "vgg11_bn", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0",
        "resnet18", "resnext50_32x4d", "regnet_y_400mf", "regnet_x_400mf", "shufflenet_v2_x0_5", "squeezenet1_1",
        "mnasnet0_5", "densenet121", "convnext_tiny", "vit_b_16", "swin_t", "swin_v2_t", "maxvit_t")
} | {
    "efficientnet_v2_s": of_torchvision("efficientnet_v2_s", 160),
    "googlenet": of_torchvision("googlenet", aux_logits=False, init_weights=False),
    "inception_v3": of_torchvision("inception_v3", 299, aux_logits=False, init_weights=False),
    "deeplabv3_mobilenet": segmentation("deeplabv3_mobilenet_v3_large"),
    "lraspp": segmentation("lraspp_mobilenet_v3_large"),
    "fcn_resnet50": segmentation("fcn_resnet50", 96),
    "ssdlite320-heads": (ssd, {"input": picture(1, 3, 320, 320)}),
}

TIMM = {
    name: of_timm(name) for name in (
        "ghostnet_100", "mobileone_s0", "repvgg_a0", "fastvit_t8", "edgenext_xx_small", "efficientformer_l1",
        "efficientformerv2_s0", "mixer_s32_224", "levit_128s", "poolformer_s12", "hardcorenas_a", "tinynet_e",
        "mobilenetv4_conv_small", "repghostnet_050", "starnet_s1", "resnest14d", "cspdarknet53", "nf_resnet50",
        "lcnet_050", "gmlp_ti16_224", "deit_tiny_patch16_224", "pit_ti_224", "pvt_v2_b0", "convnextv2_atto",
        "tiny_vit_5m_224", "coat_lite_tiny", "xcit_nano_12_p16_224", "cait_xxs24_224", "crossvit_tiny_240",
        "hrnet_w18_small", "dla34", "res2net50_14w_8s", "skresnet18", "eca_resnet33ts", "botnet26t_256",
        "halonet26t", "lambda_resnet26t", "visformer_tiny", "volo_d1_224", "mobilevitv2_050", "mvitv2_tiny",
        "sequencer2d_s", "focalnet_tiny_srf", "davit_tiny", "efficientvit_b0", "efficientvit_m0", "repvit_m0_9",
        "rexnet_100", "mixnet_s", "hgnetv2_b0", "inception_next_tiny", "resmlp_12_224", "vovnet39a", "selecsls42b",
        "dpn48b", "tresnet_m", "gernet_s", "swiftformer_xs", "shvit_s1", "fasternet_t0", "ghostnetv3_050")
} | {
    "mobilevit_xxs": of_timm("mobilevit_xxs", 256),
    "coatnet_nano": of_timm("coatnet_nano_rw_224", 224),
    "halonet26t": of_timm("halonet26t", 256), "botnet26t_256": of_timm("botnet26t_256", 256),
    "lambda_resnet26t": of_timm("lambda_resnet26t", 256), "crossvit_tiny_240": of_timm("crossvit_tiny_240", 240),
    "efficientvit_b0": of_timm("efficientvit_b0", 224),
}

YOLO = {name: yolo(name) for name in ("yolov5n", "yolov8n", "yolo11n", "yolov8n-seg", "yolov8n-pose", "yolov10n",
                                      "yolo12n", "yolov9t", "yolo11n-obb", "yolov8n-cls")}

SMP = {
    "smp-unet": of_smp("Unet", "resnet18"),
    "smp-unetplusplus": of_smp("UnetPlusPlus", "mobilenet_v2"),
    "smp-manet": of_smp("MAnet", "resnet18"),
    "smp-linknet": of_smp("Linknet", "resnet18"),
    "smp-fpn": of_smp("FPN", "efficientnet-b0"),
    "smp-pspnet": of_smp("PSPNet", "resnet18", 96),
    "smp-deeplabv3plus": of_smp("DeepLabV3Plus", "timm-mobilenetv3_small_100", 96),
    "smp-pan": of_smp("PAN", "resnet18", 128),
    "smp-segformer": of_smp("Segformer", "mit_b0", 64),
}

FAMILIES = {"plain": NETWORKS, "operators": OPERATORS, "transformers": TRANSFORMERS, "torchvision": TORCHVISION, "timm": TIMM,
            "ultralytics": YOLO, "smp": SMP}
