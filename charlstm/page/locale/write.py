"""Words of the main view."""

WORDS = {
    # controls
    "seed_text": ("Seed text", "种子文本"),
    "seed_text_help": (
        "The network reads this first, then writes on from it; it may be empty.",
        "网络先读这段文字，再接着写；可以留空。",
    ),
    "another_seed": ("Another seed", "换一个种子"),
    "another_seed_help": (
        "Takes another beginning: from the corpus where it is on this machine, else from a short list.",
        "换一段开头：本机有语料时取自语料，否则取自一个短列表。",
    ),
    "temperature": ("Temperature", "温度"),
    "temperature_help": (
        "Divides the logits before the softmax: below 1 the likely characters gain, above 1 the unlikely ones; "
        "0 always takes the likeliest. It acts from the next character on.",
        "在 softmax 之前除 logits：小于 1 时常见字符更占优势，大于 1 时罕见字符增多；0 总取最可能的字符。"
        "从下一个字符起生效。",
    ),
    "length": ("Length", "长度"),
    "length_help": ("How many characters Generate writes.", "“生成”写多少个字符。"),
    "speed": ("Speed", "速度"),
    "speed_help": (
        "Characters a second; ∞ is as fast as it goes. The text is the same at any speed.",
        "每秒字符数；∞ 为尽可能快。速度不影响文本内容。",
    ),
    "rng_seed": ("Random seed", "随机种子"),
    "rng_seed_help": (
        "The same number and the same settings give the same text, character for character.",
        "相同的数字和设置会逐字符写出相同的文本。",
    ),
    "fresh_seed": ("New one each time", "每次换新"),
    "fresh_seed_help": (
        "Generate first picks a new random seed, so that each text differs.",
        "“生成”先取一个新的随机种子，使每次文本不同。",
    ),
    "advanced": ("Advanced", "高级"),
    "top_k": ("Top-k", "Top-k"),
    "top_k_help": (
        "Draw only from the k likeliest characters; empty keeps all.",
        "只从最可能的 k 个字符中抽取；留空为全部。",
    ),
    "all": ("all", "全部"),
    "top_p": ("Top-p", "Top-p"),
    "top_p_help": (
        "Draw only from the likeliest characters whose probabilities together reach p; 1 keeps all.",
        "只从累计概率达到 p 的最可能字符中抽取；1 为全部。",
    ),
    "context": ("Context", "上下文"),
    "context_help": (
        "How many last characters the network sees; empty is all that was read and written, 60 is the notebook's.",
        "网络能看到最后多少个字符；留空为读过和写出的全部内容，原笔记本为 60。",
    ),
    "generate": ("Generate", "生成"),
    "stop": ("Stop", "停止"),
    "continue": ("Continue", "继续"),
    "continue_help": ("Writes on from where the text ends.", "从文本末尾继续写。"),
    "one_character": ("One character", "写一个字符"),
    "one_character_help": ("Draws just the next character.", "只抽取下一个字符。"),
    "start_over": ("Start over", "重新开始"),
    "start_over_help": (
        "Clears the page for the seed text above; the text moves to Earlier texts.",
        "清空并回到上面的种子文本；当前文本移到“先前的文本”。",
    ),
    # seed notes
    "lowered": (
        "Lower-cased, as the model knows no capitals here: {chars}.",
        "已转为小写（模型不认识这些大写字母）：{chars}。",
    ),
    "skipped": ("Skipped, as the model never saw them: {chars}.", "已跳过（模型从未见过）：{chars}。"),
    "seed_unknown": (
        "The model knows none of these characters ({chars}). Use some of its own, such as {examples}, or none at all.",
        "模型不认识这些字符（{chars}）。请使用它认识的字符，例如 {examples}，或者留空。",
    ),
    "seed_too_long": (
        "A seed text has at most {limit:,} characters; this one has {length:,}. Shorten it.",
        "种子文本最多 {limit:,} 个字符；这段有 {length:,} 个。请缩短。",
    ),
    "empty_output": ("Press Generate: the text appears here.", "按“生成”：文本会出现在这里。"),
    # chart
    "own": ("the model's own", "模型原本"),
    "reweighted": ("at this temperature", "当前温度下"),
    "drawn": ("drawn", "抽中"),
    "rest": ("rest", "其余"),
    "uncertainty": (
        "Entropy **{entropy:.2f} bits** = **{choices:.1f}** equally likely choices",
        "熵 **{entropy:.2f} 比特** = **{choices:.1f}** 个等可能的选择",
    ),
    "chart_alt": (
        "Probabilities of the next character: the model's own and at this temperature.",
        "下一个字符的概率：模型原本的与当前温度下的。",
    ),
    # below the text
    "copy": ("Copy", "复制"),
    "download": ("Download", "下载"),
    "link": ("Link", "链接"),
    "link_help": (
        "This address opens the page with the settings of this text; Generate writes it again.",
        "此地址会带着这段文本的设置打开本页；按“生成”即可重写。",
    ),
    "link_own": (
        "This epoch was trained here and cannot be linked to; download the model to pass it on.",
        "这一轮是在此训练的，无法用链接分享；请下载模型再传给别人。",
    ),
    "link_moved": (
        "A setting was moved, or a character taken by hand, while this text was written. The address holds only the "
        "last settings: it gives another text.",
        "写作过程中改动过设置或手选过字符；此地址只保存最后的设置，会写出不同的文本。",
    ),
    "earlier": ("Earlier texts", "先前的文本"),
    "earlier_empty": ("Texts that a new one has replaced are kept here.", "被新文本取代的文本保存在这里。"),
}
