import type { ReadOptions } from '@deadbox/core';
import type { InstallationSubject } from '../subject/installation-subject.js';

/** Programs without which no Windows since Vista starts, below the Windows folder. */
const PROGRAMS: readonly string[] = [
  'ntoskrnl.exe',
  'ntdll.dll',
  'kernel32.dll',
  'smss.exe',
  'csrss.exe',
  'wininit.exe',
  'services.exe',
];
/** Of those so many may be bad at once on a disk that is to start. */
const MOST_BAD = 4;

/**
 * Whether a Windows folder holds next to none of the programs that make up Windows: what is left of one, or a part that
 * was copied. What a firmware would find on such a disk is not the question.
 */
export async function isSkeleton({ files, root }: InstallationSubject, options: ReadOptions): Promise<boolean> {
  const paths = PROGRAMS.map((name) => `${root}/System32/${name}`);
  const checked = await files.checkAll(paths, 'image', options);
  return checked.filter(({ state }) => state !== 'good' && state !== 'unreadable').length > MOST_BAD;
}
