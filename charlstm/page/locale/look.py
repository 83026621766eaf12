"""Words of the view inside a text, and of coloured texts."""

WORDS = {
    "view_look": ("Look inside", "看内部"),
    "surprise_surprise": ("Surprise", "惊奇度"),
    "surprise_bits": ("bits", "比特"),
    "surprise_rank": ("rank", "排名"),
    "write_now": ("Write {count} characters now", "现在写 {count} 个字符"),
    "look_empty": (
        "Here one looks into a written text, character by character; nothing is written yet.",
        "这里逐字符察看写好的文本；目前还没有文本。",
    ),
    "look_unreadable": (
        "This model knows none of the characters of the text. Choose the model that wrote it.",
        "此模型不认识文本中的任何字符。请选择写出它的模型。",
    ),
    "look_entropy": ("**Entropy** before each character:", "每个字符之前的**熵**："),
    "look_drawn_from": ("drawn from", "抽样所用"),
    "look_character": ("character", "字符"),
    "look_probability": ("probability", "概率"),
    "look_cumulative": ("cumulative probability, the likeliest first", "累计概率，最可能的在最前"),
    "look_bar": ("at {temperature:.2f}", "温度 {temperature:.2f}"),
    "look_position": ("Character", "字符序号"),
    "look_position_help": (
        "Which character of the text is taken apart; clicking one in the text chooses it too.",
        "剖析文本中的第几个字符；也可以直接点击文本中的字符。",
    ),
    "look_facts": (
        "{taken} rank <b>{rank}</b> of {count}, surprise <b>{surprise:.2f}</b> bits<br>"
        "model’s own <b>{own}</b>, drawn from <b>{drawn}</b>",
        "{taken} 在 {count} 个中排名 <b>{rank}</b>，惊奇度 <b>{surprise:.2f}</b> 比特<br>"
        "模型原本 <b>{own}</b>，抽样所用 <b>{drawn}</b>",
    ),
    "look_likeliest": (
        "It took the likeliest one: {taken} has {likeliest_probability} at temperature {temperature}, the stretch from "
        "0 to {first}, and the random number {u} falls there.",
        "它取了最可能的：在温度 {temperature} 下 {taken} 占 {likeliest_probability}，即 0 到 {first} 这一段，"
        "随机数 {u} 正落在其中。",
    ),
    "look_other": (
        "Why not the likeliest one? At temperature {temperature}, {likeliest} has {likeliest_probability}, the stretch "
        "from 0 to {first}. The random number {u} lies beyond it and falls on {taken}, from {start} to {stop}.",
        "为什么不取最可能的？在温度 {temperature} 下，{likeliest} 占 {likeliest_probability}，即 0 到 {first} 这一段。"
        "随机数 {u} 在它之外，落在 {taken} 的 {start} 到 {stop} 上。",
    ),
    "look_by_hand": (
        "{taken} was taken by hand. At temperature {temperature} the random number {u} falls on {drawn}.",
        "{taken} 是人工选取的。在温度 {temperature} 下，随机数 {u} 落在 {drawn} 上。",
    ),
    "look_changed": (
        "The random number {u} falls on {drawn} here, but the text has {taken}: another model wrote it, or a rule left "
        "some characters out.",
        "这里随机数 {u} 落在 {drawn} 上，而文本中是 {taken}：它由另一个模型写出，或有规则排除了某些字符。",
    ),
    "look_at_one": (
        "With the model’s own probabilities the same number takes {raw}.",
        "用模型原本的概率，同一个随机数会取 {raw}。",
    ),
    "look_at_one_same": (
        "With the model’s own probabilities the same number takes {raw} too.",
        "用模型原本的概率，同一个随机数也会取 {raw}。",
    ),
    "look_why_alt": (
        "Two stacked bars of probability, the likeliest character first, and the random number as a line across them.",
        "两条累计概率条，最可能的字符在最前，随机数是穿过它们的一条线。",
    ),
    "look_entropy_alt": (
        "Entropy before each character of the text: the model’s own and that of what was drawn from.",
        "文本中每个字符之前的熵：模型原本的与抽样所用的。",
    ),
    "look_take": ("**Take another one** and write on from there:", "**改取另一个**，从那里继续写："),
    "look_take_help": (
        "The text before stays, the random numbers go on, and the text that stood here moves to Earlier texts.",
        "前面的文本保留，随机数照常继续；原来的文本移到“先前的文本”。",
    ),
}
