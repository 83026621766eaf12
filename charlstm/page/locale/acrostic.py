"""Words of the view that writes acrostics."""

WORDS = {
    "view_acrostic": ("Write an acrostic", "写藏头诗"),
    "acrostic": ("Word", "藏头词"),
    "acrostic_help": (
        "Its letters start the lines, one after another. At the start of a line the model may write only the letter "
        "whose turn it is; the rest of the line it writes freely.",
        "各行依次以它的字母开头：行首只能写轮到的那个字母，行内其余由模型自由写。",
    ),
    "acrostic_words": ("Each word, not each line", "每个单词，而不是每行"),
    "acrostic_words_help": (
        "The letters start words, all on one line, instead of lines.",
        "字母作为单词的开头（都在一行里），而不是行的开头。",
    ),
    "acrostic_empty": ("Give a word; each of its letters starts a line.", "请输入一个词；它的每个字母作为一行的开头。"),
    "acrostic_unknown": (
        "The model cannot write {chars}. Use its own letters, such as {examples}.",
        "模型写不出 {chars}。请使用它的字母，例如 {examples}。",
    ),
    "acrostic_endless_lines": (
        "This model writes no line breaks, so no line can end. Choose words instead of lines.",
        "这个模型不写换行，行无法结束。请改为按单词。",
    ),
    "acrostic_endless_words": (
        "This model writes no spaces, so no word can end. Choose lines instead of words.",
        "这个模型不写空格，单词无法结束。请改为按行。",
    ),
    "acrostic_hint": ("Press Generate: the acrostic appears here.", "按“生成”：藏头诗会出现在这里。"),
    "acrostic_reweighted": ("under the rule", "受规则限制"),
    "acrostic_forbidden": ("forbidden", "禁止"),
    "acrostic_taken": (
        "The rule forbids **{share}** of what would be drawn here",
        "此处规则禁止了 **{share}** 的概率",
    ),
    "acrostic_free": ("Here the rule forbids nothing", "此处规则不禁止任何字符"),
    "acrostic_chart_alt": (
        "Probabilities of the next character: the model's own and under the rule; forbidden characters are struck out.",
        "下一个字符的概率：模型原本的与受规则限制的；被禁止的字符划掉。",
    ),
}
