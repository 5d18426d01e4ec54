"""Sixty-four texts that want to be more than text, and a reader that tells what of them became it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MARK = "xssmark"
PAYLOADS = [
    f"<script>{MARK}()</script>", f"<img src=x onerror={MARK}()>", f"<svg onload={MARK}()>",
    f"<svg><script>{MARK}()</script></svg>", f"\"><script>{MARK}()</script>", f"'><img src=x onerror={MARK}()>",
    f"\" autofocus onfocus={MARK}() x=\"", f"</textarea><script>{MARK}()</script>", f"</title><script>{MARK}()</script>",
    f"<a href=javascript:{MARK}()>x</a>", f"[x](javascript:{MARK}())", f"[x](JAVASCRIPT:{MARK}())",
    f"[x](java&#x09;script:{MARK}())", f"[x](&#106;avascript:{MARK}())", f"[x](data:text/html,<script>{MARK}()</script>)",
    f"[x](vbscript:{MARK}())", f"[x][y]\n\n[y]: javascript:{MARK}()", f"<javascript:{MARK}()>",
    f"![x](javascript:{MARK}())", f'![x](x "onerror={MARK}()")', f"[x](/help \"onmouseover={MARK}()\")",
    f"<iframe srcdoc='<script>{MARK}()</script>'></iframe>", f"<object data=javascript:{MARK}()>",
    f"<math><mtext><script>{MARK}()</script>", f"<details open ontoggle={MARK}()>",
    f"<style>@import 'javascript:{MARK}()'</style>", f"<base href=//{MARK}.example>",
    f"<form action=javascript:{MARK}()><button>", f"<meta http-equiv=refresh content=0;url=javascript:{MARK}()>",
    f"{{{{ {MARK} }}}}", f"{{% for x in {MARK} %}}", f"`<script>{MARK}()</script>`", f"```\n<script>{MARK}()</script>\n```",
    f"| <img src=x onerror={MARK}()> | b |\n| - | - |\n| <svg onload={MARK}()> | d |", f"## <img src=x onerror={MARK}()>",
    f"<!--><script>{MARK}()</script>-->", f"<![CDATA[<script>{MARK}()</script>]]>",
    f"<x onclick={MARK}() hx-get=/sign-out hx-trigger=load>",
    f"\" onmouseover={MARK}() \"", f"' onclick={MARK}() '", f"</script><script>{MARK}()</script>", f"</style><script>{MARK}()</script>",
    f"<ScRiPt>{MARK}()</sCrIpT>", f"<script/x>{MARK}()</script>", f"<scr<script>ipt>{MARK}()</script>", f"<img src=`x` onerror={MARK}()>",
    f"<img/src=x/onerror={MARK}()>", f"<input autofocus onfocus={MARK}()>", f"<video><source onerror={MARK}()>", f"<body onload={MARK}()>",
    f"<marquee onstart={MARK}()>", f"<svg><a xlink:href=javascript:{MARK}()><text>x</text></a></svg>",
    f"<svg><animate onbegin={MARK}() attributeName=x dur=1s>",
    f"<template><script>{MARK}()</script></template>", f"<noscript><p title=\"</noscript><img src=x onerror={MARK}()>\">",
    f"<link rel=stylesheet href=//{MARK}.example>", f"<mj-raw><script>{MARK}()</script></mj-raw>", f"&lt;script&gt;{MARK}()&lt;/script&gt;",
    f"${{{MARK}}}", f"\u202e<script>{MARK}()</script>", f"\u00ab<script>{MARK}()</script>\u00bb", f"javascript:{MARK}()",
    f"<a href='&#x6A;avascript:{MARK}()'>x</a>", f"<button form=x formaction=javascript:{MARK}()>x</button>",
]  # fmt: skip
URL_ATTRIBUTES = {"href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"}


class Page(HTMLParser):
    """What of the marker became more than text: inside a script or style, in a handler, an address or a tag's name."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.seen = False
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag if tag in {"script", "style"} else ""
        for name, value in attrs:
            text = value or ""
            self.seen = self.seen or MARK in text
            scheme = re.sub(r"[\s\x00-\x1f]", "", text).lower()
            if MARK in name or (MARK in text and (name.startswith(("on", "hx-")) and name != "hx-post")):
                self.bad.append(f"<{tag} {name}={text}>")
            if (
                name in URL_ATTRIBUTES
                and scheme.startswith(("javascript:", "data:", "vbscript:"))
                and MARK in text
            ):
                self.bad.append(f"<{tag} {name}={text}>")
            if name in {"http-equiv", "srcdoc"} and tag != "link":
                self.bad.append(f"<{tag} {name}>")
        if MARK in tag or tag in {"iframe", "object", "base", "embed", "math"}:
            self.bad.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""

    def handle_data(self, data: str) -> None:
        self.seen = self.seen or MARK in data
        if self._raw and MARK in data:
            self.bad.append(f"{self._raw}: {data[:80]}")
