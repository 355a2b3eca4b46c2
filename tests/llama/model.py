"""Writes a model that always says one text: real weights for a real server, and an exact answer.

Attention and feed-forward weights are nought, so what comes next depends on the last token only: embedding and output
together are a table. The text's pieces are tokens of their own, which no prompt is ever cut into; each leads to the
next, and everything else leads to the first.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

HEAD = 64
"""Size of an attention head. The vocabulary, whose size is the width of the model, is filled up to a multiple of it."""
PIECE = 3
FIM = {"pre": "<|fim_prefix|>", "suf": "<|fim_suffix|>", "mid": "<|fim_middle|>"}
END = "<|endoftext|>"


def write_model(path: Path, text: str, *, fills_in: bool = True, endless: bool = False, context: int = 4096) -> None:
    """`endless`: the text begins anew at its end. Without `fills_in` there are no tokens for filling in."""
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    if len(set(pieces)) < len(pieces) or len(pieces[-1]) < 2:
        raise ValueError("each piece of the text must be another, and none a single character")
    vocabulary = Vocabulary()
    letters = [vocabulary.add(letter) for letter in BYTES.values()]
    blanks = vocabulary.add(BYTES[32] * 2)
    end = vocabulary.add(END, gguf.TokenType.CONTROL)
    fim = {name: vocabulary.add(token, gguf.TokenType.CONTROL) for name, token in FIM.items()} if fills_in else {}
    says = [vocabulary.add("".join(BYTES[byte] for byte in piece.encode())) for piece in pieces]
    vocabulary.fill_up()

    following = np.full(vocabulary.size, end)
    following[[*letters, blanks, *fim.values()]] = says[0]
    following[says[:-1]] = says[1:]
    following[says[-1]] = says[0] if endless else end

    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, vocabulary, end, fim, context)
    _weigh(writer, following)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Vocabulary:
    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.types: list[int] = []

    @property
    def size(self) -> int:
        return len(self.tokens)

    def add(self, token: str, kind: gguf.TokenType = gguf.TokenType.NORMAL) -> int:
        self.tokens.append(token)
        self.types.append(int(kind))
        return self.size - 1

    def fill_up(self) -> None:
        while self.size % HEAD:
            self.add(f"<|unused{self.size}|>", gguf.TokenType.UNUSED)


def _letters_of_bytes() -> dict[int, str]:
    """How byte-level tokenizers spell bytes: printable ones as they are, the others as letters from U+0100 on."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + rank) for rank, byte in enumerate(others)}


BYTES = _letters_of_bytes()


def _describe(writer: gguf.GGUFWriter, vocabulary: Vocabulary, end: int, fim: dict[str, int], context: int) -> None:
    heads = vocabulary.size // HEAD
    writer.add_name("one-text")
    writer.add_context_length(context)
    writer.add_embedding_length(vocabulary.size)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HEAD)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_vocab_size(vocabulary.size)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges([f"{BYTES[32]} {BYTES[32]}"])
    writer.add_eos_token_id(end)
    writer.add_bos_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)
    for name, token in fim.items():
        writer.add_uint32(f"tokenizer.ggml.fim_{name}_token_id", token)


def _weigh(writer: gguf.GGUFWriter, following: np.ndarray) -> None:
    size = len(following)
    table = np.zeros((size, size), np.float32)
    table[following, np.arange(size)] = 2.0
    writer.add_tensor("token_embd.weight", np.eye(size, dtype=np.float32))
    writer.add_tensor("output_norm.weight", np.ones(size, np.float32))
    writer.add_tensor("output.weight", table)
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{name}.weight", np.ones(size, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((size, size), np.float32))
    for name, shape in (("ffn_gate", (HEAD, size)), ("ffn_up", (HEAD, size)), ("ffn_down", (size, HEAD))):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros(shape, np.float32))
