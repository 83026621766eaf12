"""Words of the view that goes through training."""

WORDS = {
    "view_training": ("Through training", "训练历程"),
    "training_upto": ("Epoch on the screen", "屏幕上的训练轮数"),
    "training_upto_help": (
        "Each row is the model after so many epochs. All rows read the same seed text and draw with the same random "
        "numbers.",
        "每一行是训练了若干轮之后的模型。各行读同一种子文本，用同一串随机数。",
    ),
    "training_play": ("Play", "播放"),
    "training_epoch": ("Epoch", "轮数"),
    "training_bits": ("Bits a character, held out", "留出集每字符比特数"),
    "training_train_bits": ("Bits a character, training", "训练集每字符比特数"),
    "training_collapsed": ("collapsed", "已崩溃"),
    "training_text": ("What it writes", "它写出的文本"),
    "training_alone": (
        "This model has only one epoch to show. Choose another model, or train this one.",
        "这个模型只有一轮可看。请选择其他模型，或继续训练它。",
    ),
}
