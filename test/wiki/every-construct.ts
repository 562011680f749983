// A wiki with every construct that GitHub's wikis know, for the test that builds it. Read by MkDocs, not by people: each line is one of its kind.

export const everything: Record<string, string | Buffer> = {
  '.hidden': 'x',
  'Other.markdown': 'a',
  'About-Us.md': `---
title: Über uns
tags: [a]
---
# About

## Some: Heading

## Some: Heading

## Ümläut & Co.

## 日本語

[[#日本語]] [u](#ümläut--co) [s2](#some-heading-1) [top](Home#local-part) <img src="images/a b.png">
`,
  'Bom.md': Buffer.from('efbbbf2320426f6d0a', 'hex'),
  'CON.md': 'a',
  'Empty.md': '',
  'Home.md': `Welcome. See [[Über uns|About Us]], [[About Us]], [[about us]], [[About Us#Some: Heading]], [[Section here|#local-part]].
- list right below
- second [plain](About-Us) and [with ext](About-Us.md) and [dot](./About-Us#some-heading)
  - nested [[Deep Page]]

[[_TOC_]]

## Local part

Absolute: [a](https://ghe.test/acme/pay/wiki/About-Us), [b](/acme/pay/wiki/About-Us), [c](../wiki/About-Us), [issue](../issues/3), [src](/acme/pay/blob/main/README.md), <https://ghe.test/acme/pay/wiki/About-Us>, https://ghe.test/acme/pay/wiki/About-Us bare.
Missing: [[No Such Page]], [x](No-Such), [[gone.png]], ![gone](images/gone.png).
Blank in address: [odd](About Us), [angle](<About Us>), [title](About-Us "a title"), [paren](Page-(x)).
Images: ![i](images/a b.png) ![j](images/a%20b.png) [[images/a b.png]] [[images/a b.png|alt=Alt text|width=100px]] [![linked](images/a%20b.png)](About-Us) ![raw](https://ghe.test/raw/wiki/acme/pay/images/a%20b.png) ![raw2](https://raw.ghe.test/wiki/acme/pay/images/a%20b.png)
File: [[Manual|manual v1.pdf]], [pdf](manual%20v1.pdf), [rst](Old-Notes), [[Old Notes]], [adoc](deep/spec.adoc)
Footnote[^1], ref [one], [two][one], [three][].

[one]: About-Us
[three]: images/a%20b.png "pic"
[^1]: A note with [[About Us]].

| Table | b |
|---|---|
| [[T\\|About Us]] | \`[[code]]\` |
| [[About Us]] | ![i](images/a%20b.png) |

\`\`\`bash
if [[ -f x ]]; then echo "[[Home]]" ; fi
[a](nowhere)
\`\`\`

    indented [[code]] [a](nowhere2)

Text with if [[ -f x ]] and \`[a](nowhere3)\`.

> quote [[About Us]]
> - list

<details><summary>More</summary>

Inside **bold** [[About Us]] ![i](images/a%20b.png)

</details>

<img src="images/a b.png" width="20" onerror="alert(1)"> <a href="About-Us">html link</a> <a href="javascript:alert(1)">bad</a>
<script>alert("x")</script>
<!-- comment [[Home]] [a](nowhere4) -->

Task:
* [ ] open
* [x] done [[About Us]]

Emoji :smile: ~~strike~~ H~2~O ==mark== www.example.com user@example.com

1. one
2. two

Setext [[About Us]]
-------------------

Email <me@x.test>. Hash [top](#). Query [q](About-Us?x=1#some-heading). Escaped \\[\\[Home\\]\\] \\[a](nowhere5). [evil](javascript:alert(1)) [data](data:text/html,x)
Math $a[[1]]$ end. [[mailto:me@x.test]] [[Mail|mailto:me@x.test]] [[https://x.test]] [[X|https://x.test/a b]]
`,
  'Latin.md': Buffer.from('636166e9206c6174696e0a', 'hex'),
  'Old-Notes.rst': 'old\n',
  'Page-(x).md': '# p\n',
  'README.md': 'r',
  'Utf16.md': Buffer.from('fffe68006900', 'hex'),
  'What? 100% #1 & more.md': 'a',
  '_Footer.md': 'Footer [[Home]] ![i](images/a%20b.png) <a href="Home">h</a>\n',
  '_Header.md': 'h',
  '_Sidebar.md': `# Main
* [[Home]]
* [[About Us]]
  * [Deep](Deep-Page)
    * [[er2]]
* Group
  * [[Latin]] and [[Bom]]
  * [ext](https://x.test)
* [[Nope]]

## Files
[[Manual|manual v1.pdf]]
[Old](Old-Notes)
**[Yes: "q" #1](Page-(x))**
`,
  'deep/er/Deep-Page.md':
    'Deep [[Home]] ![i](../../images/a%20b.png) [[../../images/a b.png]] [n](er2.md) <img src="../../images/a%20b.png"> [sp](../spec.adoc)',
  'deep/er/er2.md': 'x',
  'deep/spec.adoc': '= s\n',
  'images/a b.png': 'PNG',
  'index.md': 'i',
  'manual v1.pdf': '%PDF',
  'templates/T.md': 'see [[Home]]',
  'x.textile': 'h1. x',
  'y.org': '* x',
  '日本語.md': '# 日本\n',
}
