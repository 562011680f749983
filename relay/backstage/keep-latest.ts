// A map of bounded size: what was set last stays.

/** Sets it as the latest; beyond `most` the oldest goes. */
export function keepLatest<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
