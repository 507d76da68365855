"""Microseconds of each step of text analysis, beside its budget.

Run ``python benchmarks/bench_text.py``. Medians of short rounds; the machine may be shared, so
compare lines with one another and with the empty round at the top.
"""

import random
import statistics
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bawwab.core.model.text import TextModel
from bawwab.core.text.analysis import analyse
from bawwab.core.text.entities import mask
from bawwab.core.text.fingerprint import bands, signature, similarity
from bawwab.core.text.ngrams import hashed
from bawwab.core.text.normalise import normalise
from bawwab.core.text.views import views
from bawwab.stores.library import messages, read_library
from bawwab.stores.models import load_champion

KINDS = {
    "ascii": "Hello Sara, thank you for your visit today. We would love to hear what you think of our "
    "service, the waiting time and the staff. It helps us to become better. See you soon",
    "bank": "Your Example Bank card ending 4421 was used for SAR 129.50 at Danube on 14/11 at 18:42. "
    "Not you? Call 920001234 or open https://bank.example.com/x1 now. Thanks",
    "arabic": "عزيزي العميل، تم خصم مبلغ ١٢٩٫٥٠ ريال من بطاقتك المنتهية بـ 4421 لدى الدانوب بتاريخ 14/11 "
    "الساعة 18:42. إذا لم تقم بالعملية اتصل بنا على 920001234 أو عبر التطبيق",
    "vietnamese": "Quý khách vừa thanh toán 250.000đ bằng thẻ *4421 tại cửa hàng Bách Hoá lúc 18:42 ngày "
    "14/11/2025. Nếu không phải quý khách thực hiện, vui lòng gọi 1900 1234 ngay",
    "chinese": "【示例银行】您尾号4421的信用卡于11月14日18时42分在示例超市消费人民币129.50元，可用额度8,870.50元。"
    "如非本人操作，请立即致电955001或点击https://bank.example.cn/x1锁定卡片。请勿向任何人泄露验证码，感谢您的信任与支持。",
    "disguised": "Yоur pаrcеl is w@iting. C1ick  h e r e  to p\u200bay the f\u200bee of 1,99 at "
    "hxxps://dhl-fee[.]top/x or ｃａｌｌ us. 𝗙𝗥𝗘𝗘 gift f.o.r. the f1rst c4llers, p.r.i.z.e too",
    "nothing but marks": "a" + "\u0301\u0327\u0335" * 53,
}
BUDGETS = {
    "normalise": "≤ 40, ascii ≤ 3",
    "known template": "≤ 40",
    "n-grams": "≤ 75",
    "new wording": "≤ 150",
    "signature": "≤ 50",
}


def microseconds(work: Callable[[], object], *, rounds: int = 15, repeat: int = 200) -> float:
    """Median over short rounds."""
    return statistics.median(timeit.repeat(work, number=repeat, repeat=rounds)) / repeat * 1e6


def measure(model: TextModel, text: str) -> list[float]:
    """Every step on one text."""
    normalised = normalise(text)
    masked = mask(normalised).text
    seen = views(masked)
    return [
        microseconds(lambda: normalise(text)),
        microseconds(lambda: mask(normalised)),
        microseconds(lambda: analyse(text)),
        microseconds(lambda: hashed(masked)),
        microseconds(lambda: views(masked)),
        microseconds(lambda: model.score_views(seen)),
        microseconds(lambda: model.score(analyse(text).masked)),
        microseconds(lambda: signature(masked)),
    ]


STEPS = ("normalise", "mask", "known template", "n-grams", "views", "scores", "new wording", "signature")


