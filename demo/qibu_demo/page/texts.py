"""The words of the page in both languages, one table."""

from collections.abc import Mapping, Sequence
from html import escape

Words = tuple[str, str]  # in English and in Chinese

WORDS: Mapping[str, Words] = {
    # the page
    "subtitle": (
        "Small recurrent networks that write Tang poems and read handwriting, one step at a time",
        "小小的循環神經網絡：一步一字寫唐詩，一行一行認手寫數字",
    ),
    "tab_write": ("Write", "寫詩"),
    "tab_read": ("Read", "手寫"),
    "tab_look": ("Look inside", "看"),
    "tab_models": ("Models", "模型"),
    # a page for one model
    "does_poem": (
        "Writes poems in the manner of the Tang, one character at a time",
        "一步一字寫唐詩",
    ),
    "does_text_char": (
        "Writes text like that which it was trained on, one character at a time",
        "一步一字，寫出與其訓練文字相似的文字",
    ),
    "does_text_byte": (
        "Writes text like that which it was trained on, one byte at a time",
        "一步一字節，寫出與其訓練文字相似的文字",
    ),
    "does_digits": (
        "Reads a handwritten digit row by row from the top, and answers after every row",
        "自上而下逐行認手寫數字，每行一答",
    ),
    "does_digits_whole": (
        "Reads the rows of a handwritten digit both ways, as a whole",
        "雙向讀手寫數字，整體一答",
    ),
    "does_pictures": (
        "Tells {labels} apart: reads a picture row by row from the top, and answers after every "
        "row",
        "分辨 {labels}：自上而下逐行讀圖，每行一答",
    ),
    "does_pictures_whole": (
        "Tells {labels} apart: reads the rows of a picture both ways, as a whole",
        "分辨 {labels}：雙向讀圖，整體一答",
    ),
    "does_step": (
        "Steps over a recording: reads {inputs} at every step, gives {outputs}, carries {states}",
        "逐步處理記錄：每步讀 {inputs}，給出 {outputs}，狀態為 {states}",
    ),
    "labels_more": ("{labels} and {count} more classes", "{labels} 等共 {all} 類"),
    "and": ("{most} and {last}", "{most}、{last}"),
    "comma": (", ", "、"),
    "fact_weights": ("{count:,} weights", "{count:,} 個權重"),
    "fact_trained": ("trained on {names}", "訓練於 {names}"),
    "fact_tested": ("{figure} {value} on test data", "測試集{figure} {value}"),
    "fact_validated": ("{figure} {value} on data held out", "留出數據{figure} {value}"),
    "fact_producer": ("made by {producer}", "由 {producer} 生成"),
    "fact_silent": ("says nothing more of itself", "無其他自述"),
    "figure_perplexity": ("perplexity", "困惑度"),
    "figure_accuracy": ("accuracy", "準確率"),
    "figure_bits_per_character": ("bits per character", "每字比特數"),
    # write
    "form": ("Form", "體裁"),
    "start": ("Opening", "開頭"),
    "start_hint": ("such as 春", "如：春"),
    "acrostic": ("Acrostic", "藏頭"),
    "acrostic_hint": ("such as 七步成詩", "如：七步成詩"),
    "rhyme": ("Rhyme", "韻"),
    "rhyme_info": ("a group, or a character in it", "韻部，或其中一字"),
    "title": ("Title", "題"),
    "title_hint": ("what the poem is about", "寫什麼"),
    "author": ("In the manner of", "擬"),
    "temperature": ("Temperature", "溫度"),
    "temperature_info": ("lower is safer, higher is wilder", "低則穩，高則奇"),
    "top_p": ("Top-p", "Top-p"),
    "top_p_info": ("draw among the likeliest characters", "只在最可能的字中取"),
    "seed": ("Seed", "種子"),
    "seed_info": ("the same seed, the same poem", "同一種子，同一首詩"),
    "script": ("Script", "字體"),
    "traditional": ("traditional", "繁體"),
    "simplified": ("simplified", "简体"),
    "best_of": ("Best of", "取最佳"),
    "best_of_info": ("so many are written, one is shown", "寫若干首，取一首"),
    "more": ("More", "更多"),
    "direction": ("Direction", "排版"),
    "vertical": ("vertical", "直排"),
    "horizontal": ("horizontal", "橫排"),
    "tones": ("Show tones and rhymes", "標平仄與韻"),
    "write": ("Write", "寫"),
    "stop": ("Stop", "停"),
    "another": ("Another one", "再來一首"),
    "again": ("Same again", "重寫此首"),
    "copy": ("Copy", "複製"),
    "copy_link": ("Copy link", "複製鏈接"),
    "copied": ("copied", "已複製"),
    "examples": ("Examples", "例"),
    "poem": ("Poem", "詩"),
    "poem_here": ("The poem appears here.", "詩在此處寫出。"),
    "report": ("Rules", "格律"),
    "no_rules": ("a free form: no rules to keep", "古風，不論平仄"),
    "kept": ("kept", "合"),
    "broken": ("broken", "不合"),
    "pattern": ("pattern", "格"),
    "rhymes_on": ("rhyme", "韻"),
    "likely": ("log-probability per character", "每字對數概率"),
    "key": ("○ level  ● oblique  ◎ either  △ rhyme", "○平 ●仄 ◎可平可仄 △韻"),
    # any text
    "start_text": ("What it begins with", "開頭"),
    "knows": ("knows {count:,} characters: {characters}", "識得 {count:,} 字：{characters}"),
    "knows_any": ("takes any character", "任何字皆可"),
    "another_text": ("Another one", "再來一篇"),
    "length": ("Characters", "字數"),
    "stop_before": ("Stop before (\\n: the end of a line)", "止於（\\n：行末）"),
    "text_here": ("The text appears here.", "文字在此處寫出。"),
    "ended_length": ("as long as asked", "字數已足"),
    "ended_end": ("ended by the network", "自行收筆"),
    "ended_stop": ("stopped before the given text", "止於指定文字之前"),
    # any model
    "csv": ("CSV: a row a step", "CSV：每行一步"),
    "run_rows": ("Run the rows", "逐行運行"),
    "upload_csv": ("Open a CSV", "打開 CSV"),
    "plots_here": ("Outputs and states appear here.", "輸出與狀態在此處顯示。"),
    "steps_made": ("{count} steps", "{count} 步"),
    "step_number": ("step {step}", "第 {step} 步"),
    "outputs_over": ("Outputs", "輸出"),
    "states_over": ("States", "狀態"),
    "units_of": ("{count} numbers", "{count} 個數"),
    "units_shown": ("the first {shown} of {count} numbers", "{count} 個數中的前 {shown} 個"),
    # read
    "draw": ("Draw a digit", "寫一個數字"),
    "draw_any": (
        "Draw a picture, or upload one: {labels}",
        "畫一幅，或上傳一幅：{labels}",
    ),
    "draw_help": (
        "Draw with mouse or finger. Keyboard: arrows move the pen, space sets it down or lifts it.",
        "用鼠標或手指寫。鍵盤：方向鍵移筆，空格落筆、提筆。",
    ),
    "draw_any_help": (
        "Draw with mouse or finger. Keyboard: arrows move the pen, space sets it down or lifts it.",
        "用鼠標或手指畫。鍵盤：方向鍵移筆，空格落筆、提筆。",
    ),
    "clear": ("Clear", "清除"),
    "upload_digit": ("Upload a picture", "上傳圖片"),
    "read": ("Read", "讀"),
    "samples": ("Or take one of these", "或取現成的"),
    "sees": ("What the network sees", "網絡所見"),
    "row_of": ("row {row} of {rows}", "第 {row} 行，共 {rows} 行"),
    "early": ("sure from row {row}", "第 {row} 行已有把握"),
    "early_wrong": (
        "sure of {label} at row {row}, then changed its mind",
        "第 {row} 行以為是 {label}，後來改了",
    ),
    "never_sure": ("not sure until the end", "到最後都沒有把握"),
    "whole": ("reads both ways, so only as a whole", "雙向，只能整體讀"),
    "draw_first": ("draw something first", "先寫一個"),
    "draw_any_first": ("draw something first", "先畫一幅"),
    "digits_here": ("The readings appear here.", "結果在此處顯示。"),
    # look
    "a_digit": ("Look at what is drawn under Read", "看「手寫」中所寫的"),
    "model": ("Model", "模型"),
    "run": ("Write to the end", "寫到底"),
    "step": ("One step", "走一步"),
    "back": ("One step back", "退一步"),
    "position": ("Character number", "第幾字"),
    "instead": ("What if it had been", "如果是這個字"),
    "what_if": ("What if?", "如果……"),
    "save_state": ("Save the state", "存狀態"),
    "load_state": ("Load a state", "載入狀態"),
    "download_state": ("Download the state after {count} characters", "下載 {count} 字後的狀態"),
    "state_here": ("The state appears here.", "狀態在此處顯示。"),
    "loaded": ("a loaded state", "載入的狀態"),
    "layer": ("layer {layer}", "第 {layer} 層"),
    "moved": ("how far it moved", "變動"),
    "hidden": ("hidden state h", "隱藏狀態 h"),
    "cell_state": ("cell state c", "細胞狀態 c"),
    "as_it_was": ("as it was", "原詩"),
    "forked": ("if it had been {character}", "如果是「{character}」"),
    "nothing_yet": ("write something first", "先寫幾個字"),
    # models
    "bundled": ("Models that come with Qibu", "隨附模型"),
    "name": ("name", "名稱"),
    "task": ("task", "用途"),
    "cell": ("cell", "單元"),
    "size": ("size", "大小"),
    "weights": ("weights", "權重"),
    "figure": ("on the test split", "測試集"),
    "text": ("poems", "詩"),
    "digits": ("digits", "數字"),
    "measure": ("Measure a step on this machine", "測量每步用時"),
    "provider": ("provider", "後端"),
    "step_time": ("a step", "每步"),
    "inspect": ("Inspect a model file", "查看模型文件"),
    "inspect_help": (
        "Any .onnx with explicit state. It is read, never run, and not kept.",
        "任何狀態顯式進出的 .onnx。只讀不運行，不保存。",
    ),
    "upload_model": ("Upload an .onnx file", "上傳 .onnx 文件"),
    "states": ("states", "狀態"),
    "inputs": ("inputs", "輸入"),
    "outputs": ("outputs", "輸出"),
    "producer": ("made by", "來自"),
    "operators": ("operators", "算子"),
    "says": ("says of itself", "自述"),
    # troubles
    "trouble": ("Sorry, something went wrong on our side.", "抱歉，我們這邊出了錯。"),
}


