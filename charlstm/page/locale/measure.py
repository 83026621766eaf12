"""Words of the view that measures what temperature does."""

WORDS = {
    "view_measure": ("Measure temperature", "度量温度"),
    "measure": ("Measure", "度量"),
    "measure_characters": ("Characters a temperature", "每个温度的字符数"),
    "measure_characters_help": (
        "Written in texts of 250 characters; four times as many halve the bands.",
        "以每段 250 个字符写成；字符数为四倍时，误差带减半。",
    ),
    "measure_other": ("Next to", "对照"),
    "measure_other_help": (
        "Measures another model or epoch with the same random numbers, in the same panels.",
        "用同一串随机数度量另一个模型或轮次，画在同一组图中。",
    ),
    "measure_failed": (
        "The measurement failed ({kind}). Press Measure to go on.",
        "度量失败（{kind}）。按“度量”继续。",
    ),
    "measure_alone": ("nothing", "无"),
    "measure_version": ("{name}, epoch {label}", "{name}，第 {label} 轮"),
    "measure_corpus": ("the corpus itself", "语料本身"),
    "measure_temperature": ("temperature", "温度"),
    "measure_real_word_share": ("Real words", "真实单词"),
    "measure_distinct_ngram_share": ("Distinct 4-grams", "不同的 4-gram"),
    "measure_longest_repeat": ("Longest repeat, characters", "最长重复（字符）"),
    "measure_entropy_bits": ("Entropy, bits a character", "熵（每字符比特）"),
    "measure_bits_per_character": ("Cost, bits a character", "代价（每字符比特）"),
    "measure_definitions": ("What is measured", "度量了什么"),
    "measure_definitions_text": (
        "At each of {temperatures} temperatures the model writes {characters:,} characters, in {streams} texts of 250. "
        "A point is the mean over the texts, its band 1.96 standard errors on either side.\n\n"
        "- **Real words**: the share of the words that are in an English word list.\n"
        "- **Distinct 4-grams**: different runs of 4 characters / all runs of 4 characters. Low means repetition.\n"
        "- **Longest repeat**: the longest run of characters that stands in a text twice.\n"
        "- **Entropy**: −Σ p log₂ p of what each character is drawn from, after the temperature.\n"
        "- **Cost**: −log₂ p of each character under the model itself, at temperature 1. The dashed line is what "
        "held-out text of the corpus costs.",
        "模型在 {temperatures} 个温度下各写 {characters:,} 个字符，分成 {streams} 段，每段 250 个字符。"
        "点是各段的平均值，误差带为上下 1.96 个标准误。\n\n"
        "- **真实单词**：写出的单词中，英语词表收录的比例。\n"
        "- **不同的 4-gram**：互不相同的 4 字符片段 / 全部 4 字符片段。低表示重复。\n"
        "- **最长重复**：一段文本中出现两次的最长片段。\n"
        "- **熵**：每个字符所抽取的分布（经过温度）的 −Σ p log₂ p。\n"
        "- **代价**：每个字符在模型自身（温度 1）下的 −log₂ p。虚线是语料留出文本的代价。",
    ),
    "measure_press": (
        "Press Measure: the model writes at {temperatures} temperatures from 0 to 2, and the lines grow.",
        "按“度量”：模型在 0 到 2 的 {temperatures} 个温度下写作，曲线逐点画出。",
    ),
    "measure_progress": ("{done} of {all} temperatures", "{done} / {all} 个温度"),
    "measure_chart_alt": ("{title} over the temperature, with error bands.", "{title}随温度的变化，带误差带。"),
    "measure_reading": (
        "From temperature {cold} to {hot}, real words go from **{words_cold}** to **{words_hot}**, distinct 4-grams "
        "from **{distinct_cold}** to **{distinct_hot}**",
        "温度从 {cold} 到 {hot}：真实单词从 **{words_cold}** 到 **{words_hot}**，不同的 4-gram 从 "
        "**{distinct_cold}** 到 **{distinct_hot}**",
    ),
    "measure_reading_wordless": (
        "From temperature {cold} to {hot}, distinct 4-grams go from **{distinct_cold}** to **{distinct_hot}**",
        "温度从 {cold} 到 {hot}：不同的 4-gram 从 **{distinct_cold}** 到 **{distinct_hot}**",
    ),
    "measure_verdict_claim": (
        ": cold text repeats real words, hot text invents new ones.",
        "：低温重复真实的单词，高温造出新的单词。",
    ),
    "measure_verdict_repeats": (": cold text repeats itself more.", "：低温的文本重复更多。"),
    "measure_verdict_none": (": no clear effect.", "：没有明显的作用。"),
}
