// `${NAME}` in texts of the configuration: put in after parsing, so that a value can never become YAML.

/** The same value with what the environment has; `$${` is a plain `${`. A name that it has not is a problem. */
export function substitute(
  value: unknown,
  env: Record<string, string | undefined>,
  problems: string[],
  setting = '',
): unknown {
  if (typeof value === 'string') {
    if (/(?<!\$)\$\{[^}]*$/.test(value))
      problems.push(`${setting}: "\${" without its "}"; expected \${NAME}, or $\${ for the sign itself`)
    return value.replace(/\$\$\{|\$\{([^}]*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return '${'
      const found = env[name]
      if (found === undefined) problems.push(`${setting}: the environment has no variable "${name}"`)
      return found ?? whole
    })
  }
  if (Array.isArray(value)) return value.map((one, i) => substitute(one, env, problems, `${setting}[${i}]`))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      substitute(one, env, problems, setting ? `${setting}.${key}` : key),
    ]),
  )
}
