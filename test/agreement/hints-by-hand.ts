// Hints that no machine can obey: what only a person can find out or choose.

/** Hints that leave something to find out or to choose, each with the reason. */
export const BY_HAND: readonly [hint: RegExp, reason: string][] = [
  [
    /^(?:choose one side|remove one of them, or|remove or rename|rename one)/,
    'which of two is meant, nobody else knows',
  ],
  [
    /^(?:save the file|take the file out of LFS|make it smaller|rename it: git mv)/,
    'it is about the file, not about its text',
  ],
  [
    /^(?:copy|put) the file into this repository|^(?:add|keep) the file|^add docs\/|^correct (?:that file|the pattern)|^name (?:the file|a file)/,
    'another file',
  ],
  [/^keep it in a file of its own|^commit the |^write for example "\$/, 'another file'],
  [
    /^in that file: |known here: |move (?:it|what is below it) into |^move it, with|move it to metadata\.annotations/,
    'where it belongs depends on what it is',
  ],
  [/of your own|in plain letters/, 'a name of their choice'],
  [/^an API has one definition/, 'names of their choice'],
  [
    /catalog\.(?:profile|placeholders|ownerFrom|rules)|^it is accepted from|^users and groups come/,
    'it is for administrators',
  ],
  [
    /^write the values? out|^write the fields out|^write in its place|^remove what is before|^move "&/,
    'what stands for what, a person reads',
  ],
  [
    /^write below "spec:", indented|^add "spec:"|^add "steps:"|^write below it at least/,
    'several values of their choice',
  ],
  [
    /^write the value itself|^write it with its scheme|^an entity reference looks|^write (?:a |the )?metadata\.name|^write its value$|^write .*, or remove the line$|^write the kind/,
    'a value of their choice',
  ],
  [
    /^if it belongs to|^if these are entries|^end the line after|^begin with |^write each entity|^start the line/,
    'it depends on what was meant',
  ],
  [
    /^put it in quotes, or|^add the closing (?!. at the end of line)|^remove it, or open it|^is the colon|^split it|^put a line break|^write the key of the list/,
    'it depends on what was meant',
  ],
  [
    /^remove one of them$|^remove the comma|^replace each tab|^write plain spaces|^write the prefix|^write it as a comment/,
    'a line of several, or of another place',
  ],
  [
    /^write "\S+: " and its value|^add "\w+:" with its value|^remove it$|^remove it, with its key|^write a space before|^put it in quotes$|^close it$|^put the whole value in quotes$|^write "\$text" in the place/,
    'a value of their choice',
  ],
  [
    /^write each (?:as an entry of its own|of its items)|^write ": " in the place of each "=", and|^write "\w+:" (?:on a line of its own, and|with its value below) |^an annotation accepts any string/,
    'a line of several, or of another place',
  ],
  [
    /^move (?:these \d+ lines|the line) right by 2 spaces, below|^write "#" (?:in the place of "\/(?:\/", which|\*", and)|before each line)/,
    'where it is, a person sees',
  ],
  [/^correct the name, or bring|^remove it and name|^remove it and .*in spec keep/, 'what is meant, its writer knows'],
  [/^remove the line and write out/, 'what stands for what, a person reads'],
  [
    /^move what is below it under|^close the bracket|^write spaces|^save|^remove its spaces|^remove ".+" from|^write the space$|^"#" begins a comment; write the value|^write ".+: >-" and|^have |^expected/,
    'it depends on what was meant',
  ],
]
