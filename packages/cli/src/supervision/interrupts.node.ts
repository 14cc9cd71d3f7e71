/** What ends a program in the middle of its work: Ctrl-C, a service that is stopped, a terminal that is gone. */
export const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Interrupt = (typeof INTERRUPTS)[number];

/** What a program gives that such a signal ended: 128 and its number, which these have on every system. */
export const EXIT_OF: Readonly<Record<Interrupt, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * Calls `take` at each such signal with its name and how many there were by then. A terminal sends it to the
 * supervising process and to the one below it; another program may send it to the one that it started alone, which then
 * tells of it. So the same one may come twice.
 */
export function onInterrupt(take: (times: number, signal: Interrupt) => void): void {
  const counts = { felt: 0, told: 0 };
  const count = (how: keyof typeof counts, signal: Interrupt): void => {
    const before = Math.max(counts.felt, counts.told);
    counts[how] += 1;
    if (counts[how] > before) take(counts[how], signal);
  };
  for (const signal of INTERRUPTS) process.on(signal, () => count('felt', signal));
  if (process.channel === undefined) return;
  process.on('message', (message) => {
    const signal = INTERRUPTS.find((name) => name === message);
    if (signal !== undefined) count('told', signal);
  });
  // That it listens keeps no program running.
  process.channel.unref();
}
