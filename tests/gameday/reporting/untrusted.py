"""Text that a model, a server or a file may hold, and that must do nothing in a report."""

HOSTILE = (
    "<script>alert(1)</script>",
    "</bdi></td></table><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' style='background:url(http://evil.example)'",
    "</style><svg onload=alert(1)>",
    "<!--",
    "]]><iframe src=javascript:alert(1)>",
    "{{ 7*7 }}{% for x in y %}",
    "[click](javascript:alert(1)) ![i](http://evil.example/p.png)",
    "<http://evil.example> https://evil.example www.evil.example",
    "@everyone ping @octo-org/team and ana@mail.example",
    "```\n# heading\n```\n````html\n<b>x</b>",
    "| a | b |\n|---|---|\n| **bold** _it_ ~~gone~~ `code` |",
    "line\r\n# injected heading\r\n- item",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31mC1\x85next\x00nul\x08\x7f",
    "user\u202etxt.exe\u202c \u2066iso\u2069 \u200e\u200f\u061c",
    "zero\u200b\u200c\u200d\ufeff\u00adwidth \u2060\u180e\u3164 \U000e0041\U000e0042",
    "&lt;b&gt; &#60;script&#62; &amp;",
)
INVISIBLE = "\x1b\x00\x07\x08\x7f\x85\x9b\u202e\u202c\u2066\u2069\u200b\u200d\u200e\ufeff\u00ad"