def main() -> None:
    """Print the table, the batch rate and the growth on hostile input."""
    model = load_champion(Path("models")).text
    print(f"{'µs':20}" + "".join(f"{step:>16}" for step in STEPS))
    print(f"{'budget':20}" + "".join(f"{BUDGETS.get(step, ''):>16}" for step in STEPS))
    for kind, text in KINDS.items():
        print(f"{kind + f' ({len(text)})':20}" + "".join(f"{value:16.1f}" for value in measure(model, text)))
    one = signature("your parcel is waiting")
    print(f"\nbands {microseconds(lambda: bands(one)):.1f}, similarity "
          f"{microseconds(lambda: similarity(one, one)):.1f}")  # fmt: skip
    texts = [mask(text).text for text in KINDS.values()] * 200
    seconds = min(timeit.repeat(lambda: [views(text) for text in texts], number=1, repeat=3))
    print(f"views: {len(texts) / seconds:,.0f} texts/s")
    written = list(KINDS.values()) * 200
    seconds = min(timeit.repeat(lambda: [analyse(text) for text in written], number=1, repeat=3))
    print(f"analyse: {len(written) / seconds:,.0f} messages/s")
    seconds = min(timeit.repeat(lambda: [model.score(text) for text in texts], number=1, repeat=3))
    print(f"score: {len(texts) / seconds:,.0f} masked texts/s")
    seconds = min(
        timeit.repeat(lambda: [model.score(analyse(text).masked) for text in written], number=1, repeat=3)
    )
    print(f"new wordings: {len(written) / seconds:,.0f} messages/s")
    typical(model)
    hostile(model)


LIBRARY = Path("data/messages")
ABOUT_160 = range(140, 181)  # characters
SAMPLE = 1000


def typical(model: TextModel) -> None:
    """Quartiles over messages of our library, in all its languages, each step the best of five."""
    found = [m.text for m in messages(read_library(LIBRARY), fillings=1, seed=1) if len(m.text) in ABOUT_160]
    texts = random.Random(1).sample(found, SAMPLE)
    steps = {
        "normalise": normalise,
        "known template": analyse,
        "new wording": lambda text: model.score(analyse(text).masked),
    }
    print(
        f"\n{SAMPLE} library messages of {ABOUT_160[0]} to {ABOUT_160[-1]} characters, µs at 25, 50, 75 and 95 %"
    )
    for name, step in steps.items():
        best = [min(timeit.repeat(partial(step, text), number=1, repeat=5)) * 1e6 for text in texts]
        print(
            f"{name:20}" + "".join(f"{value:10.0f}" for value in np.quantile(best, (0.25, 0.5, 0.75, 0.95)))
        )


HOSTILE = {
    "combining marks": "\u0301\u0327", "letters": "ab", "one-letter words": "a ", "dotted": "a.", "digits": "12",
    "digit groups": "1 ", "mixed": "a1", "hosts": "a.com", "at signs": "@a", "schemes": "http://", "mixed scripts": "aа",
    "stars": "*", "opening brackets": "[.", "joiners": "ر\u200c", "honorifics": "\ufdfa", "numbers": "1.1,", "leet": "a0",
    "hyphens": "a-1", "plus signs": "+1", "tatweel": "رـ", "dots": "x..", "months": "1 jan", "ideas": "请勿", "squared": "㍿",
}  # fmt: skip


def judge(model: TextModel, text: str) -> tuple[str, ...]:
    """Analyse a text, score it, and name what it speaks of."""
    return model.about(model.score(analyse(text).masked))


def hostile(model: TextModel) -> None:
    """Time of the whole way at 1,024 and 4,096 characters: about 4 where it is linear."""
    print(f"\n{'hostile':20}{'1,024 µs':>12}{'4,096 µs':>12}{'ratio':>8}")
    for name, piece in HOSTILE.items():
        short, long = ((piece * 4096)[:size] for size in (1024, 4096))
        times = [microseconds(partial(judge, model, text), rounds=3, repeat=3) for text in (short, long)]
        print(f"{name:20}{times[0]:12.0f}{times[1]:12.0f}{times[1] / times[0]:8.1f}")


if __name__ == "__main__":
    main()
