"""Words of the lesson: six steps, each with a title and a few sentences."""

WORDS = {
    "view_lesson": ("A lesson", "一堂课"),
    "lesson_step": ("Step", "步骤"),
    "lesson_previous": ("Back", "上一步"),
    "lesson_next": ("Next", "下一步"),
    "lesson_title_1": ("What a distribution is", "什么是分布"),
    "lesson_text_1": (
        "The network has read the grey text. To each of the {vocab_size} characters it knows it gives a probability of "
        "coming next; together they make 100%. One is drawn: likely ones often, unlikely ones seldom. "
        "**Press One character**, several times. **Look** at the bars: sometimes one character is almost sure, "
        "sometimes many are possible. The entropy says how many.",
        "网络已读过灰色的文字。它为认识的 {vocab_size} 个字符各给出一个“下一个就是它”的概率，合计 100%。"
        "然后抽取一个：概率大的常被抽中，概率小的很少。**多按几次“写一个字符”**。**请看**条形："
        "有时一个字符几乎确定，有时许多都有可能。熵说明了有多少种可能。",
    ),
    "lesson_title_2": ("What temperature does to it", "温度对它做了什么"),
    "lesson_text_2": (
        "The temperature T divides the network's outputs before the softmax: each probability p becomes p^(1/T), and "
        "all are made to sum to 100% again. **Move the slider** down to 0.2, then up to 2. **Look**: below 1 the high "
        "bars rise, above 1 they sink. Their order never changes, and the grey bars, the network's own, stay.",
        "温度 T 在 softmax 之前除网络的输出：每个概率 p 变为 p^(1/T)，再使总和为 100%。**移动滑块**，先到 0.2，再到 2。"
        "**请看**：小于 1 时高的条形升高，大于 1 时降低。它们的次序从不改变；灰色条形是网络原本的概率，保持不动。",
    ),
    "lesson_title_3": ("Greedy against sampling", "贪心与抽样"),
    "lesson_text_3": (
        "At temperature 0 nothing is drawn: the likeliest character is taken, every time. At 1 each is drawn with the "
        "network's own probability. **Press Generate.** **Look**: the left text soon goes in circles, though each of "
        "its steps was the best one. The right text does not repeat, and makes mistakes.",
        "温度为 0 时不抽取：每次都取最可能的字符。温度为 1 时按网络自身的概率抽取。**按“生成”**。"
        "**请看**：左边的文本很快开始兜圈子，尽管每一步都是最好的。右边的文本不重复，但会出错。",
    ),
    "lesson_title_4": ("Four temperatures", "四个温度"),
    "lesson_text_4": (
        "The notebook's four temperatures, one seed text and the same random numbers for all: only the temperature "
        "differs. **Press Generate**, then read a line of each aloud. **Look** for words that come again, and for "
        "words that do not exist. Below each text the same is counted.",
        "原笔记本的四个温度，同一种子文本，同一串随机数：只有温度不同。**按“生成”**，再把每列朗读一行。"
        "**请找**反复出现的词，以及不存在的词。每列下方是相应的计数。",
    ),
    "lesson_title_5": ("Through training", "训练历程"),
    "lesson_text_5": (
        "The same network before training and after more and more epochs; an epoch reads the whole corpus once. "
        "**Press Play.** **Look** at what comes first: noise, then short words, then long ones, then phrases. "
        "The bits say how surprised the network is by text it never read: each bit less halves the guesswork.",
        "同一个网络，训练前以及训练越来越多轮之后；一轮即通读一遍语料。**按“播放”**。**请看**先后出现什么："
        "噪声，然后是短单词，然后是长单词，然后是短语。比特数说明网络对从未读过的文本有多惊讶：每少一比特，猜测减半。",
    ),
    "lesson_title_6": ("Measure it", "度量它"),
    "lesson_text_6": (
        "One text proves little. Here the network writes {characters:,} characters at each of {temperatures} "
        "temperatures. **Press Measure.** **Look**: the hotter, the fewer real words, and the less "
        "repetition; the dashed line is the corpus. Which temperature comes closest to it on all panels?",
        "一段文本说明不了什么。这里网络在 {temperatures} 个温度下各写 {characters:,} 个字符。**按“度量”**。"
        "**请看**：温度升高，真实单词减少，重复也减少；虚线是语料本身。哪个温度在各图中都最接近它？",
    ),
}
