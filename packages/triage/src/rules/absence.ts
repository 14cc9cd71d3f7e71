import type { OpenMachine } from '@deadbox/windows';

/** Whether what a hive does not show is not there: one that lost parts, or was not read to its end, proves none. */
export function provesAbsence(opened: OpenMachine, name: 'system' | 'software'): boolean {
  const { verdict } = opened.machine.hives[name];
  const exhausted = (opened[name]?.issues.count('hive.work-exhausted') ?? 0) > 0;
  return (verdict === 'clean' || verdict === 'recoverable') && !exhausted;
}
