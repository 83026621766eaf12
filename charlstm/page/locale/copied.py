"""Words of the view that looks for a text in the corpus."""

WORDS = {
    "view_copied": ("Is this copied?", "这是抄来的吗？"),
    "copied_source": ("Text", "文本"),
    "copied_written": ("the text of the main view", "主视图中的文本"),
    "copied_pasted": ("a pasted text", "粘贴的文本"),
    "copied_length": ("Shortest run, characters", "最短片段（字符数）"),
    "copied_length_help": (
        "Only runs of at least so many characters count; short ones stand in any large text by chance.",
        "只计算至少这么长的片段；很短的片段在任何大文本中都会偶然出现。",
    ),
    "copied_text": ("A text", "一段文本"),
    "copied_text_help": (
        "Lower-cased where the model knows no capitals, as its corpus was.",
        "模型不认识大写字母时转为小写，与它的语料一致。",
    ),
    "copied_paste": (
        "Paste a text: what stands word for word in the model’s corpus is marked.",
        "粘贴一段文本：在模型语料中逐字出现的部分会被标出。",
    ),
    "copied_empty": (
        "Here one sees what a written text has copied from the corpus; nothing is written yet.",
        "这里可以看到写好的文本从语料中抄了什么；目前还没有文本。",
    ),
    "copied_no_corpus": (
        "The corpus that this model was trained on ({corpus}) is not on this machine, so there is nothing to compare "
        "with. It has to be here: the corpus in the folder that CHARLSTM_DATA names, or a model trained in this "
        "session.",
        "训练此模型的语料（{corpus}）不在本机，无从比较。需要它在这里：把语料文件放入 CHARLSTM_DATA "
        "指定的文件夹，或使用本会话中训练的模型。",
    ),
    "copied_summary": (
        "**{share}** of the text stands word for word in the corpus {corpus}, in runs of {length} characters or more. "
        "The longest has **{longest}**.",
        "文本的 **{share}** 在语料 {corpus} 中逐字出现（长度不少于 {length} 个字符的片段）。"
        "最长的有 **{longest}** 个字符。",
    ),
    "copied_none": (
        "No run of {length} characters or more stands word for word in the corpus {corpus}. Move the slider down to "
        "see shorter ones.",
        "没有任何不少于 {length} 个字符的片段在语料 {corpus} 中逐字出现。把滑块调低可以看到更短的片段。",
    ),
    "copied_runs": ("The longest runs, as they stand in the corpus", "最长的片段及其在语料中的位置"),
    "copied_run": (
        "{length} characters, at character {place:,} of the corpus ({share} in)",
        "{length} 个字符，位于语料第 {place:,} 个字符处（{share}）",
    ),
    "copied_more": ("and {count} shorter ones, marked in the text", "以及文本中标出的另外 {count} 个较短片段"),
}
