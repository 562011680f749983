// Which file imports which, as text says it: types, re-exports, `import()` and `typeof import()` count, since a reader follows them, too.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** File → the files that it imports; all by their paths from the root. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** Room (a folder, or a file that stands for itself) → the rooms that it may import. A room may always import itself. */
export type RoomTable = Readonly<Record<string, readonly string[]>>

/** What is imported from beside: specifiers that begin with a dot. */
export function relativeImports(text: string): string[] {
  const fixed = text.matchAll(/^(?:import|export)\b(?:[^'"`;]*?\bfrom\b)?\s*'(\.[^']*)'/gm)
  const called = text.matchAll(/\b(?:import|require)\(\s*'(\.[^']*)'/g)
  return [...fixed, ...called].map(([, specifier = '']) => specifier)
}

/** Throws when an import leads nowhere: then a text was taken for one. */
export function readImports(root: string, folders: readonly string[]): ImportGraph {
  const files = folders
    .flatMap(folder => globSync(`${folder}/**/*.{ts,mjs,mts,cjs}`, { cwd: root }))
    .filter(file => !file.includes('node_modules/') && !file.startsWith('schemas/compiled/'))
  return new Map(
    files.map(file => {
      const targets = relativeImports(readFileSync(join(root, file), 'utf8')).map(specifier => {
        const target = resolve(root, dirname(file), specifier)
        if (!existsSync(target)) throw new Error(`${file} imports ${specifier}, which is not there`)
        return relative(root, target)
      })
      return [file, [...new Set(targets)]]
    }),
  )
}

/** The room of a file: the longest name in the table that is the file or a folder above it. */
export function roomOf(file: string, table: RoomTable): string | undefined {
  const rooms = Object.keys(table).filter(room => file === room || file.startsWith(`${room}/`))
  return rooms.sort((a, b) => b.length - a.length)[0]
}

/** One line for each import that the table does not allow, and for each file that has no room. */
export function wrongImports(graph: ImportGraph, table: RoomTable): string[] {
  return [...graph].flatMap(([file, targets]) => {
    const room = roomOf(file, table)
    if (room === undefined) return [`${file} is in no room of the table`]
    return targets.flatMap(target => {
      const into = roomOf(target, table) ?? target
      const isAllowed = into === room || table[room]?.includes(into)
      return isAllowed ? [] : [`${file} imports ${target}: ${room} may not import ${into}`]
    })
  })
}

/** Entries of the table that no import needs, as `room: other`. */
export function idleEntries(graph: ImportGraph, table: RoomTable): string[] {
  const used = new Set<string>()
  for (const [file, targets] of graph)
    for (const target of targets) used.add(`${roomOf(file, table)}: ${roomOf(target, table) ?? target}`)
  return Object.entries(table)
    .flatMap(([room, others]) => others.map(other => `${room}: ${other}`))
    .filter(entry => !used.has(entry))
}

/** Files that reach each other, each circle with its members in order of name. (Tarjan's strongly connected components.) */
export function circlesOf(graph: ImportGraph): string[][] {
  const circles: string[][] = []
  const order = new Map<string, number>()
  const open: string[] = []
  const visit = (file: string): number => {
    const own = order.size
    order.set(file, own)
    open.push(file)
    let lowest = own
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, visit(target))
      else if (open.includes(target)) lowest = Math.min(lowest, order.get(target) ?? own)
    }
    if (lowest === own) {
      const members = open.splice(open.indexOf(file))
      if (members.length > 1 || graph.get(file)?.includes(file)) circles.push(members.sort())
    }
    return lowest
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return circles
}