def say(key: str, language: str, **values: object) -> str:
    """Give a text of the table in "en" or "zh", with its blanks filled in."""
    return WORDS[key][language == "zh"].format(**values)


def words(key: str, **values: object | Words) -> Words:
    """Give a text of the table in both languages, with its blanks filled in; a pair fills each."""
    english, chinese = (
        {
            name: value[place] if isinstance(value, tuple) else value
            for name, value in values.items()
        }
        for place in (0, 1)
    )
    return say(key, "en", **english), say(key, "zh", **chinese)


def joined(names: Sequence[str]) -> Words:
    """Name several things in both languages, with commas between."""
    english, chinese = (comma.join(names) for comma in WORDS["comma"])
    return english, chinese


def listed(names: Sequence[str]) -> Words:
    """Name several things in both languages, the last one with an "and"."""
    if len(names) < 2:
        return joined(names)
    return words("and", most=joined(names[:-1]), last=names[-1])


def bilingual(text: Words, kind: str = "p", style: str = "qb-empty") -> str:
    """Give a text in both languages as HTML; the page shows the one that it speaks."""
    if text[0] == text[1]:
        return f'<{kind} class="{style}">{escape(text[0], quote=False)}</{kind}>'
    return "".join(
        f'<{kind} class="{style}" lang="{code}">{escape(said, quote=False)}</{kind}>'
        for code, said in zip(("en", "zh"), text, strict=True)
    )


def both(key: str, kind: str = "p", style: str = "qb-empty") -> str:
    """Give a text of the table in both languages as HTML."""
    return bilingual(WORDS[key], kind, style)


def translations() -> dict[str, dict[str, str]]:
    """Give the table by the locales that gradio's page may choose."""
    english = {key: words[0] for key, words in WORDS.items()}
    chinese = {key: words[1] for key, words in WORDS.items()}
    return {"en": english, "zh": chinese, "zh-CN": chinese, "zh-TW": chinese}
