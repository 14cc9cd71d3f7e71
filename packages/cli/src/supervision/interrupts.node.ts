/** What the supervising process tells the one below it. */
export const INTERRUPT = 'interrupt';

/**
 * Calls `take` at each Ctrl-C with how many there were by then. A terminal sends it to the supervising process and to
 * the one below it; another program may send it to the one that it started alone, which then tells of it. So the same
 * one may come twice.
 */
export function onInterrupt(take: (times: number) => void): void {
  const counts = { felt: 0, told: 0 };
  const count = (how: keyof typeof counts): void => {
    const before = Math.max(counts.felt, counts.told);
    counts[how] += 1;
    if (counts[how] > before) take(counts[how]);
  };
  process.on('SIGINT', () => count('felt'));
  if (process.channel === undefined) return;
  process.on('message', (message) => {
    if (message === INTERRUPT) count('told');
  });
  // That it listens keeps no program running.
  process.channel.unref();
}
