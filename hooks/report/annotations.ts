// Checked files → GitHub Actions workflow commands: an annotation on the line of a pull request for every problem.
import type { CheckedFile } from '../catalog/file.ts'
import { titles } from '../diagnostics/titles.ts'

export function annotations(files: readonly CheckedFile[]): string {
  return files
    .flatMap(file => file.diagnostics)
    .map(({ severity, path, line, column, endLine, endColumn, code, message, hint }) => {
      // An end column is only taken when the annotation stays on one line.
      const end = endLine === line ? `,endColumn=${endColumn}` : ''
      const place = `file=${property(path)},line=${line},endLine=${endLine},col=${column}${end},title=${property(titles[code])}`
      return `::${severity} ${place}::${data(`${message}${hint ? `. ${hint}` : ''} [${code}]`)}\n`
    })
    .join('')
}

const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
