// Whether a path fits a glob, as configurations and Locations write them.
import picomatch from 'picomatch'

/** `dot`: whether a wildcard stands for names that begin with a dot, too. A folder's name can have a line break. */
export function globTest(glob: string, { dot }: { dot: boolean }): (path: string) => boolean {
  const pattern = new RegExp(picomatch.makeRe(glob, { dot }).source, 's')
  return path => pattern.test(path)
}
