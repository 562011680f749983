// What was not looked at, and why: beside the diagnostics, since nothing that was not checked is silent.

/** `text` is the rest of a sentence that begins with `path`, where there is one: "is larger than 5 bytes; it was not checked". */
export type Note = { path?: string; text: string }
