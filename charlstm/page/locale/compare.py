"""Words of the view that compares temperatures."""

WORDS = {
    "view_compare": ("Compare temperatures", "比较温度"),
    "compare_temperatures": ("Temperatures", "温度"),
    "compare_temperatures_help": (
        "Two to six, side by side, from the next Generate on. All columns read the same seed text and draw with the "
        "same random numbers.",
        "两到六个，并排显示，从下一次“生成”起生效。各列读同一种子文本，用同一串随机数。",
    ),
    "compare_too_few": (
        "Choose at least two temperatures to compare (chosen: {count}).",
        "请至少选择两个温度来比较；现在选了 {count} 个。",
    ),
    "compare_temperature_help": (
        "Moves this column alone, from its next character on.",
        "只改变这一列，从它的下一个字符起生效。",
    ),
    "compare_measures": (
        "Entropy {entropy:.2f}, cost {bits:.2f} bits  \n{words} real words  \n{distinct} distinct 4-grams",
        "熵 {entropy:.2f}、代价 {bits:.2f} 比特  \n真实单词 {words}  \n不同的 4-gram {distinct}",
    ),
    "compare_measures_empty": (
        "Entropy and cost a character,  \nreal words and repetition  \nappear here.",
        "每字符的熵与代价、  \n真实单词和重复度  \n会显示在这里。",
    ),
    "compare_download_html": ("Comparison (HTML)", "比较（HTML）"),
    "compare_download_csv": ("Data (CSV)", "数据（CSV）"),
    "compare_chart_alt": (
        "The likeliest next characters in each column; the drawn one is marked.",
        "各列最可能的下一个字符；抽中的字符有标记。",
    ),
}
