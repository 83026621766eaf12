"""Words of the sidebar's training panel."""

WORDS = {
    "training": ("Training", "训练"),
    "train_epochs": ("More epochs", "再训练轮数"),
    "train_epochs_help": (
        "How many more times the network goes through its text; held-out text is never trained on.",
        "网络再读多少遍训练文本；留出的文本从不用于训练。",
    ),
    "train": ("Train", "训练"),
    "stop_training": ("Stop training", "停止训练"),
    "cannot_train": ("This machine cannot train: {reason}", "本机无法训练：{reason}"),
    "corpus": ("Train on", "训练文本"),
    "corpus_help": (
        "The text of the model on the page trains that model on; another text makes a new model from scratch.",
        "选择页面上模型自己的文本会继续训练它；选择其他文本会从头训练一个新模型。",
    ),
    "corpus_same": ("its own text, further", "它自己的文本，继续训练"),
    "corpus_nietzsche": ("Nietzsche, a new model", "尼采，新模型"),
    "corpus_python-docs": ("Python manual, a new model", "Python 手册，新模型"),
    "corpus_tang-poems": ("Tang poems, a new model", "唐诗，新模型"),
    "corpus_own": ("my own text, a new model", "我自己的文本，新模型"),
    "upload_corpus": ("Text file", "文本文件"),
    "upload_corpus_help": (
        "Plain text in any common encoding, at least 1,000 characters and at most 20 MB.",
        "任何常见编码的纯文本，至少 1,000 个字符，最大 20 MB。",
    ),
    "paste_corpus": ("or paste it here", "或粘贴在这里"),
    "lowercase": ("Lower-case it", "转为小写"),
    "lowercase_help": (
        "Fewer characters are easier to learn, as in the notebook; leave it off to keep capitals.",
        "字符越少越容易学，原笔记本就是如此；不选则保留大写。",
    ),
    "kept_file": ("{name} is still here.", "{name} 仍在。"),
    "continue_model": ("Continue the model on the page", "继续训练页面上的模型"),
    "continue_model_help": (
        "Trains the model on the page on with this text, whose characters it all knows; off begins a new model.",
        "用这段文本继续训练页面上的模型（它认识其中所有字符）；不选则从头训练新模型。",
    ),
    "no_corpus_yet": ("Upload a text file or paste a text first.", "请先上传文本文件或粘贴一段文本。"),
    "no_corpus_here": (
        "The text this model was trained on, {name}, is not known here. Choose Train on: my own text, give a text "
        "in its characters, and switch on: Continue the model on the page.",
        "本机没有该模型的训练文本 {name}。请在“训练文本”中选择“我自己的文本”，提供只含其字符的文本，"
        "并打开“继续训练页面上的模型”。",
    ),
    "units": ("Units", "单元数"),
    "units_help": (
        "Numbers that each LSTM layer remembers; twice as many take up to four times as long.",
        "每个 LSTM 层记住的数字个数；加倍最多要四倍时间。",
    ),
    "layers": ("Layers", "层数"),
    "layers_help": ("LSTM layers, one above the other.", "上下叠放的 LSTM 层数。"),
    "estimate": (
        "{characters:,} characters, {distinct} different ones: about {duration} an epoch on this machine.",
        "{characters:,} 个字符，其中 {distinct} 种不同：本机每轮约 {duration}。",
    ),
    "seconds": ("{value:.0f} s", "{value:.0f} 秒"),
    "minutes": ("{value:.0f} min", "{value:.0f} 分钟"),
    "training_advanced": ("Advanced", "高级"),
    "learning_rate": ("Learning rate", "学习率"),
    "learning_rate_help": (
        "The highest one of the run; empty takes a safe one for the model at hand.",
        "本次训练的最高学习率；留空则取对当前模型安全的值。",
    ),
    "batch_size": ("Batch size", "批大小"),
    "batch_size_help": (
        "How many places of the text are learnt from at once; empty takes 32.",
        "同时从文本的多少处学习；留空为 32。",
    ),
    "safe": ("safe", "安全值"),
    "downloading": ("Downloading the text: {kilobytes:,} kB", "正在下载文本：{kilobytes:,} kB"),
    "phase_queued": ("Waiting: place {place} in the queue.", "排队中：第 {place} 位。"),
    "phase_starting": ("Training is starting: loading Keras.", "训练正在启动：加载 Keras。"),
    "phase_stopping": ("Stopping …", "正在停止……"),
    "phase_done": ("Training is done.", "训练完成。"),
    "phase_cancelled": ("Training was stopped; finished epochs are kept.", "训练已停止；已完成的轮次保留。"),
    "phase_failed": ("{message}", "{message}"),
    "back_at_the_best": (
        "The last epoch did not have the lowest loss: the page is back at epoch {label}.",
        "最后一轮的损失不是最低的：页面已回到第 {label} 轮。",
    ),
    "damaged_epochs": (
        "Files of this model that cannot be read were left out: {files}.",
        "已跳过该模型中无法读取的文件：{files}。",
    ),
    "progress": ("Epoch {epoch} of {epochs}, step {step} of {steps}", "第 {epoch}/{epochs} 轮，第 {step}/{steps} 步"),
    "progress_numbers": (
        "Loss {bits:.3f} bits · {speed:,.0f} characters a second · {left} left",
        "损失 {bits:.3f} 比特 · 每秒 {speed:,.0f} 字符 · 剩余 {left}",
    ),
    "rolled_back": (
        "Epoch {epoch}: the loss blew up. Back to the last good weights, with learning rate {learning_rate:.2g}.",
        "第 {epoch} 轮：损失爆炸。已退回最后的好权重，学习率降为 {learning_rate:.2g}。",
    ),
    "show_nats": ("in nats", "以奈特计"),
    "show_nats_help": ("A nat is 1.44 bits; Keras counts in nats.", "1 奈特 = 1.44 比特；Keras 以奈特计。"),
    "loss_train": ("training", "训练"),
    "loss_held_out": ("held out", "留出"),
    "loss_epoch": ("epoch", "轮"),
    "loss_bits": ("bits a character", "每字符比特"),
    "loss_nats": ("nats a character", "每字符奈特"),
    "loss_alt": ("Training and held-out loss by epoch.", "各轮的训练损失与留出损失。"),
    "best_epoch": ("Best epoch", "最好的一轮"),
    "best_epoch_help": (
        "Goes to the epoch with the lowest held-out loss, or training loss where nothing is held out.",
        "回到留出损失最低的一轮；没有留出文本时看训练损失。",
    ),
    "reset_model": ("Back to the pretrained model", "回到预训练模型"),
    "reset_model_help": (
        "Undoes all training of this model; its shipped epochs stay.",
        "撤销对该模型的全部训练；自带的轮次保留。",
    ),
    "leave_model_help": (
        "Goes to the pretrained model; your own stays in the list of models.",
        "回到预训练模型；你自己的模型仍在模型列表中。",
    ),
    "save_load": ("Save and load", "保存与加载"),
    "download_model": ("Download this model", "下载此模型"),
    "download_model_help": ("One .keras file, which plain Keras opens too.", "一个 .keras 文件，Keras 也能直接打开。"),
    "upload_model": ("Load a .keras file", "加载 .keras 文件"),
    "upload_model_help": (
        "One saved here, or made elsewhere with Keras: Embedding or one-hot input, LSTM layers, Dense. "
        "It is read as data; nothing in it is run.",
        "在此保存的，或用 Keras 在别处做的：Embedding 或 one-hot 输入、LSTM 层、Dense。文件只作为数据读取。",
    ),
    "vocab_text": ("The text it was trained on", "它的训练文本"),
    "vocab_text_help": (
        "For files without a vocabulary: its sorted distinct characters are the model's.",
        "用于没有字符表的文件：文本中不同字符排序后即为模型的字符表。",
    ),
    "samples": ("Samples after each epoch", "每轮之后的样本"),
    "samples_epoch": (
        "Epoch {epoch}, held out {bits:.3f} bits a character",
        "第 {epoch} 轮，留出损失每字符 {bits:.3f} 比特",
    ),
    "samples_epoch_train": (
        "Epoch {epoch}, training {bits:.3f} bits a character",
        "第 {epoch} 轮，训练损失每字符 {bits:.3f} 比特",
    ),
    "samples_help": (
        "All from the seed text above and the same random numbers: only epoch and temperature differ.",
        "都从上面的种子文本和同一串随机数写出：只有轮次和温度不同。",
    ),
}
