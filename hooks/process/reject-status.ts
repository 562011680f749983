// How the JavaScript half of a hook says "reject", for the entry that says it and the build that tells the prelude.

/** The prelude makes a 1 of it. Not 1 itself: so ends a Node that could not even start the script. */
export const REJECT_STATUS = 10
