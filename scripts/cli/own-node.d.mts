export function endWithStarter(): void
export function isOldNode(version?: string): boolean
export function ownNode(): string | undefined
export function runUnderOwnNode(what: string): Promise<number | undefined>
export function runsUnderOwnNode(what: string): Promise<boolean>
