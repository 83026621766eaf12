"""Words of the page around the views: model, language, address."""

WORDS = {
    "title": ("Watch an LSTM write", "看 LSTM 写作"),
    "view": ("View", "视图"),
    "view_help": (
        "What this page shows: the text being written, or one of the views that explain and measure it.",
        "本页显示什么：正在写的文本，或解释与度量它的视图。",
    ),
    "view_write": ("Write", "写作"),
    "language": ("Language · 语言", "语言 · Language"),
    "language_help": (
        "The language of this page; the model writes in its own.",
        "本页的语言；模型用它自己的语言写作。",
    ),
    "model": ("Model", "模型"),
    "model_help": (
        "The network that writes. A change acts from the next character on.",
        "写作的网络。更换后从下一个字符起生效。",
    ),
    "epoch": ("Epoch", "训练轮数"),
    "epoch_help": (
        "How long the network had been trained: 0 is untrained. A change acts from the next character on.",
        "网络训练了多少轮：0 为未训练。更改后从下一个字符起生效。",
    ),
    "model_facts": (
        "LSTM with {units} units, {vocab_size} characters, trained on {corpus}.",
        "LSTM，{units} 个单元，{vocab_size} 个字符，训练语料：{corpus}。",
    ),
    "model_bits": (
        "Held-out loss: {bits:.2f} bits a character.",
        "留出集损失：每字符 {bits:.2f} 比特。",
    ),
    "model_train_bits": (
        "Training loss: {bits:.2f} bits a character; nothing was held out.",
        "训练损失：每字符 {bits:.2f} 比特；未留出文本。",
    ),
    "collapsed": (
        "Training had collapsed by this epoch: its loss was {bits:.2f} bits a character, {lowest:.2f} at its best.",
        "到这一轮时训练已经崩溃：损失为每字符 {bits:.2f} 比特，最好时为 {lowest:.2f}。",
    ),
    "no_models": (
        "There is no model in the folder models/. Make one with `python -m charlstm train`, then reload this page.",
        "models/ 文件夹中没有模型。请用 `python -m charlstm train` 训练一个，然后刷新本页。",
    ),
    "address_ignored": (
        "The address asks for {key} = {asked}, which this page cannot use; it is {used} instead.",
        "地址中要求 {key} = {asked}，本页无法使用；改用 {used}。",
    ),
}
