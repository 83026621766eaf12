"""Words of the view that scores a text."""

WORDS = {
    "view_score": ("Score a text", "给文本打分"),
    "score_text": ("Your text", "你的文本"),
    "score_text_help": (
        "Any text; characters the model does not know are lower-cased or skipped. Press Ctrl+Enter or Score.",
        "任意文本；模型不认识的字符会转为小写或跳过。按 Ctrl+Enter 或“打分”。",
    ),
    "score": ("Score", "打分"),
    "score_aphorism": ("An aphorism", "格言"),
    "score_news": ("News", "新闻"),
    "score_german": ("German", "德语"),
    "score_monkey": ("Random keys", "乱敲键盘"),
    "score_repeat": ("Over and over", "反复重复"),
    "score_empty": (
        "Paste a text, or take one of the examples: the model reads it and says how much each character surprised it.",
        "粘贴一段文本，或选一个示例：模型会读它，并说明每个字符有多出乎意料。",
    ),
    "score_too_long": (
        "A text has at most {limit:,} characters here; this one has {length:,}. Shorten it.",
        "这里的文本最多 {limit:,} 个字符；这段有 {length:,} 个。请缩短。",
    ),
    "score_bits": ("Bits a character", "每字符比特"),
    "score_bits_help": (
        "The mean surprise, −log2 p: so many yes-no questions a character costs a reader who knows what the "
        "model knows.",
        "惊奇度 −log2 p 的平均值：与模型知识相同的读者，每个字符平均要问这么多个是非问题。",
    ),
    "score_nats": ("Nats a character", "每字符奈特"),
    "score_nats_help": (
        "The same with the natural logarithm: the cross-entropy loss that training minimizes. 1 nat = 1.443 bits.",
        "同一数值用自然对数表示：即训练所最小化的交叉熵损失。1 奈特 = 1.443 比特。",
    ),
    "score_perplexity": ("Perplexity", "困惑度"),
    "score_perplexity_help": (
        "2 to the bits a character: as uncertain as a choice among so many equally likely characters.",
        "2 的“每字符比特”次方：相当于在这么多个等可能的字符中选择。",
    ),
    "score_characters": ("Characters", "字符数"),
    "score_characters_help": (
        "How many were scored; those the model does not know are left out.",
        "计入评分的字符数；模型不认识的字符不计入。",
    ),
    "score_blind": (
        "Guessing blindly among {count} characters costs {bits:.2f} bits.",
        "在 {count} 个字符中盲猜需要 {bits:.2f} 比特。",
    ),
    "score_held_out": (
        "Text of the model’s own kind that it never saw costs it {bits:.2f}.",
        "模型从未见过的同类文本需要 {bits:.2f} 比特。",
    ),
    "score_places": ("Most surprising places", "最出乎意料之处"),
    "score_place": (
        "{surprise:.1f} bits; likeliest was {expected} with {probability}",
        "{surprise:.1f} 比特；最可能的是 {expected}，{probability}",
    ),
}
