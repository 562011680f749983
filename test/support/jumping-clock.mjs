// Preloaded into a process (--import): its wall clock is off by CLOCK_OFFSET_MS, and jumps by CLOCK_JUMP_MS at a SIGUSR2.
// As with a real jump, timers and performance.now() go on evenly, and timeOrigin stays what the clock said at the start.
const { CLOCK_OFFSET_MS = '0', CLOCK_JUMP_MS = '0' } = process.env
const wallMs = Date.now
let offsetMs = Number(CLOCK_OFFSET_MS)
Date.now = () => wallMs() + offsetMs
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + offsetMs })
process.on('SIGUSR2', () => {
  offsetMs += Number(CLOCK_JUMP_MS)
  process.stdout.write('{"level":"info","msg":"the clock has jumped"}\n')
})
