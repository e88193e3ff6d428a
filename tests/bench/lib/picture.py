"""Size against latency, drawn: one panel a set."""
import math
from xml.sax.saxutils import escape

WIDTH, PANEL = 960, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 46, 74
FONT = 12
LETTER, BOLD = 6.7, 7.6     # width of one, about
TICKS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300, 500)
OURS = "#c0392b"
THEIRS = "#34495e"
SOLID = "#7f8c8d"
STYLE = """<style>
text { font-family: sans-serif; font-size: %dpx; fill: #222 }
.title { font-size: 15px; font-weight: bold }
.grid { stroke: #e3e3e3 } .axis { stroke: #888 }
</style>
""" % FONT


def text_at(x, y, text, extra=""):
    return '<text x="%.1f" y="%.1f" %s>%s</text>\n' % (x, y, extra,
                                                     escape(text))


class Panel:
    """One set: % of raw to the right, µs upwards, both logarithmic"""

    def __init__(self, name, result, top):
        self.name, self.result, self.top = name, result, top
        rows = [r for r in result["rows"].values() if "size" in r]
        self.points = [r for r in rows if "p50_us" in r]
        self.solid = [r for r in rows if "p50_us" not in r
                      and "failed" not in r]
        shares = [self.share(r) for r in rows]
        self.least = min(shares) * 0.8
        self.most = max(shares) * 1.5
        times = [r["p50_us"] for r in self.points] or [1, 100]
        self.low = math.floor(math.log10(min(times)) - 0.05)
        self.high = math.ceil(math.log10(max(times)) + 0.05)
        self.boxes = []

    def share(self, row):
        return 100 * row["size"] / self.result["bytes"]

    def x(self, share):
        part = math.log(share / self.least) / math.log(self.most / self.least)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, us):
        part = (math.log10(us) - self.low) / (self.high - self.low)
        return self.top + PANEL - BOTTOM - part * (PANEL - TOP - BOTTOM)

    def axes(self):
        bottom, out = self.top + PANEL - BOTTOM, ""
        for share in TICKS:
            if not self.least <= share <= self.most:
                continue
            x = self.x(share)
            out += ('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                    '\n' % (x, x, self.top + TOP, bottom))
            out += text_at(x, bottom + 16, "%d %%" % share,
                           'text-anchor="middle"')
        for power in range(self.low, self.high + 1):
            y = self.y(10.0 ** power)
            out += ('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'
                    '\n' % (LEFT, WIDTH - RIGHT, y, y))
            out += text_at(LEFT - 8, y + 4, "%g µs" % 10.0 ** power,
                           'text-anchor="end"')
        return out + (
            '<path class="axis" fill="none" d="M%d %dV%dH%d"/>\n'
            % (LEFT, self.top + TOP, bottom, WIDTH - RIGHT))

    def is_free(self, box):
        x0, y0, x1, y1 = box
        inside = (x0 >= LEFT and x1 <= WIDTH - 4 and y0 >= self.top + TOP - 8
                  and y1 <= self.top + PANEL - BOTTOM)
        return inside and all(x1 < b[0] or b[2] < x0 or y1 < b[1] or b[3] < y0
                              for b in self.boxes)

    def label_box(self, x, y, width):
        """the nearest place for a label that touches nothing"""
        for far in range(0, 200, 6):
            for dx, dy in ((9 + far * 0.6, 4), (9, 4 - far), (9, 4 + far),
                           (-width - 9 - far * 0.6, 4),
                           (-width - 9, 4 - far), (-width - 9, 4 + far),
                           (-width / 2, -10 - far), (-width / 2, 18 + far)):
                box = (x + dx, y + dy - FONT, x + dx + width, y + dy + 3)
                if self.is_free(box):
                    return box
        return (x + 9, y + 4 - FONT, x + 9 + width, y + 7)

    def point(self, row):
        x, y = self.x(self.share(row)), self.y(row["p50_us"])
        ours = row["label"].startswith("**")
        label = row["label"].strip("*")
        box = self.label_box(x, y, (BOLD if ours else LETTER) * len(label))
        self.boxes.append(box)
        color = OURS if ours else THEIRS
        near = min(max(x, box[0]), box[2])
        out = ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#bbb"/>'
               '\n' % (x, y, near, (box[1] + box[3]) / 2))
        out += '<circle cx="%.1f" cy="%.1f" r="%d" fill="%s"/>\n' % (
            x, y, 6 if ours else 4, color)
        weight = ' font-weight="bold"' if ours else ""
        right = box[2] <= x
        return out + text_at(
            box[2] - 1 if right else box[0] + 1, box[3] - 3, label,
            'style="fill:%s"%s%s' % (color, weight, ' text-anchor="end"'
                                     if right else ""))

    def solid_marks(self):
        """sizes of those that have no random get: below the axis"""
        bottom, out = self.top + PANEL - BOTTOM, ""
        ends = [0.0, 0.0]
        rows = sorted(self.solid, key=self.share)
        for row in rows:
            x = self.x(self.share(row))
            lane = 0 if ends[0] <= x else 1
            at = max(x, ends[lane])
            ends[lane] = at + LETTER * len(row["label"]) + 24
            out += '<path d="M%.1f %dl-4 8h8z" fill="%s"/>\n' % (
                x, bottom, SOLID)
            out += text_at(at + 4, bottom + 34 + 16 * lane, "▴ %s" %
                           row["label"], 'style="fill:%s"' % SOLID)
        return out

    def draw(self):
        title = "%s: %s files, %.0f MB" % (
            self.name, format(self.result["files"], ","),
            self.result["bytes"] / 1e6)
        out = text_at(LEFT, self.top + 22, title, 'class="title"')
        out += text_at(WIDTH - RIGHT, self.top + 22, "random get, p50, in the "
                       "page cache, against size; ▴ no random get",
                       'text-anchor="end"')
        out += self.axes()
        self.boxes += [(self.x(self.share(r)) - 7, self.y(r["p50_us"]) - 7,
                        self.x(self.share(r)) + 7, self.y(r["p50_us"]) + 7)
                       for r in self.points]
        rows = sorted(self.points, key=lambda r: r["label"][0] != "*")
        return out + "".join(self.point(r) for r in rows) + self.solid_marks()


def draw(results):
    height = PANEL * max(1, len(results["sets"]))
    out = ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
           'viewBox="0 0 %d %d">\n' % (WIDTH, height, WIDTH, height))
    out += STYLE + '<rect width="100%" height="100%" fill="white"/>\n'
    for i, (name, result) in enumerate(results["sets"].items()):
        out += Panel(name, result, i * PANEL).draw()
    return out + "</svg>\n"
